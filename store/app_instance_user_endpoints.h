// Rows of users' endpoints: the devices that push notifications go to.
// All functions throw store::StoreError when SQLite fails; "not found" is an empty optional.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

std::optional<EndpointRow> find_endpoint(ReadTx& tx, RowId user_id, std::string_view endpoint_id);
// In the order of registration; `after` is the id of the last row already seen, or 0.
std::vector<EndpointRow> list_endpoints(ReadTx& tx, RowId user_id, RowId after, int limit);
// row.id is ignored.
void insert_endpoint(WriteTx& tx, const EndpointRow& row);
// Absent members keep their value.
void update_endpoint(WriteTx& tx, RowId id, const OptionalText& name,
                     const OptionalText& allow_messages, TimeMs now_ms);
void delete_endpoint(WriteTx& tx, RowId id);

}  // namespace carillon::store
