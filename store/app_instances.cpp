#include "store/app_instances.h"

#include "store/connection.h"
#include "store/resource_tags.h"

namespace carillon::store {

namespace {

#define APP_INSTANCE_COLUMNS "id, arn, name, metadata, created_ms, updated_ms "
#define IDENTITY_COLUMNS                                                             \
  "i.id, i.app_instance_id, i.arn, i.name, i.metadata, i.expiration, i.created_ms, " \
  "i.updated_ms "

constexpr char kFindAppInstance[] =
    "SELECT " APP_INSTANCE_COLUMNS R"sql( FROM app_instances WHERE arn = ?1 )sql";
constexpr char kListAppInstances[] = "SELECT " APP_INSTANCE_COLUMNS R"sql(
  FROM app_instances WHERE scope = ?1 AND id > ?2 ORDER BY id LIMIT ?3 )sql";
constexpr char kInsertAppInstance[] = R"sql(
  INSERT INTO app_instances (arn, scope, name, metadata, created_ms, updated_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6) )sql";
constexpr char kUpdateAppInstance[] = R"sql(
  UPDATE app_instances SET name = ?2, metadata = ?3, updated_ms = ?4 WHERE id = ?1 )sql";
constexpr char kDeleteAppInstance[] = R"sql( DELETE FROM app_instances WHERE id = ?1 )sql";
constexpr char kPurgeAppInstance[] = R"sql(
  INSERT INTO purge_queue (kind, target_id, arn)
  SELECT 'APP_INSTANCE', id, arn FROM app_instances WHERE id = ?1 )sql";

// What a deleted app instance held is still there until it is purged, hence the join.
constexpr char kFindIdentity[] = "SELECT " IDENTITY_COLUMNS R"sql(
  FROM identities i CROSS JOIN app_instances a
  WHERE i.arn = ?1 AND i.deleted_ms IS NULL AND a.id = i.app_instance_id )sql";
constexpr char kListIdentities[] = "SELECT " IDENTITY_COLUMNS R"sql(
  FROM identities i
  WHERE i.app_instance_id = ?1 AND i.kind = 'USER' AND i.deleted_ms IS NULL AND i.id > ?2
  ORDER BY i.id LIMIT ?3 )sql";
constexpr char kInsertIdentity[] = R"sql(
  INSERT INTO identities
    (app_instance_id, kind, arn, name, metadata, expiration, created_ms, updated_ms)
  VALUES (?1, 'USER', ?2, ?3, ?4, ?5, ?6, ?7) )sql";
constexpr char kUpdateIdentity[] = R"sql(
  UPDATE identities SET name = ?2, metadata = ?3, updated_ms = ?4 WHERE id = ?1 )sql";
// There is no clock here, and nobody asks when it was: the mark is all that counts.
constexpr char kDeleteIdentity[] = R"sql(
  UPDATE identities SET deleted_ms = updated_ms, metadata = NULL, expiration = NULL,
                        configuration = NULL
  WHERE id = ?1 )sql";
constexpr char kDeleteMemberships[] = R"sql(
  DELETE FROM channel_memberships WHERE member_id = ?1 )sql";
constexpr char kDeleteModeratorships[] = R"sql(
  DELETE FROM channel_moderators WHERE identity_id = ?1 )sql";
constexpr char kDeleteBans[] = R"sql(
  DELETE FROM channel_bans WHERE member_id = ?1 )sql";
constexpr char kDeleteAdministratorships[] = R"sql(
  DELETE FROM app_instance_admins WHERE identity_id = ?1 )sql";
constexpr char kDeleteEndpoints[] = R"sql(
  DELETE FROM app_instance_user_endpoints WHERE user_id = ?1 )sql";

constexpr char kIsAdmin[] = R"sql(
  SELECT 1 FROM app_instance_admins WHERE app_instance_id = ?1 AND identity_id = ?2 )sql";
constexpr char kFindAdmin[] = R"sql(
  SELECT i.id, i.arn, i.name, a.created_ms
  FROM app_instance_admins a CROSS JOIN identities i
  WHERE a.app_instance_id = ?1 AND a.identity_id = ?2 AND i.id = a.identity_id )sql";
constexpr char kListAdmins[] = R"sql(
  SELECT i.id, i.arn, i.name, a.created_ms
  FROM app_instance_admins a CROSS JOIN identities i
  WHERE a.app_instance_id = ?1 AND a.identity_id > ?2 AND i.id = a.identity_id
  ORDER BY a.identity_id LIMIT ?3 )sql";
constexpr char kInsertAdmin[] = R"sql(
  INSERT INTO app_instance_admins (app_instance_id, identity_id, created_ms)
  VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING )sql";
constexpr char kDeleteAdmin[] = R"sql(
  DELETE FROM app_instance_admins WHERE app_instance_id = ?1 AND identity_id = ?2 )sql";

