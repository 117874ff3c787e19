#include "store/flow_executions.h"

#include <algorithm>
#include <array>

#include "store/connection.h"
#include "store/limits.h"

namespace carillon::store {

namespace {

constexpr char kFindExecution[] = R"sql(
  SELECT message_row_id, kind, flow_version_id, step, content, metadata, content_type,
         message_attributes, push_notification, created_ms
  FROM flow_executions WHERE message_row_id = ?1 )sql";
constexpr char kInsertExecution[] = R"sql(
  INSERT INTO flow_executions
    (message_row_id, kind, flow_version_id, step, content, metadata, content_type,
     message_attributes, push_notification, created_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) )sql";
constexpr char kUpdateExecution[] = R"sql(
  UPDATE flow_executions
  SET step = ?2, content = ?3, metadata = ?4, content_type = ?5, message_attributes = ?6,
      push_notification = ?7
  WHERE message_row_id = ?1 )sql";
constexpr char kDeleteExecution[] = R"sql(
  DELETE FROM flow_executions WHERE message_row_id = ?1 )sql";

// The callbacks of a deleted channel, or of a deleted app instance's channels, are there until they
// are purged. The joins hide them everywhere, so that none can be answered, sent again or expire.
// What that steps over is no more than the purge has not come to yet; it begins with callbacks.
#define SELECT_CALLBACK                                                                      \
  "SELECT k.id, k.callback_id, k.message_row_id, k.channel_id, k.message_id, c.arn, "        \
  "k.processor_name, k.processor_arn, k.fallback_action, k.status, k.invocation, k.detail, " \
  "k.event, k.resolved_batch, k.created_ms, k.deadline_ms, k.resolved_ms FROM callbacks k "
#define OF_LIVING_CHANNEL                             \
  "CROSS JOIN channels c CROSS JOIN app_instances a " \
  "WHERE c.id = k.channel_id AND a.id = c.app_instance_id "
#define NEWEST_FIRST "AND k.id < ?1 ORDER BY k.id DESC LIMIT ?2 "

constexpr char kFindCallback[] =
    SELECT_CALLBACK OF_LIVING_CHANNEL R"sql( AND k.callback_id = ?1 )sql";
constexpr char kInsertCallback[] = R"sql(
  INSERT INTO callbacks
    (callback_id, message_row_id, channel_id, message_id, processor_name, processor_arn,
     fallback_action, status, invocation, detail, event, resolved_batch, created_ms, deadline_ms,
     resolved_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) )sql";
// One that was pending for so long that others would have lost their event loses it now.
constexpr char kResolveCallback[] = R"sql(
  UPDATE callbacks
  SET status = ?2, detail = ?3, resolved_ms = ?4, resolved_batch = ?5,
      event = CASE WHEN id > (SELECT max(id) FROM callbacks) - ?6 THEN event ELSE '' END
  WHERE id = ?1 )sql";
constexpr char kDropEvents[] = R"sql(
  UPDATE callbacks SET event = '' WHERE id > ?1 AND id <= ?2 AND status <> 'PENDING' )sql";
constexpr char kDropCallbacks[] = R"sql(
  DELETE FROM callbacks WHERE id IN (
    SELECT id FROM (
      SELECT id, status, deadline_ms FROM callbacks WHERE id <= ?1 ORDER BY id LIMIT ?2)
    WHERE status <> 'PENDING' AND deadline_ms < ?3) )sql";
constexpr char kSetInvocation[] = R"sql( UPDATE callbacks SET invocation = ?2 WHERE id = ?1 )sql";

// Left to itself SQLite prefers the index by status here, and reads all that is PENDING.
constexpr char kListQueued[] =
    SELECT_CALLBACK "INDEXED BY callbacks_queued " OF_LIVING_CHANNEL R"sql(
  AND k.status = 'PENDING' AND k.invocation = 'QUEUED' AND k.id > ?1
  ORDER BY k.id LIMIT ?2 )sql";
constexpr char kListExpired[] =
    SELECT_CALLBACK "INDEXED BY callbacks_by_deadline " OF_LIVING_CHANNEL R"sql(
  AND k.status = 'PENDING' AND k.deadline_ms <= ?1 ORDER BY k.deadline_ms, k.id LIMIT ?2 )sql";
