// Rows of channel messages.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

std::optional<MessageRow> find_message(ReadTx& tx, RowId channel_id, std::string_view message_id);
std::optional<MessageRow> find_message_by_id(ReadTx& tx, RowId message_row_id);

// Where a page of messages begins: messages are ordered by (created_ms, id).
struct MessagePosition {
  TimeMs created_ms = 0;
  RowId id = 0;
};
struct MessageRange {
  TimeMs not_before_ms = INT64_MIN;  // inclusive
  TimeMs not_after_ms = INT64_MAX;   // inclusive
  bool ascending = false;
  std::optional<MessagePosition> after;  // the last message already seen, in the page's direction
  int limit = 0;
};
// What `viewer_id` may list: SENT messages that are targeted at nobody, at him or by him, and his
// own PENDING and FAILED ones. Reads no row that
// it does not return, but for one. A NON_PERSISTENT message that is SENT is never listed; whoever
// delivers it also deletes it, because find_message would still see it.
std::vector<MessageRow> list_messages(ReadTx& tx, RowId channel_id, RowId viewer_id,
                                      const MessageRange& range);
// Every message of the channel, whatever its status: for the admin endpoint.
std::vector<MessageRow> list_all_messages(ReadTx& tx, RowId channel_id, const MessageRange& range);
// When the last SENT, PERSISTENT message of the channel that `viewer_id` may see was created.
std::optional<TimeMs> last_message_ms(ReadTx& tx, RowId channel_id, RowId viewer_id);

// row.id, sender_arn, sender_name and target_arn are ignored. Returns the new row's id.
RowId insert_message(WriteTx& tx, const MessageRow& row);
void set_message_revision(WriteTx& tx, RowId id, const MessageRevision& revision);
void set_message_status(WriteTx& tx, RowId id, std::string_view status, const OptionalText& detail,
                        TimeMs now_ms);
void set_message_edited(WriteTx& tx, RowId id, TimeMs edited_ms);
// Content and metadata go, the redacted mark is set.
void redact_message(WriteTx& tx, RowId id, TimeMs now_ms);
void delete_message(WriteTx& tx, RowId id);

}  // namespace carillon::store