AppInstanceRow read_app_instance(Statement& row) {
  AppInstanceRow result;
  result.id = row.next_integer();
  result.arn = row.next_text();
  result.name = row.next_text();
  result.metadata = row.next_optional_text();
  result.created_ms = row.next_integer();
  result.updated_ms = row.next_integer();
  return result;
}

IdentityRow read_identity(Statement& row) {
  IdentityRow result;
  result.id = row.next_integer();
  result.app_instance_id = row.next_integer();
  result.arn = row.next_text();
  result.name = row.next_text();
  result.metadata = row.next_optional_text();
  result.expiration = row.next_optional_text();
  result.created_ms = row.next_integer();
  result.updated_ms = row.next_integer();
  return result;
}

AdminRow read_admin(Statement& row) {
  AdminRow result;
  result.identity_id = row.next_integer();
  result.arn = row.next_text();
  result.name = row.next_text();
  result.created_ms = row.next_integer();
  return result;
}

// "arn:aws:chime:REGION:ACCOUNT:", the part of the ARN that ends with its fifth colon.
std::string_view scope_of(std::string_view arn) {
  std::size_t end = 0;
  for (int colons = 0; colons < 5; ++colons) {
    const std::size_t colon = arn.find(':', end);
    if (colon == std::string_view::npos) return arn;
    end = colon + 1;
  }
  return arn.substr(0, end);
}

}  // namespace

std::optional<AppInstanceRow> find_app_instance(ReadTx& tx, std::string_view arn) {
  if (!tx.sees(arn)) return std::nullopt;
  return read_one(tx.connection().query(kFindAppInstance, arn), read_app_instance);
}

std::vector<AppInstanceRow> list_app_instances(ReadTx& tx, std::string_view arn_prefix, RowId after,
                                               int limit) {
  return read_all(tx.connection().query(kListAppInstances, arn_prefix, after, limit),
                  read_app_instance);
}

RowId insert_app_instance(WriteTx& tx, const AppInstanceRow& row) {
  tx.connection().execute(kInsertAppInstance, row.arn, scope_of(row.arn), row.name, row.metadata,
                          row.created_ms, row.updated_ms);
  return tx.connection().last_insert_id();
}

void update_app_instance(WriteTx& tx, RowId id, std::string_view name, std::string_view metadata,
                         TimeMs now_ms) {
  tx.connection().execute(kUpdateAppInstance, id, name, metadata, now_ms);
}

void delete_app_instance(WriteTx& tx, RowId id) {
  delete_app_instance_tags(tx, id);
  tx.connection().execute(kPurgeAppInstance, id);
  tx.connection().execute(kDeleteAppInstance, id);
}

std::optional<IdentityRow> find_identity(ReadTx& tx, std::string_view arn) {
  if (!tx.sees(arn)) return std::nullopt;
  return read_one(tx.connection().query(kFindIdentity, arn), read_identity);
}

std::vector<IdentityRow> list_identities(ReadTx& tx, RowId app_instance_id, RowId after,
                                         int limit) {
  return read_all(tx.connection().query(kListIdentities, app_instance_id, after, limit),
                  read_identity);
}

RowId insert_identity(WriteTx& tx, const IdentityRow& row) {
  tx.connection().execute(kInsertIdentity, row.app_instance_id, row.arn, row.name, row.metadata,
                          row.expiration, row.created_ms, row.updated_ms);
  return tx.connection().last_insert_id();
}

void update_identity(WriteTx& tx, RowId id, std::string_view name, std::string_view metadata,
                     TimeMs now_ms) {
  tx.connection().execute(kUpdateIdentity, id, name, metadata, now_ms);
}

void delete_identity(WriteTx& tx, RowId id) {
  delete_identity_tags(tx, id);
  tx.connection().execute(kDeleteMemberships, id);
  tx.connection().execute(kDeleteModeratorships, id);
  tx.connection().execute(kDeleteBans, id);
  tx.connection().execute(kDeleteAdministratorships, id);
  tx.connection().execute(kDeleteEndpoints, id);
  tx.connection().execute(kDeleteIdentity, id);
}

bool is_admin(ReadTx& tx, RowId app_instance_id, RowId identity_id) {
  return tx.connection().query(kIsAdmin, app_instance_id, identity_id).step();
}

std::optional<AdminRow> find_admin(ReadTx& tx, RowId app_instance_id, RowId identity_id) {
  return read_one(tx.connection().query(kFindAdmin, app_instance_id, identity_id), read_admin);
}

std::vector<AdminRow> list_admins(ReadTx& tx, RowId app_instance_id, RowId after, int limit) {
  return read_all(tx.connection().query(kListAdmins, app_instance_id, after, limit), read_admin);
}

bool insert_admin(WriteTx& tx, RowId app_instance_id, RowId identity_id, TimeMs now_ms) {
  return tx.connection().execute(kInsertAdmin, app_instance_id, identity_id, now_ms) > 0;
}

bool delete_admin(WriteTx& tx, RowId app_instance_id, RowId identity_id) {
  return tx.connection().execute(kDeleteAdmin, app_instance_id, identity_id) > 0;
}

}  // namespace carillon::store
