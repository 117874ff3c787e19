// Rows of channel bans: who may not be added to a channel.
#pragma once

#include <optional>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

bool is_banned(ReadTx& tx, RowId channel_id, RowId member_id);
std::optional<BanRow> find_ban(ReadTx& tx, RowId channel_id, RowId member_id);
// In the order of member ids; `after` is the last member id already seen, or 0.
std::vector<BanRow> list_bans(ReadTx& tx, RowId channel_id, RowId after, int limit);
// False when the identity already was banned.
bool insert_ban(WriteTx& tx, RowId channel_id, RowId member_id, RowId created_by_id, TimeMs now_ms);
// False when it was not.
bool delete_ban(WriteTx& tx, RowId channel_id, RowId member_id);

}  // namespace carillon::store
