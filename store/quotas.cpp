#include "store/quotas.h"

#include "store/connection.h"

namespace carillon::store {

namespace {

constexpr char kAppInstances[] = R"sql(
  SELECT 1 FROM app_instances WHERE scope = ?1 LIMIT 1 OFFSET ?2 )sql";
constexpr char kUsers[] = R"sql(
  SELECT 1 FROM identities
  WHERE app_instance_id = ?1 AND kind = 'USER' AND deleted_ms IS NULL LIMIT 1 OFFSET ?2 )sql";
constexpr char kAdmins[] = R"sql(
  SELECT 1 FROM app_instance_admins WHERE app_instance_id = ?1 LIMIT 1 OFFSET ?2 )sql";
constexpr char kEndpoints[] = R"sql(
  SELECT 1 FROM app_instance_user_endpoints WHERE user_id = ?1 LIMIT 1 OFFSET ?2 )sql";
constexpr char kChannels[] = R"sql(
  SELECT 1 FROM channels WHERE app_instance_id = ?1 LIMIT 1 OFFSET ?2 )sql";
constexpr char kMembers[] = R"sql(
  SELECT 1 FROM channel_memberships WHERE channel_id = ?1 LIMIT 1 OFFSET ?2 )sql";
constexpr char kModerators[] = R"sql(
  SELECT 1 FROM channel_moderators WHERE channel_id = ?1 LIMIT 1 OFFSET ?2 )sql";
constexpr char kMemberships[] = R"sql(
  SELECT 1 FROM channel_memberships WHERE member_id = ?1 LIMIT 1 OFFSET ?2 )sql";
constexpr char kChannelFlows[] = R"sql(
  SELECT 1 FROM channel_flows WHERE app_instance_id = ?1 LIMIT 1 OFFSET ?2 )sql";

template <typename Parent>
bool nth_exists(ReadTx& tx, const char* sql, const Parent& parent, std::int64_t n) {
  return tx.connection().query(sql, parent, n - 1).step();
}

}  // namespace

bool has_app_instances(ReadTx& tx, std::string_view arn_prefix, std::int64_t count) {
  return nth_exists(tx, kAppInstances, arn_prefix, count);
}

bool has_users(ReadTx& tx, RowId app_instance_id, std::int64_t count) {
  return nth_exists(tx, kUsers, app_instance_id, count);
}

bool has_admins(ReadTx& tx, RowId app_instance_id, std::int64_t count) {
  return nth_exists(tx, kAdmins, app_instance_id, count);
}

bool has_endpoints(ReadTx& tx, RowId user_id, std::int64_t count) {
  return nth_exists(tx, kEndpoints, user_id, count);
}

bool has_channels(ReadTx& tx, RowId app_instance_id, std::int64_t count) {
  return nth_exists(tx, kChannels, app_instance_id, count);
}

bool has_members(ReadTx& tx, RowId channel_id, std::int64_t count) {
  return nth_exists(tx, kMembers, channel_id, count);
}

bool has_moderators(ReadTx& tx, RowId channel_id, std::int64_t count) {
  return nth_exists(tx, kModerators, channel_id, count);
}

bool has_memberships(ReadTx& tx, RowId member_id, std::int64_t count) {
  return nth_exists(tx, kMemberships, member_id, count);
}

bool has_channel_flows(ReadTx& tx, RowId app_instance_id, std::int64_t count) {
  return nth_exists(tx, kChannelFlows, app_instance_id, count);
}

}  // namespace carillon::store
