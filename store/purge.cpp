#include "store/purge.h"

#include <optional>
#include <string>
#include <string_view>

#include "store/app_instances.h"
#include "store/channel_flows.h"
#include "store/connection.h"
#include "store/limits.h"
#include "store/provisioned_resources.h"

namespace carillon::store {

namespace {

constexpr char kFirstInQueue[] = R"sql(
  SELECT id, kind, target_id, arn FROM purge_queue ORDER BY id LIMIT 1 )sql";
constexpr char kFirstInQueueByArn[] = R"sql(
  SELECT id, kind, target_id, arn FROM purge_queue WHERE arn = ?1 ORDER BY id LIMIT 1 )sql";
constexpr char kDequeue[] = R"sql( DELETE FROM purge_queue WHERE id = ?1 )sql";

constexpr char kPurgeCallbacks[] = R"sql(
  DELETE FROM callbacks WHERE id IN (
    SELECT id FROM callbacks WHERE channel_id = ?1 LIMIT ?2) )sql";
constexpr char kPurgePushNotifications[] = R"sql(
  DELETE FROM push_notifications WHERE id IN (
    SELECT id FROM push_notifications WHERE channel_id = ?1 LIMIT ?2) )sql";
constexpr char kFirstRestMessage[] = R"sql(
  SELECT id FROM channel_messages
  WHERE channel_id = ?1
    AND (status <> 'SENT' OR persistence <> 'PERSISTENT' OR target_id IS NOT NULL)
  ORDER BY created_ms LIMIT 1 )sql";
constexpr char kFirstSentMessage[] = R"sql(
  SELECT id FROM channel_messages
  WHERE channel_id = ?1 AND status = 'SENT' AND persistence = 'PERSISTENT' AND target_id IS NULL
  ORDER BY created_ms LIMIT 1 )sql";
constexpr char kPurgeMessage[] = R"sql( DELETE FROM channel_messages WHERE id = ?1 )sql";
constexpr char kPurgeExecution[] = R"sql(
  DELETE FROM flow_executions WHERE message_row_id = ?1 )sql";
constexpr char kPurgeMemberships[] = R"sql(
  DELETE FROM channel_memberships WHERE channel_id = ?1 AND member_id IN (
    SELECT member_id FROM channel_memberships WHERE channel_id = ?1 LIMIT ?2) )sql";
constexpr char kPurgeModerators[] = R"sql(
  DELETE FROM channel_moderators WHERE channel_id = ?1 AND identity_id IN (
    SELECT identity_id FROM channel_moderators WHERE channel_id = ?1 LIMIT ?2) )sql";
constexpr char kPurgeBans[] = R"sql(
  DELETE FROM channel_bans WHERE channel_id = ?1 AND member_id IN (
    SELECT member_id FROM channel_bans WHERE channel_id = ?1 LIMIT ?2) )sql";

constexpr char kFirstChannel[] = R"sql(
  SELECT id FROM channels WHERE app_instance_id = ?1 LIMIT 1 )sql";
constexpr char kPurgeChannel[] = R"sql( DELETE FROM channels WHERE id = ?1 )sql";
constexpr char kFirstChannelFlow[] = R"sql(
  SELECT id FROM channel_flows WHERE app_instance_id = ?1 LIMIT 1 )sql";
constexpr char kPurgeAdmins[] = R"sql(
  DELETE FROM app_instance_admins WHERE app_instance_id = ?1 AND identity_id IN (
    SELECT identity_id FROM app_instance_admins WHERE app_instance_id = ?1 LIMIT ?2) )sql";
constexpr char kPurgeEndpoints[] = R"sql(
  DELETE FROM app_instance_user_endpoints WHERE id IN (
    SELECT id FROM app_instance_user_endpoints WHERE app_instance_id = ?1 LIMIT ?2) )sql";
