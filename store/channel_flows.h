// Rows of channel flows and their processors.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

std::optional<ChannelFlowRow> find_channel_flow(ReadTx& tx, std::string_view arn);
// In the order of creation; `after` is the last id already seen, or 0.
std::vector<ChannelFlowRow> list_channel_flows(ReadTx& tx, RowId app_instance_id, RowId after,
                                               int limit);
// Every channel flow, of every app instance: for the admin endpoint.
std::vector<ChannelFlowRow> list_all_channel_flows(ReadTx& tx, RowId after, int limit);
// In execution order. A version's processors never change and outlive the flow while messages that
// entered with it are under way.
std::vector<ProcessorRow> list_processors(ReadTx& tx, RowId version_id);
bool is_channel_flow_associated(ReadTx& tx, RowId id);

// Returns the new flow's id. row.id and row.version_id are ignored.
RowId insert_channel_flow(WriteTx& tx, const ChannelFlowRow& row,
                          const std::vector<ProcessorRow>& processors);
// Gives the flow a new version.
void update_channel_flow(WriteTx& tx, RowId id, std::string_view name,
                         const std::vector<ProcessorRow>& processors, TimeMs now_ms);
void delete_channel_flow(WriteTx& tx, RowId id);

}  // namespace carillon::store
