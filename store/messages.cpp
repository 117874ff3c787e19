#include "store/messages.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "store/connection.h"

namespace carillon::store {

namespace {

#define SELECT_MESSAGE                                                                            \
  "SELECT m.id, m.channel_id, m.sender_id, m.message_id, s.arn, s.name, m.type, "                 \
  "m.persistence, m.status, m.status_detail, m.content, m.metadata, m.content_type, "             \
  "m.message_attributes, m.push_notification, m.target_id, t.arn, m.sub_channel_id, m.redacted, " \
  "m.created_ms, m.edited_ms, m.updated_ms, e.message_row_id IS NOT NULL, e.content, "            \
  "e.metadata, e.content_type, e.message_attributes, e.push_notification "                        \
  "FROM channel_messages m CROSS JOIN identities s "                                              \
  "LEFT JOIN identities t ON t.id = m.target_id "                                                 \
  "LEFT JOIN flow_executions e ON e.message_row_id = m.id AND e.kind = 'UPDATE' "                 \
  "WHERE s.id = m.sender_id "

// The conditions of the partial indexes, word for word, and the bounds of a page: strictly within
// (?2, ?3) on the side where it begins, up to and including ?4 where it ends.
#define PERSISTENT_SENT \
  "AND m.channel_id = ?1 AND m.status = 'SENT' AND m.persistence = 'PERSISTENT' "
#define SENT PERSISTENT_SENT "AND m.target_id IS NULL "
#define TO_TARGET PERSISTENT_SENT "AND m.target_id IS NOT NULL AND m.target_id = ?5 "
#define TARGETED_BY_SENDER PERSISTENT_SENT "AND m.target_id IS NOT NULL AND m.sender_id = ?5 "
#define REST               \
  "AND m.channel_id = ?1 " \
  "AND (m.status <> 'SENT' OR m.persistence <> 'PERSISTENT' OR m.target_id IS NOT NULL) "
#define OWN_UNSENT "AND m.channel_id = ?1 AND m.sender_id = ?5 AND m.status <> 'SENT' "
#define UPWARDS                                                 \
  "AND (m.created_ms, m.id) > (?2, ?3) AND m.created_ms <= ?4 " \
  "ORDER BY m.created_ms, m.id "
#define DOWNWARDS                                               \
  "AND (m.created_ms, m.id) < (?2, ?3) AND m.created_ms >= ?4 " \
  "ORDER BY m.created_ms DESC, m.id DESC "

constexpr char kFindMessage[] = SELECT_MESSAGE R"sql(
  AND m.message_id = ?2 AND m.channel_id = ?1 )sql";
constexpr char kFindMessageById[] = SELECT_MESSAGE R"sql( AND m.id = ?1 )sql";
constexpr char kSentUpwards[] = SELECT_MESSAGE SENT UPWARDS R"sql()sql";
constexpr char kSentDownwards[] = SELECT_MESSAGE SENT DOWNWARDS R"sql()sql";
constexpr char kOwnUnsentUpwards[] = SELECT_MESSAGE OWN_UNSENT UPWARDS R"sql()sql";
constexpr char kOwnUnsentDownwards[] = SELECT_MESSAGE OWN_UNSENT DOWNWARDS R"sql()sql";
constexpr char kToTargetUpwards[] = SELECT_MESSAGE TO_TARGET UPWARDS R"sql()sql";
constexpr char kToTargetDownwards[] = SELECT_MESSAGE TO_TARGET DOWNWARDS R"sql()sql";
constexpr char kTargetedUpwards[] = SELECT_MESSAGE TARGETED_BY_SENDER UPWARDS R"sql()sql";
constexpr char kTargetedDownwards[] = SELECT_MESSAGE TARGETED_BY_SENDER DOWNWARDS R"sql()sql";
constexpr char kRestUpwards[] = SELECT_MESSAGE REST UPWARDS R"sql()sql";
constexpr char kRestDownwards[] = SELECT_MESSAGE REST DOWNWARDS R"sql()sql";
constexpr char kLastMessageMs[] = R"sql(
  SELECT created_ms FROM channel_messages
  WHERE channel_id = ?1 AND status = 'SENT' AND persistence = 'PERSISTENT' AND target_id IS NULL
  ORDER BY created_ms DESC LIMIT 1 )sql";
constexpr char kLastMessageToTargetMs[] = R"sql(
  SELECT created_ms FROM channel_messages
  WHERE channel_id = ?1 AND status = 'SENT' AND persistence = 'PERSISTENT'
    AND target_id IS NOT NULL AND target_id = ?2
  ORDER BY created_ms DESC LIMIT 1 )sql";
