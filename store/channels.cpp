#include "store/channels.h"

#include "store/channel_columns.h"
#include "store/connection.h"
#include "store/resource_tags.h"

namespace carillon::store {

namespace {

// The bearer and the channel both exist in all but a few requests. Then this is the one statement:
// two unique indexes and the primary keys of what hangs on them. A deleted app instance's channels
// and users are still there until they are purged, hence the look at app_instances; bearer and
// channel normally share theirs, so that the second look is not taken.
constexpr char kLoadAccess[] = R"sql(
  SELECT b.id, b.app_instance_id, b.name, c.id, c.app_instance_id, c.mode, c.privacy,
         c.channel_flow_id, f.version_id, c.elastic_configuration IS NOT NULL,
         a.identity_id IS NOT NULL, o.identity_id IS NOT NULL, m.type
  FROM channels c
  CROSS JOIN app_instances i
  CROSS JOIN identities b
  LEFT JOIN channel_flows f ON f.id = c.channel_flow_id
  LEFT JOIN app_instance_admins a
    ON a.app_instance_id = c.app_instance_id AND a.identity_id = b.id
  LEFT JOIN channel_moderators o ON o.channel_id = c.id AND o.identity_id = b.id
  LEFT JOIN channel_memberships m ON m.channel_id = c.id AND m.member_id = b.id
  WHERE c.arn = ?1 AND i.id = c.app_instance_id
    AND b.arn = ?2 AND b.deleted_ms IS NULL
    AND (b.app_instance_id = c.app_instance_id
         OR EXISTS (SELECT 1 FROM app_instances x WHERE x.id = b.app_instance_id)) )sql";
// What is known when one of the two is missing.
constexpr char kLoadChannelAlone[] = R"sql(
  SELECT c.id, c.app_instance_id, c.mode, c.privacy, c.channel_flow_id, f.version_id,
         c.elastic_configuration IS NOT NULL
  FROM channels c CROSS JOIN app_instances i
  LEFT JOIN channel_flows f ON f.id = c.channel_flow_id
  WHERE c.arn = ?1 AND i.id = c.app_instance_id )sql";
constexpr char kLoadBearerAlone[] = R"sql(
  SELECT b.id, b.app_instance_id, b.name
  FROM identities b CROSS JOIN app_instances i
  WHERE b.arn = ?1 AND b.deleted_ms IS NULL AND i.id = b.app_instance_id )sql";

#define SELECT_CHANNEL "SELECT " CHANNEL_COLUMNS "FROM " CHANNEL_TABLES "WHERE " CHANNEL_JOINS

constexpr char kFindChannel[] = SELECT_CHANNEL R"sql( AND c.arn = ?1 )sql";
constexpr char kFindChannelById[] = SELECT_CHANNEL R"sql( AND c.id = ?1 )sql";
constexpr char kListChannels[] = SELECT_CHANNEL R"sql(
  AND c.app_instance_id = ?1 AND c.id > ?2 ORDER BY c.id LIMIT ?3 )sql";
constexpr char kListChannelsByPrivacy[] = SELECT_CHANNEL R"sql(
  AND c.app_instance_id = ?1 AND c.privacy = ?2 AND c.id > ?3 ORDER BY c.id LIMIT ?4 )sql";
constexpr char kListChannelsWithFlow[] = SELECT_CHANNEL R"sql(
  AND c.channel_flow_id = ?1 AND c.id > ?2 ORDER BY c.id LIMIT ?3 )sql";
constexpr char kListAllChannels[] = SELECT_CHANNEL R"sql(
  AND c.id > ?1 ORDER BY c.id LIMIT ?2 )sql";

constexpr char kInsertChannel[] = R"sql(
  INSERT INTO channels
    (app_instance_id, arn, name, mode, privacy, metadata, created_by_id, channel_flow_id,
     elastic_configuration, expiration, created_ms, updated_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6,
          (SELECT id FROM identities WHERE arn = ?7 AND deleted_ms IS NULL),
          ?8, ?9, ?10, ?11, ?12) )sql";
constexpr char kUpdateChannel[] = R"sql(
  UPDATE channels SET name = coalesce(?2, name), mode = coalesce(?3, mode),
                      metadata = coalesce(?4, metadata), updated_ms = ?5
  WHERE id = ?1 )sql";
constexpr char kSetChannelFlow[] = R"sql(
  UPDATE channels SET channel_flow_id = ?2, updated_ms = ?3 WHERE id = ?1 )sql";
constexpr char kDeleteChannel[] = R"sql( DELETE FROM channels WHERE id = ?1 )sql";
constexpr char kPurgeChannel[] = R"sql(
  INSERT INTO purge_queue (kind, target_id) VALUES ('CHANNEL', ?1) )sql";