constexpr char kNextDeadline[] = R"sql(
  SELECT k.deadline_ms FROM callbacks k INDEXED BY callbacks_by_deadline
  CROSS JOIN channels c CROSS JOIN app_instances a
  WHERE c.id = k.channel_id AND a.id = c.app_instance_id AND k.status = 'PENDING'
  ORDER BY k.deadline_ms LIMIT 1 )sql";

constexpr char kListCallbacks[] = SELECT_CALLBACK OF_LIVING_CHANNEL NEWEST_FIRST R"sql()sql";
constexpr char kListCallbacksByStatus[] =
    SELECT_CALLBACK OF_LIVING_CHANNEL "AND k.status = ?3 " NEWEST_FIRST R"sql()sql";
constexpr char kListCallbacksByChannel[] = SELECT_CALLBACK OF_LIVING_CHANNEL
    "AND k.channel_id = ?3 AND k.status = ?4 " NEWEST_FIRST R"sql()sql";
// A message has few callbacks; the other filters may look at them all.
constexpr char kListCallbacksByMessage[] = SELECT_CALLBACK OF_LIVING_CHANNEL
    "AND k.message_id = ?3 AND (?4 IS NULL OR +k.channel_id = ?4) "
    "AND (?5 = '' OR +k.status = ?5) " NEWEST_FIRST R"sql()sql";

constexpr std::array kCallbackStatuses = {"PENDING", "COMPLETED", "DENIED", "FAILED", "EXPIRED"};

FlowExecutionRow read_execution(Statement& row) {
  FlowExecutionRow result;
  result.message_row_id = row.next_integer();
  result.kind = row.next_text();
  result.flow_version_id = row.next_integer();
  result.step = static_cast<int>(row.next_integer());
  result.revision.content = row.next_optional_text();
  result.revision.metadata = row.next_optional_text();
  result.revision.content_type = row.next_optional_text();
  result.revision.message_attributes = row.next_optional_text();
  result.revision.push_notification = row.next_optional_text();
  result.created_ms = row.next_integer();
  return result;
}

CallbackRow read_callback(Statement& row) {
  CallbackRow result;
  result.id = row.next_integer();
  result.callback_id = row.next_text();
  result.message_row_id = row.next_integer();
  result.channel_id = row.next_integer();
  result.message_id = row.next_text();
  result.channel_arn = row.next_text();
  result.processor_name = row.next_text();
  result.processor_arn = row.next_text();
  result.fallback_action = row.next_text();
  result.status = row.next_text();
  result.invocation = row.next_text();
  result.detail = row.next_optional_text();
  result.event = row.next_text();
  result.resolved_batch = row.next_integer();
  result.created_ms = row.next_integer();
  result.deadline_ms = row.next_integer();
  result.resolved_ms = row.next_optional_integer();
  return result;
}

// The index is by channel and status, which answers both questions about a channel in order: for
// all its callbacks, a page of each status is merged into one.
std::vector<CallbackRow> list_callbacks_of_channel(Connection& connection, RowId channel_id,
                                                   RowId before, int limit) {
  std::vector<CallbackRow> rows;
  for (const char* status : kCallbackStatuses) {
    auto some =
        read_all(connection.query(kListCallbacksByChannel, before, limit, channel_id, status),
                 read_callback);
    std::move(some.begin(), some.end(), std::back_inserter(rows));
  }
  std::sort(rows.begin(), rows.end(),
            [](const CallbackRow& a, const CallbackRow& b) { return a.id > b.id; });
  if (rows.size() > static_cast<std::size_t>(limit)) {
    rows.resize(static_cast<std::size_t>(limit));
  }
  return rows;
}

// Some at a time, so that it costs nothing that a request would notice. Each row comes by the end
// of those that keep their event once; if it is PENDING then, it loses its event when resolved.
void drop_old_callbacks(WriteTx& tx, RowId newest, TimeMs now_ms) {
  if (newest % kCallbacksDroppedTogether != 0) return;
  const RowId last_without_event = newest - kCallbackEventsMax;
  tx.connection().execute(kDropEvents, last_without_event - kCallbacksDroppedTogether,
                          last_without_event);
  tx.connection().execute(kDropCallbacks, newest - kCallbacksMax, 2 * kCallbacksDroppedTogether,
                          now_ms);
}

}  // namespace

