// Rows of messages on their way through a channel flow, and of the callbacks that they wait for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

std::optional<FlowExecutionRow> find_flow_execution(ReadTx& tx, RowId message_row_id);
void insert_flow_execution(WriteTx& tx, const FlowExecutionRow& row);
void update_flow_execution(WriteTx& tx, const FlowExecutionRow& row);  // step and revision
void delete_flow_execution(WriteTx& tx, RowId message_row_id);

// None of the functions below sees a callback whose channel, or whose channel's app instance, was
// deleted.
std::optional<CallbackRow> find_callback(ReadTx& tx, std::string_view callback_id);
// row.id and row.channel_arn are ignored. Returns the new row's id. Old callbacks that are over
// lose their event, and go in the end: see limits.h.
RowId insert_callback(WriteTx& tx, const CallbackRow& row);
// Marks what became of the callback: status, detail, the batch and the time it happened in.
void resolve_callback(WriteTx& tx, RowId id, std::string_view status, const OptionalText& detail,
                      TimeMs now_ms);
void set_callback_invocation(WriteTx& tx, RowId id, std::string_view invocation);

// After a restart: PENDING callbacks whose invocation is still QUEUED, oldest first.
std::vector<CallbackRow> list_queued_callbacks(ReadTx& tx, RowId after, int limit);
// PENDING callbacks whose deadline is at or before `now_ms`, earliest first.
std::vector<CallbackRow> list_expired_callbacks(ReadTx& tx, TimeMs now_ms, int limit);
// The earliest deadline of a PENDING callback.
std::optional<TimeMs> next_callback_deadline(ReadTx& tx);

// For the admin endpoint, newest first. Empty filters select all; `before` is the id of the last
// row already seen, or 0. Every filter is served by an index.
struct CallbackFilter {
  std::string_view status = {};
  std::optional<RowId> channel_id = {};
  std::string_view message_id = {};
  RowId before = 0;
  int limit = 0;
};
std::vector<CallbackRow> list_callbacks(ReadTx& tx, const CallbackFilter& filter);

}  // namespace carillon::store
