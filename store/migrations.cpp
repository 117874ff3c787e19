#include "store/migrations.h"

#include <array>

#include "store/connection.h"

namespace carillon::store {

namespace {

// Foreign keys are described by the names of the columns but not enforced. What a deleted channel
// or app instance leaves behind goes later and in steps (purge.h), so for a while rows do point at
// nothing; and each check would cost a lookup on the path that every message takes.
//
// AUTOINCREMENT wherever a deleted row may leave something behind that still names its id: rows
// waiting to be purged, a page token in a client's hands, an invocation in flight. SQLite would
// otherwise give the id of the last deleted row to the next one.
//
// Every index ends with the id of the row, SQLite adds it: (channel_id, created_ms) is in the order
// (channel_id, created_ms, id).
constexpr char kVersion1[] = R"schema(

CREATE TABLE app_instances (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  arn TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL, -- the ARN up to its account, "arn:aws:chime:REGION:ACCOUNT:"
  name TEXT NOT NULL,
  metadata TEXT,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX app_instances_by_scope ON app_instances (scope);

-- A deleted identity stays as the nameplate of what it sent and created, until its app instance
-- goes. Its ARN may be taken again by a new identity: clients choose the id in a user's ARN.
CREATE TABLE identities (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  app_instance_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('USER', 'BOT')),
  arn TEXT NOT NULL,
  name TEXT NOT NULL,
  metadata TEXT,
  expiration TEXT,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  deleted_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX identities_by_arn ON identities (arn) WHERE deleted_ms IS NULL;
CREATE INDEX identities_by_app_instance ON identities (app_instance_id, kind)
  WHERE deleted_ms IS NULL;
-- For the purge; apart, so that listing the living does not step over the deleted.
CREATE INDEX nameplates_by_app_instance ON identities (app_instance_id)
  WHERE deleted_ms IS NOT NULL;

CREATE TABLE app_instance_admins (
  app_instance_id INTEGER NOT NULL,
  identity_id INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (app_instance_id, identity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_instance_admins_by_identity ON app_instance_admins (identity_id);

CREATE TABLE channel_flows (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  app_instance_id INTEGER NOT NULL,
  version_id INTEGER NOT NULL, -- the current one
  arn TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX channel_flows_by_app_instance ON channel_flows (app_instance_id);

-- A retired version stays while a message that entered with it is on its way.
CREATE TABLE channel_flow_versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  retired INTEGER NOT NULL
) STRICT;
CREATE INDEX retired_channel_flow_versions ON channel_flow_versions (id) WHERE retired = 1;

CREATE TABLE processors (
  version_id INTEGER NOT NULL,
  execution_order INTEGER NOT NULL,
  name TEXT NOT NULL,
  lambda_arn TEXT NOT NULL,
  invocation_type TEXT NOT NULL,
  fallback_action TEXT NOT NULL,
  PRIMARY KEY (version_id, execution_order)
) STRICT, WITHOUT ROWID;

CREATE TABLE channels (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  app_instance_id INTEGER NOT NULL,
  arn TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  mode TEXT NOT NULL,
  privacy TEXT NOT NULL,
  metadata TEXT,
  created_by_id INTEGER NOT NULL,
  channel_flow_id INTEGER,
  elastic_configuration TEXT,
  expiration TEXT,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX channels_by_app_instance ON channels (app_instance_id);
CREATE INDEX channels_by_privacy ON channels (app_instance_id, privacy);
CREATE INDEX channels_by_flow ON channels (channel_flow_id) WHERE channel_flow_id IS NOT NULL;

CREATE TABLE channel_memberships (
  channel_id INTEGER NOT NULL,
  member_id INTEGER NOT NULL,
  type TEXT NOT NULL,
  invited_by_id INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  PRIMARY KEY (channel_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_memberships_by_type ON channel_memberships (channel_id, type, member_id);
CREATE INDEX channel_memberships_by_member ON channel_memberships (member_id, channel_id);

CREATE TABLE channel_moderators (
  channel_id INTEGER NOT NULL,
  identity_id INTEGER NOT NULL,
  created_by_id INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (channel_id, identity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_moderators_by_identity ON channel_moderators (identity_id, channel_id);

CREATE TABLE channel_messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel_id INTEGER NOT NULL,
  sender_id INTEGER NOT NULL,
  message_id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  persistence TEXT NOT NULL,
  status TEXT NOT NULL,
  status_detail TEXT,
  content TEXT,
  metadata TEXT,
  content_type TEXT,
  message_attributes TEXT,
  push_notification TEXT,
  target TEXT,
  sub_channel_id TEXT,
  redacted INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  edited_ms INTEGER,
  updated_ms INTEGER NOT NULL
) STRICT;
-- What every member may list. Its end is the channel's last message: NON_PERSISTENT ones, were they
-- not deleted when delivered, would have to be stepped over to find it.
CREATE INDEX channel_messages_sent ON channel_messages (channel_id, created_ms)
  WHERE status = 'SENT' AND persistence = 'PERSISTENT';
-- What only its sender may list: apart by sender, so that a listing does not step over what others
-- have under way.
CREATE INDEX channel_messages_unsent_by_sender ON channel_messages
  (channel_id, sender_id, created_ms) WHERE status <> 'SENT';
-- All the rest of a channel, for the admin endpoint and the purge. A message that goes through no
-- channel flow is in neither of the last two, and pays for neither.
CREATE INDEX channel_messages_rest ON channel_messages (channel_id, created_ms)
  WHERE status <> 'SENT' OR persistence <> 'PERSISTENT';

CREATE TABLE flow_executions (
  message_row_id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('CREATE', 'UPDATE')),
  flow_version_id INTEGER NOT NULL,
  step INTEGER NOT NULL,
  content TEXT,
  metadata TEXT,
  content_type TEXT,
  message_attributes TEXT,
  push_notification TEXT,
  created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX flow_executions_by_version ON flow_executions (flow_version_id);

CREATE TABLE callbacks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  callback_id TEXT NOT NULL UNIQUE,
  message_row_id INTEGER NOT NULL,
  channel_id INTEGER NOT NULL,
  message_id TEXT NOT NULL, -- of the message, which may be gone
  processor_name TEXT NOT NULL,
  processor_arn TEXT NOT NULL,
  fallback_action TEXT NOT NULL,
  status TEXT NOT NULL,
  invocation TEXT NOT NULL,
  detail TEXT,
  event TEXT NOT NULL,
  resolved_batch INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  deadline_ms INTEGER NOT NULL,
  resolved_ms INTEGER
) STRICT;
CREATE INDEX callbacks_by_deadline ON callbacks (deadline_ms) WHERE status = 'PENDING';
CREATE INDEX callbacks_queued ON callbacks (id)
  WHERE status = 'PENDING' AND invocation = 'QUEUED';
CREATE INDEX callbacks_by_message ON callbacks (message_id);
CREATE INDEX callbacks_by_channel ON callbacks (channel_id, status);
CREATE INDEX callbacks_by_status ON callbacks (status);

CREATE TABLE client_request_tokens (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  fingerprint BLOB NOT NULL,
  http_status INTEGER NOT NULL,
  response TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;

-- Channels and app instances whose own row is gone and whose contents are to go.
CREATE TABLE purge_queue (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('CHANNEL', 'APP_INSTANCE')),
  target_id INTEGER NOT NULL
) STRICT;

)schema";

constexpr char kVersion2[] = R"schema(

-- JSON as the client gave it.
ALTER TABLE app_instances ADD COLUMN retention TEXT;
ALTER TABLE app_instances ADD COLUMN retention_deletion_ms INTEGER;
ALTER TABLE app_instances ADD COLUMN streaming TEXT;
ALTER TABLE identities ADD COLUMN configuration TEXT; -- of a bot
ALTER TABLE channel_memberships ADD COLUMN preferences TEXT;
ALTER TABLE channel_memberships ADD COLUMN read_marker_ms INTEGER;

CREATE TABLE channel_bans (
  channel_id INTEGER NOT NULL,
  member_id INTEGER NOT NULL,
  created_by_id INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (channel_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_bans_by_member ON channel_bans (member_id, channel_id);

CREATE TABLE app_instance_user_endpoints (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  app_instance_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  endpoint_id TEXT NOT NULL,
  name TEXT,
  type TEXT NOT NULL,
  resource_arn TEXT NOT NULL,
  attributes TEXT NOT NULL,
  allow_messages TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX app_instance_user_endpoints_by_endpoint_id
  ON app_instance_user_endpoints (user_id, endpoint_id);
CREATE INDEX app_instance_user_endpoints_by_user ON app_instance_user_endpoints (user_id);
CREATE INDEX app_instance_user_endpoints_by_app_instance
  ON app_instance_user_endpoints (app_instance_id);

-- By ARN, because every kind of resource has them. What lies below an app instance is one range.
CREATE TABLE resource_tags (
  arn TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (arn, key)
) STRICT, WITHOUT ROWID;

ALTER TABLE purge_queue ADD COLUMN arn TEXT; -- of an app instance: tags below it are found by it
CREATE INDEX purge_queue_by_arn ON purge_queue (arn) WHERE arn IS NOT NULL;

-- What came to exist because a request named it.
CREATE TABLE provisioned_resources (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  arn TEXT NOT NULL UNIQUE,
  created_ms INTEGER NOT NULL
) STRICT;

-- A targeted message is seen by two: its sender and its target.
ALTER TABLE channel_messages DROP COLUMN target;
ALTER TABLE channel_messages ADD COLUMN target_id INTEGER;
DROP INDEX channel_messages_sent;
DROP INDEX channel_messages_rest;
-- What every member may list.
CREATE INDEX channel_messages_sent ON channel_messages (channel_id, created_ms)
  WHERE status = 'SENT' AND persistence = 'PERSISTENT' AND target_id IS NULL;
-- Targeted ones, for each of the two.
CREATE INDEX channel_messages_by_target ON channel_messages (channel_id, target_id, created_ms)
  WHERE status = 'SENT' AND persistence = 'PERSISTENT' AND target_id IS NOT NULL;
CREATE INDEX channel_messages_targeted_by_sender ON channel_messages
  (channel_id, sender_id, created_ms)
  WHERE status = 'SENT' AND persistence = 'PERSISTENT' AND target_id IS NOT NULL;
-- All that is not in channel_messages_sent.
CREATE INDEX channel_messages_rest ON channel_messages (channel_id, created_ms)
  WHERE status <> 'SENT' OR persistence <> 'PERSISTENT' OR target_id IS NOT NULL;

)schema";

constexpr char kVersion3[] = R"schema(

CREATE TABLE push_notifications (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel_id INTEGER NOT NULL,
  member_id INTEGER NOT NULL,
  message_id TEXT NOT NULL, -- of the message, which may be gone
  endpoint_id TEXT NOT NULL,
  endpoint_type TEXT NOT NULL,
  resource_arn TEXT NOT NULL,
  device_token TEXT,
  push_notification TEXT NOT NULL,
  suppressed_by TEXT, -- why it was not sent, if it was not
  created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX push_notifications_by_channel ON push_notifications (channel_id);
CREATE INDEX push_notifications_by_member ON push_notifications (member_id);
CREATE INDEX push_notifications_by_message ON push_notifications (message_id);

-- Messages that were sent and of which not all members have been notified yet.
CREATE TABLE push_fan_outs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel_id INTEGER NOT NULL,
  target_id INTEGER,
  message_id TEXT NOT NULL,
  message_attributes TEXT,
  push_notification TEXT NOT NULL,
  member_id INTEGER NOT NULL, -- the last that was looked at, and which of his endpoints
  endpoint_row_id INTEGER NOT NULL,
  sent_ms INTEGER NOT NULL
) STRICT;

)schema";

// Append only: a version that was released is never changed. Version n is reached by running the
// n-th entry on version n-1.
constexpr std::array kMigrations = {kVersion1, kVersion2, kVersion3};

bool has_tables(Connection& connection) {
  return connection.run_for_value("SELECT count(*) FROM sqlite_schema") > 0;
}

}  // namespace

int known_schema_version() { return static_cast<int>(kMigrations.size()); }

void check_schema(Connection& connection, const std::string& path) {
  const std::int64_t application_id = connection.run_for_value("PRAGMA application_id");
  const std::int64_t found = connection.run_for_value("PRAGMA user_version");
  const bool fresh = application_id == 0 && found == 0 && !has_tables(connection);
  if (fresh) return;
  if (application_id != kApplicationId) {
    throw StoreError(path + " is an SQLite database of another application (application_id " +
                     std::to_string(application_id) +
                     "). Carillon leaves it alone: choose another data directory.");
  }
  if (found > known_schema_version()) {
    throw StoreError(path + " was written by a newer version of Carillon: its schema version is " +
                     std::to_string(found) + ", this program knows versions up to " +
                     std::to_string(known_schema_version()) +
                     ". Use the newer version, or choose another data directory.");
  }
}

void migrate(Connection& connection) { migrate_to(connection, known_schema_version()); }

void migrate_to(Connection& connection, int last_version) {
  const std::int64_t found = connection.run_for_value("PRAGMA user_version");
  for (int version = static_cast<int>(found) + 1; version <= last_version; ++version) {
    connection.begin_immediate();
    try {
      connection.run(kMigrations[static_cast<std::size_t>(version - 1)]);
      connection.run("PRAGMA application_id = " + std::to_string(kApplicationId));
      connection.run("PRAGMA user_version = " + std::to_string(version));
      connection.commit();
    } catch (...) {
      connection.rollback();
      throw;
    }
  }
}

}  // namespace carillon::store
