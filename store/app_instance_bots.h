// Rows of bots. They are identities of kind BOT, so that all that is said of a bearer, member,
// moderator or administrator holds for them; here is what is a bot's alone. delete_identity
// (app_instances.h) deletes them.
// All functions throw store::StoreError when SQLite fails; "not found" is an empty optional.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

std::optional<BotRow> find_bot(ReadTx& tx, std::string_view arn);
// In the order of creation; `after` is the id of the last row already seen, or 0.
std::vector<BotRow> list_bots(ReadTx& tx, RowId app_instance_id, RowId after, int limit);
RowId insert_bot(WriteTx& tx, const BotRow& row);  // row.id is ignored
// An absent configuration stays as it is.
void update_bot(WriteTx& tx, RowId id, std::string_view name, std::string_view metadata,
                const OptionalText& configuration, TimeMs now_ms);

}  // namespace carillon::store
