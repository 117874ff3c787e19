// What came to exist because a request named it: a record of births. What became of it since is not
// said here.
#pragma once

#include <string_view>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

void insert_provisioned_resource(WriteTx& tx, std::string_view arn, TimeMs now_ms);
// Oldest first; `after` is the id of the last row already seen, or 0.
std::vector<ProvisionedRow> list_provisioned_resources(ReadTx& tx, RowId after, int limit);
void delete_provisioned_resource(WriteTx& tx, RowId id);

}  // namespace carillon::store