constexpr char kLastTargetedMessageMs[] = R"sql(
  SELECT created_ms FROM channel_messages
  WHERE channel_id = ?1 AND status = 'SENT' AND persistence = 'PERSISTENT'
    AND target_id IS NOT NULL AND sender_id = ?2
  ORDER BY created_ms DESC LIMIT 1 )sql";

constexpr char kInsertMessage[] = R"sql(
  INSERT INTO channel_messages
    (channel_id, sender_id, message_id, type, persistence, status, status_detail, content,
     metadata, content_type, message_attributes, push_notification, target_id, sub_channel_id,
     redacted, created_ms, edited_ms, updated_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) )sql";
constexpr char kSetRevision[] = R"sql(
  UPDATE channel_messages
  SET content = ?2, metadata = ?3, content_type = ?4, message_attributes = ?5,
      push_notification = ?6
  WHERE id = ?1 )sql";
constexpr char kSetStatus[] = R"sql(
  UPDATE channel_messages SET status = ?2, status_detail = ?3, updated_ms = ?4
  WHERE id = ?1 )sql";
constexpr char kSetEdited[] = R"sql(
  UPDATE channel_messages SET edited_ms = ?2, updated_ms = ?2 WHERE id = ?1 )sql";
constexpr char kRedact[] = R"sql(
  UPDATE channel_messages SET content = NULL, metadata = NULL, redacted = 1, updated_ms = ?2
  WHERE id = ?1 )sql";
constexpr char kDeleteMessage[] = R"sql( DELETE FROM channel_messages WHERE id = ?1 )sql";
constexpr char kDeleteExecution[] = R"sql(
  DELETE FROM flow_executions WHERE message_row_id = ?1 )sql";

MessageRevision read_revision(Statement& row) {
  MessageRevision result;
  result.content = row.next_optional_text();
  result.metadata = row.next_optional_text();
  result.content_type = row.next_optional_text();
  result.message_attributes = row.next_optional_text();
  result.push_notification = row.next_optional_text();
  return result;
}

MessageRow read_message(Statement& row) {
  MessageRow result;
  result.id = row.next_integer();
  result.channel_id = row.next_integer();
  result.sender_id = row.next_integer();
  result.message_id = row.next_text();
  result.sender_arn = row.next_text();
  result.sender_name = row.next_text();
  result.type = row.next_text();
  result.persistence = row.next_text();
  result.status = row.next_text();
  result.status_detail = row.next_optional_text();
  result.revision = read_revision(row);
  result.target_id = row.next_optional_integer();
  result.target_arn = row.next_optional_text();
  result.sub_channel_id = row.next_optional_text();
  result.redacted = row.next_boolean();
  result.created_ms = row.next_integer();
  result.edited_ms = row.next_optional_integer();
  result.updated_ms = row.next_integer();
  if (row.next_boolean()) result.pending_update = read_revision(row);
  return result;
}

// Where a page begins, exclusive, and the time it ends with, inclusive.
struct Bounds {
  MessagePosition begin;
  TimeMs end_ms;
};

Bounds bounds_of(const MessageRange& range) {
  const auto order = [](const MessagePosition& p) { return std::tuple(p.created_ms, p.id); };
  const auto earlier = [&](const MessagePosition& a, const MessagePosition& b) {
    return order(a) < order(b);
  };
  if (range.ascending) {
    const MessagePosition first{range.not_before_ms, INT64_MIN};
    return {range.after ? std::max(first, *range.after, earlier) : first, range.not_after_ms};
  }
  const MessagePosition last{range.not_after_ms, INT64_MAX};
  return {range.after ? std::min(last, *range.after, earlier) : last, range.not_before_ms};
}

// One of the ordered statements that are merged; its next row is fetched when it is asked for.
class Source {
 public:
  explicit Source(Statement statement) : statement_(std::move(statement)) { advance(); }

  bool at_end() const { return !has_row_; }
  MessagePosition position() const {
    return {statement_.integer(kCreatedMsColumn), statement_.integer(kIdColumn)};
  }
  MessageRow read() { return read_message(statement_); }
  void advance() { has_row_ = statement_.step(); }

 private:
  static constexpr int kIdColumn = 0;
  static constexpr int kCreatedMsColumn = 19;

  Statement statement_;
  bool has_row_ = false;
};

bool comes_first(const Source& a, const Source& b, bool ascending) {
  if (a.at_end()) return false;
  if (b.at_end()) return true;
  const MessagePosition x = a.position();
  const MessagePosition y = b.position();
  const bool earlier = std::tuple(x.created_ms, x.id) < std::tuple(y.created_ms, y.id);
  return earlier == ascending;
}

