// Rows of app instances, their users and their administrators.
// All functions throw store::StoreError when SQLite fails; "not found" is an empty optional.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

std::optional<AppInstanceRow> find_app_instance(ReadTx& tx, std::string_view arn);
// Pages are in the order of creation; `after` is the id of the last row already seen, or 0.
// `arn_prefix` selects one account and region: exactly "arn:aws:chime:REGION:ACCOUNT:".
std::vector<AppInstanceRow> list_app_instances(ReadTx& tx, std::string_view arn_prefix, RowId after,
                                               int limit);
RowId insert_app_instance(WriteTx& tx, const AppInstanceRow& row);  // row.id is ignored
void update_app_instance(WriteTx& tx, RowId id, std::string_view name, std::string_view metadata,
                         TimeMs now_ms);
// Makes the app instance and all that it holds unreachable; the rows go later, see purge.h.
void delete_app_instance(WriteTx& tx, RowId id);

std::optional<IdentityRow> find_identity(ReadTx& tx, std::string_view arn);
// In the order of creation; `after` as above.
std::vector<IdentityRow> list_identities(ReadTx& tx, RowId app_instance_id, RowId after, int limit);
RowId insert_identity(WriteTx& tx, const IdentityRow& row);
void update_identity(WriteTx& tx, RowId id, std::string_view name, std::string_view metadata,
                     TimeMs now_ms);
// Removes the user with its memberships, moderatorships, bans, administratorship and endpoints.
// Messages stay, with the sender's ARN and last name: the row is kept as a nameplate that
// find_identity no longer sees.
void delete_identity(WriteTx& tx, RowId id);

bool is_admin(ReadTx& tx, RowId app_instance_id, RowId identity_id);
std::optional<AdminRow> find_admin(ReadTx& tx, RowId app_instance_id, RowId identity_id);
// In the order of identity ids; `after` is the last identity id already seen, or 0.
std::vector<AdminRow> list_admins(ReadTx& tx, RowId app_instance_id, RowId after, int limit);
// False when the identity already was an administrator.
bool insert_admin(WriteTx& tx, RowId app_instance_id, RowId identity_id, TimeMs now_ms);
// False when it was none.
bool delete_admin(WriteTx& tx, RowId app_instance_id, RowId identity_id);

}  // namespace carillon::store