std::optional<FlowExecutionRow> find_flow_execution(ReadTx& tx, RowId message_row_id) {
  return read_one(tx.connection().query(kFindExecution, message_row_id), read_execution);
}

void insert_flow_execution(WriteTx& tx, const FlowExecutionRow& row) {
  const MessageRevision& revision = row.revision;
  tx.connection().execute(kInsertExecution, row.message_row_id, row.kind, row.flow_version_id,
                          row.step, revision.content, revision.metadata, revision.content_type,
                          revision.message_attributes, revision.push_notification, row.created_ms);
}

void update_flow_execution(WriteTx& tx, const FlowExecutionRow& row) {
  const MessageRevision& revision = row.revision;
  tx.connection().execute(kUpdateExecution, row.message_row_id, row.step, revision.content,
                          revision.metadata, revision.content_type, revision.message_attributes,
                          revision.push_notification);
}

void delete_flow_execution(WriteTx& tx, RowId message_row_id) {
  tx.connection().execute(kDeleteExecution, message_row_id);
}

std::optional<CallbackRow> find_callback(ReadTx& tx, std::string_view callback_id) {
  auto row = read_one(tx.connection().query(kFindCallback, callback_id), read_callback);
  if (row && !tx.sees(row->channel_arn)) return std::nullopt;
  return row;
}

RowId insert_callback(WriteTx& tx, const CallbackRow& row) {
  tx.connection().execute(kInsertCallback, row.callback_id, row.message_row_id, row.channel_id,
                          row.message_id, row.processor_name, row.processor_arn,
                          row.fallback_action, row.status, row.invocation, row.detail, row.event,
                          row.resolved_batch, row.created_ms, row.deadline_ms, row.resolved_ms);
  const RowId id = tx.connection().last_insert_id();
  drop_old_callbacks(tx, id, row.created_ms);
  return id;
}

void resolve_callback(WriteTx& tx, RowId id, std::string_view status, const OptionalText& detail,
                      TimeMs now_ms) {
  tx.connection().execute(kResolveCallback, id, status, detail, now_ms, tx.batch(),
                          kCallbackEventsMax);
}

void set_callback_invocation(WriteTx& tx, RowId id, std::string_view invocation) {
  tx.connection().execute(kSetInvocation, id, invocation);
}

std::vector<CallbackRow> list_queued_callbacks(ReadTx& tx, RowId after, int limit) {
  return read_all(tx.connection().query(kListQueued, after, limit), read_callback);
}

std::vector<CallbackRow> list_expired_callbacks(ReadTx& tx, TimeMs now_ms, int limit) {
  return read_all(tx.connection().query(kListExpired, now_ms, limit), read_callback);
}

std::optional<TimeMs> next_callback_deadline(ReadTx& tx) {
  return read_one(tx.connection().query(kNextDeadline),
                  [](Statement& row) { return row.integer(0); });
}

std::vector<CallbackRow> list_callbacks(ReadTx& tx, const CallbackFilter& filter) {
  Connection& connection = tx.connection();
  const RowId before = filter.before == 0 ? INT64_MAX : filter.before;
  if (filter.limit <= 0) return {};
  if (!filter.message_id.empty()) {
    return read_all(connection.query(kListCallbacksByMessage, before, filter.limit,
                                     filter.message_id, filter.channel_id, filter.status),
                    read_callback);
  }
  if (filter.channel_id && filter.status.empty()) {
    return list_callbacks_of_channel(connection, *filter.channel_id, before, filter.limit);
  }
  if (filter.channel_id) {
    return read_all(connection.query(kListCallbacksByChannel, before, filter.limit,
                                     filter.channel_id, filter.status),
                    read_callback);
  }
  if (!filter.status.empty()) {
    return read_all(connection.query(kListCallbacksByStatus, before, filter.limit, filter.status),
                    read_callback);
  }
  return read_all(connection.query(kListCallbacks, before, filter.limit), read_callback);
}

}  // namespace carillon::store
