// Whether there are so many rows already: for --quotas enforce. Each asks for the n-th entry of an
// index, so it costs what stepping over n entries costs, and no more however many there are. Nobody
// asks in the usual mode.
#pragma once

#include <cstdint>
#include <string_view>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

// `arn_prefix` as in list_app_instances.
bool has_app_instances(ReadTx& tx, std::string_view arn_prefix, std::int64_t count);
bool has_users(ReadTx& tx, RowId app_instance_id, std::int64_t count);
bool has_admins(ReadTx& tx, RowId app_instance_id, std::int64_t count);
bool has_endpoints(ReadTx& tx, RowId user_id, std::int64_t count);
bool has_channels(ReadTx& tx, RowId app_instance_id, std::int64_t count);
bool has_members(ReadTx& tx, RowId channel_id, std::int64_t count);
bool has_moderators(ReadTx& tx, RowId channel_id, std::int64_t count);
bool has_memberships(ReadTx& tx, RowId member_id, std::int64_t count);
bool has_channel_flows(ReadTx& tx, RowId app_instance_id, std::int64_t count);

}  // namespace carillon::store