constexpr char kPurgeIdentities[] = R"sql(
  DELETE FROM identities WHERE id IN (
    SELECT id FROM identities WHERE app_instance_id = ?1 AND deleted_ms IS NULL LIMIT ?2) )sql";
constexpr char kPurgeNameplates[] = R"sql(
  DELETE FROM identities WHERE id IN (
    SELECT id FROM identities WHERE app_instance_id = ?1 AND deleted_ms IS NOT NULL
    LIMIT ?2) )sql";

// What is below an app instance has its ARN and a slash, which is the character before '0'.
constexpr char kPurgeTags[] = R"sql(
  DELETE FROM resource_tags WHERE (arn, key) IN (
    SELECT arn, key FROM resource_tags
    WHERE arn > ?1 || '/' AND arn < ?1 || '0' LIMIT ?2) )sql";
// From one account and region to the next, however many app instances they have.
constexpr char kNextScope[] = R"sql(
  SELECT scope FROM app_instances WHERE scope > ?1 ORDER BY scope LIMIT 1 )sql";

// Without a condition SQLite empties a table page by page, not row by row.
constexpr const char* kDeleteEverything[] = {
    R"sql( DELETE FROM callbacks )sql",
    R"sql( DELETE FROM push_notifications )sql",
    R"sql( DELETE FROM push_fan_outs )sql",
    R"sql( DELETE FROM flow_executions )sql",
    R"sql( DELETE FROM channel_messages )sql",
    R"sql( DELETE FROM channel_bans )sql",
    R"sql( DELETE FROM channel_moderators )sql",
    R"sql( DELETE FROM channel_memberships )sql",
    R"sql( DELETE FROM channels )sql",
    R"sql( DELETE FROM processors )sql",
    R"sql( DELETE FROM channel_flow_versions )sql",
    R"sql( DELETE FROM channel_flows )sql",
    R"sql( DELETE FROM app_instance_admins )sql",
    R"sql( DELETE FROM app_instance_user_endpoints )sql",
    R"sql( DELETE FROM identities )sql",
    R"sql( DELETE FROM app_instances )sql",
    R"sql( DELETE FROM resource_tags )sql",
    R"sql( DELETE FROM provisioned_resources )sql",
    R"sql( DELETE FROM client_request_tokens )sql",
    R"sql( DELETE FROM purge_queue )sql",
};

std::optional<RowId> first_id(WriteTx& tx, const char* sql, RowId parent_id) {
  return read_one(tx.connection().query(sql, parent_id),
                  [](Statement& row) { return row.integer(0); });
}

// Each of the following takes from `budget` the rows that it deletes, and is done with what it is
// about when some of the budget is left.

void purge_rows(WriteTx& tx, const char* sql, RowId parent_id, std::int64_t& budget) {
  if (budget > 0) budget -= tx.connection().execute(sql, parent_id, budget);
}

void purge_messages(WriteTx& tx, const char* first_sql, RowId channel_id, std::int64_t& budget) {
  while (budget > 0) {
    const std::optional<RowId> id = first_id(tx, first_sql, channel_id);
    if (!id) return;
    budget -= tx.connection().execute(kPurgeMessage, *id);
    budget -= tx.connection().execute(kPurgeExecution, *id);
  }
}

// Callbacks go first: until then, the queries for deadlines and queued invocations step over them.
void purge_channel(WriteTx& tx, RowId channel_id, std::int64_t& budget) {
  purge_rows(tx, kPurgeCallbacks, channel_id, budget);
  purge_rows(tx, kPurgePushNotifications, channel_id, budget);
  purge_messages(tx, kFirstRestMessage, channel_id, budget);
  purge_messages(tx, kFirstSentMessage, channel_id, budget);
  purge_rows(tx, kPurgeMemberships, channel_id, budget);
  purge_rows(tx, kPurgeModerators, channel_id, budget);
  purge_rows(tx, kPurgeBans, channel_id, budget);
}