// No row is in two of the sources.
template <std::size_t count>
std::vector<MessageRow> merge(std::array<Source, count> sources, const MessageRange& range) {
  std::vector<MessageRow> page;
  if (range.limit <= 0) return page;
  page.reserve(static_cast<std::size_t>(range.limit));
  for (;;) {
    Source* next = &sources[0];
    for (Source& source : sources) {
      if (comes_first(source, *next, range.ascending)) next = &source;
    }
    if (next->at_end()) return page;
    page.push_back(next->read());
    if (page.size() == static_cast<std::size_t>(range.limit)) return page;
    next->advance();
  }
}

}  // namespace

std::optional<MessageRow> find_message(ReadTx& tx, RowId channel_id, std::string_view message_id) {
  return read_one(tx.connection().query(kFindMessage, channel_id, message_id), read_message);
}

std::optional<MessageRow> find_message_by_id(ReadTx& tx, RowId message_row_id) {
  return read_one(tx.connection().query(kFindMessageById, message_row_id), read_message);
}

std::vector<MessageRow> list_messages(ReadTx& tx, RowId channel_id, RowId viewer_id,
                                      const MessageRange& range) {
  const auto [begin, end_ms] = bounds_of(range);
  const auto source = [&](const char* upwards, const char* downwards, auto... viewer) {
    return Source(tx.connection().query(range.ascending ? upwards : downwards, channel_id,
                                        begin.created_ms, begin.id, end_ms, viewer...));
  };
  // A message that its sender targeted at himself would be in two of these; none can be sent.
  return merge(std::array{source(kSentUpwards, kSentDownwards),
                          source(kOwnUnsentUpwards, kOwnUnsentDownwards, viewer_id),
                          source(kToTargetUpwards, kToTargetDownwards, viewer_id),
                          source(kTargetedUpwards, kTargetedDownwards, viewer_id)},
               range);
}

std::vector<MessageRow> list_all_messages(ReadTx& tx, RowId channel_id, const MessageRange& range) {
  const auto [begin, end_ms] = bounds_of(range);
  const auto source = [&](const char* upwards, const char* downwards) {
    return Source(tx.connection().query(range.ascending ? upwards : downwards, channel_id,
                                        begin.created_ms, begin.id, end_ms));
  };
  return merge(
      std::array{source(kSentUpwards, kSentDownwards), source(kRestUpwards, kRestDownwards)},
      range);
}

std::optional<TimeMs> last_message_ms(ReadTx& tx, RowId channel_id, RowId viewer_id) {
  const auto time = [](Statement& row) { return row.integer(0); };
  Connection& connection = tx.connection();
  // An empty optional is less than any time.
  return std::max(
      {read_one(connection.query(kLastMessageMs, channel_id), time),
       read_one(connection.query(kLastMessageToTargetMs, channel_id, viewer_id), time),
       read_one(connection.query(kLastTargetedMessageMs, channel_id, viewer_id), time)});
}

RowId insert_message(WriteTx& tx, const MessageRow& row) {
  const MessageRevision& revision = row.revision;
  tx.connection().execute(kInsertMessage, row.channel_id, row.sender_id, row.message_id, row.type,
                          row.persistence, row.status, row.status_detail, revision.content,
                          revision.metadata, revision.content_type, revision.message_attributes,
                          revision.push_notification, row.target_id, row.sub_channel_id,
                          row.redacted, row.created_ms, row.edited_ms, row.updated_ms);
  return tx.connection().last_insert_id();
}

void set_message_revision(WriteTx& tx, RowId id, const MessageRevision& revision) {
  tx.connection().execute(kSetRevision, id, revision.content, revision.metadata,
                          revision.content_type, revision.message_attributes,
                          revision.push_notification);
}

void set_message_status(WriteTx& tx, RowId id, std::string_view status, const OptionalText& detail,
                        TimeMs now_ms) {
  tx.connection().execute(kSetStatus, id, status, detail, now_ms);
}

void set_message_edited(WriteTx& tx, RowId id, TimeMs edited_ms) {
  tx.connection().execute(kSetEdited, id, edited_ms);
}

void redact_message(WriteTx& tx, RowId id, TimeMs now_ms) {
  tx.connection().execute(kRedact, id, now_ms);
}

void delete_message(WriteTx& tx, RowId id) {
  tx.connection().execute(kDeleteMessage, id);
  tx.connection().execute(kDeleteExecution, id);
}

}  // namespace carillon::store