void read_bearer(Statement& row, ChannelAccess& access) {
  access.bearer_id = row.next_integer();
  access.bearer_app_instance_id = row.next_integer();
  access.bearer_name = row.next_text();
}

void read_accessed_channel(Statement& row, ChannelAccess& access) {
  access.channel_id = row.next_integer();
  access.channel_app_instance_id = row.next_integer();
  access.mode = row.next_text();
  access.privacy = row.next_text();
  access.channel_flow_id = row.next_optional_integer();
  access.flow_version_id = row.next_optional_integer();
  access.elastic = row.next_boolean();
}

}  // namespace

ChannelRow read_channel(Statement& row) {
  ChannelRow result;
  result.id = row.next_integer();
  result.app_instance_id = row.next_integer();
  result.arn = row.next_text();
  result.name = row.next_text();
  result.mode = row.next_text();
  result.privacy = row.next_text();
  result.metadata = row.next_optional_text();
  result.created_by_arn = row.next_text();
  result.created_by_name = row.next_text();
  result.channel_flow_id = row.next_optional_integer();
  result.channel_flow_arn = row.next_optional_text();
  result.elastic_configuration = row.next_optional_text();
  result.expiration = row.next_optional_text();
  result.created_ms = row.next_integer();
  result.updated_ms = row.next_integer();
  return result;
}

ChannelAccess load_channel_access(ReadTx& tx, std::string_view channel_arn,
                                  std::string_view bearer_arn) {
  ChannelAccess access;
  const bool sees_channel = tx.sees(channel_arn);
  const bool sees_bearer = tx.sees(bearer_arn);
  if (sees_channel && sees_bearer) {
    Statement row = tx.connection().query(kLoadAccess, channel_arn, bearer_arn);
    if (row.step()) {
      read_bearer(row, access);
      read_accessed_channel(row, access);
      access.is_admin = row.next_boolean();
      access.is_moderator = row.next_boolean();
      access.membership_type = row.next_optional_text();
      return access;
    }
  }
  if (sees_channel) {
    Statement channel = tx.connection().query(kLoadChannelAlone, channel_arn);
    if (channel.step()) read_accessed_channel(channel, access);
  }
  if (sees_bearer) {
    Statement bearer = tx.connection().query(kLoadBearerAlone, bearer_arn);
    if (bearer.step()) read_bearer(bearer, access);
  }
  return access;
}

std::optional<ChannelRow> find_channel(ReadTx& tx, std::string_view arn) {
  if (!tx.sees(arn)) return std::nullopt;
  return read_one(tx.connection().query(kFindChannel, arn), read_channel);
}

std::optional<ChannelRow> find_channel_by_id(ReadTx& tx, RowId id) {
  return read_one(tx.connection().query(kFindChannelById, id), read_channel);
}

std::vector<ChannelRow> list_channels(ReadTx& tx, RowId app_instance_id, std::string_view privacy,
                                      RowId after, int limit) {
  if (privacy.empty()) {
    return read_all(tx.connection().query(kListChannels, app_instance_id, after, limit),
                    read_channel);
  }
  return read_all(
      tx.connection().query(kListChannelsByPrivacy, app_instance_id, privacy, after, limit),
      read_channel);
}

std::vector<ChannelRow> list_channels_with_flow(ReadTx& tx, RowId channel_flow_id, RowId after,
                                                int limit) {
  return read_all(tx.connection().query(kListChannelsWithFlow, channel_flow_id, after, limit),
                  read_channel);
}

std::vector<ChannelRow> list_all_channels(ReadTx& tx, RowId after, int limit) {
  return read_all(tx.connection().query(kListAllChannels, after, limit), read_channel);
}

RowId insert_channel(WriteTx& tx, const ChannelRow& row) {
  tx.connection().execute(kInsertChannel, row.app_instance_id, row.arn, row.name, row.mode,
                          row.privacy, row.metadata, row.created_by_arn, row.channel_flow_id,
                          row.elastic_configuration, row.expiration, row.created_ms,
                          row.updated_ms);
  return tx.connection().last_insert_id();
}

void update_channel(WriteTx& tx, RowId id, const OptionalText& name, const OptionalText& mode,
                    const OptionalText& metadata, TimeMs now_ms) {
  tx.connection().execute(kUpdateChannel, id, name, mode, metadata, now_ms);
}

void set_channel_flow(WriteTx& tx, RowId channel_id, std::optional<RowId> channel_flow_id,
                      TimeMs now_ms) {
  tx.connection().execute(kSetChannelFlow, channel_id, channel_flow_id, now_ms);
}

void delete_channel(WriteTx& tx, RowId id) {
  delete_channel_tags(tx, id);
  tx.connection().execute(kDeleteChannel, id);
  tx.connection().execute(kPurgeChannel, id);
}

}  // namespace carillon::store