void purge_tags(WriteTx& tx, std::string_view app_instance_arn, std::int64_t& budget) {
  if (budget > 0) budget -= tx.connection().execute(kPurgeTags, app_instance_arn, budget);
}

void purge_app_instance(WriteTx& tx, RowId app_instance_id, std::int64_t& budget) {
  while (budget > 0) {
    const std::optional<RowId> channel_id = first_id(tx, kFirstChannel, app_instance_id);
    if (!channel_id) break;
    purge_channel(tx, *channel_id, budget);
    if (budget > 0) budget -= tx.connection().execute(kPurgeChannel, *channel_id);
  }
  while (budget > 0) {
    const std::optional<RowId> flow_id = first_id(tx, kFirstChannelFlow, app_instance_id);
    if (!flow_id) break;
    delete_channel_flow(tx, *flow_id);
    --budget;
  }
  purge_rows(tx, kPurgeAdmins, app_instance_id, budget);
  purge_rows(tx, kPurgeEndpoints, app_instance_id, budget);
  purge_rows(tx, kPurgeIdentities, app_instance_id, budget);
  purge_rows(tx, kPurgeNameplates, app_instance_id, budget);
}

struct QueuedPurge {
  RowId id;
  std::string kind;
  RowId target_id;
  std::string arn;  // of an app instance
};

QueuedPurge read_queued(Statement& row) {
  return {row.integer(0), row.text(1), row.integer(2), row.text(3)};
}

std::optional<QueuedPurge> first_in_queue(ReadTx& tx) {
  return read_one(tx.connection().query(kFirstInQueue), read_queued);
}

void purge(WriteTx& tx, const QueuedPurge& next, std::int64_t& budget) {
  if (next.kind == "CHANNEL") {
    purge_channel(tx, next.target_id, budget);
  } else {
    // First, because until then they are still found by ARNs that may be taken again.
    purge_tags(tx, next.arn, budget);
    purge_app_instance(tx, next.target_id, budget);
  }
  if (budget > 0) budget -= tx.connection().execute(kDequeue, next.id);
}

}  // namespace

bool purge_step(WriteTx& tx) {
  std::int64_t budget = kPurgeRowsPerStep;
  while (budget > 0) {
    const std::optional<QueuedPurge> next = first_in_queue(tx);
    if (!next) return false;
    purge(tx, *next, budget);
  }
  return purge_pending(tx);
}

void purge_app_instance_of(WriteTx& tx, std::string_view arn) {
  const auto next = [&] {
    return read_one(tx.connection().query(kFirstInQueueByArn, arn), read_queued);
  };
  while (const auto queued = next()) {
    std::int64_t budget = kPurgeRowsPerStep;
    purge(tx, *queued, budget);
  }
}

bool purge_pending(ReadTx& tx) { return first_in_queue(tx).has_value(); }

void delete_everything(WriteTx& tx) {
  for (const char* sql : kDeleteEverything) tx.connection().execute(sql);
}

void delete_account(WriteTx& tx, std::string_view account) {
  const std::string end = ":" + std::string(account) + ":";
  RowId seen = 0;
  for (;;) {
    const auto births = list_provisioned_resources(tx, seen, kPurgeRowsPerStep);
    if (births.empty()) break;
    seen = births.back().id;
    for (const ProvisionedRow& birth : births) {
      if (birth.arn.find(end + "app-instance/") == std::string::npos) continue;
      delete_provisioned_resource(tx, birth.id);
    }
  }
  std::string scope;
  for (;;) {
    const auto next = read_one(tx.connection().query(kNextScope, scope),
                               [](Statement& row) { return row.text(0); });
    if (!next) return;
    scope = *next;
    if (!scope.ends_with(end)) continue;
    for (;;) {
      const auto rows = list_app_instances(tx, scope, 0, kPurgeRowsPerStep);
      for (const AppInstanceRow& row : rows) delete_app_instance(tx, row.id);
      if (rows.empty()) break;
    }
  }
}

}  // namespace carillon::store
