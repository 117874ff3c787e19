// Rows of push notifications: the record of what would have been sent to users' endpoints, and the
// messages whose notifications have not all been recorded yet ("fan-outs").
// All functions throw store::StoreError when SQLite fails; "not found" is an empty optional.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

// The members from `from` on, in the order of member ids, each once for each of his endpoints in
// the order of registration; who has none, or none after `from`, comes once without one. Nobody, if
// the channel or its app instance was deleted. `limit` must be 2 at the least: a page may begin
// with the member with whom the last one ended.
std::vector<PushReceiverRow> list_push_receivers(ReadTx& tx, RowId channel_id,
                                                 const std::optional<RowId>& only_member_id,
                                                 const PushPosition& from, int limit);

// row.id is ignored. Only the newest are kept: see limits.h.
void insert_push_fan_out(WriteTx& tx, const PushFanOutRow& row);
// The oldest.
std::optional<PushFanOutRow> first_push_fan_out(ReadTx& tx);
void set_push_fan_out_position(WriteTx& tx, RowId id, const PushPosition& position);
void delete_push_fan_out(WriteTx& tx, RowId id);

// row.id, row.channel_arn and row.member_arn are ignored. Only the newest are kept: see limits.h.
void insert_push_notification(WriteTx& tx, const PushNotificationRow& row);

// For the admin endpoint, newest first. Empty filters select all; `before` is the id of the last
// row already seen, or 0. Does not see those of a channel that was deleted.
struct PushNotificationFilter {
  std::optional<RowId> channel_id = {};
  std::optional<RowId> member_id = {};
  std::string_view message_id = {};
  RowId before = 0;
  int limit = 0;
};
std::vector<PushNotificationRow> list_push_notifications(ReadTx& tx,
                                                         const PushNotificationFilter& filter);

}  // namespace carillon::store
