#include "store/channel_memberships.h"

#include "store/channel_columns.h"
#include "store/connection.h"

namespace carillon::store {

namespace {

#define SELECT_MEMBERSHIP                                                       \
  "SELECT m.member_id, i.arn, i.name, m.type, v.arn, v.name, "                  \
  "m.read_marker_ms, m.created_ms, m.updated_ms "                               \
  "FROM channel_memberships m CROSS JOIN identities i CROSS JOIN identities v " \
  "WHERE i.id = m.member_id AND v.id = m.invited_by_id "

constexpr char kFindMembership[] = SELECT_MEMBERSHIP R"sql(
  AND m.channel_id = ?1 AND m.member_id = ?2 )sql";
constexpr char kListMemberships[] = SELECT_MEMBERSHIP R"sql(
  AND m.channel_id = ?1 AND m.member_id > ?2 ORDER BY m.member_id LIMIT ?3 )sql";
constexpr char kListMembershipsByType[] = SELECT_MEMBERSHIP R"sql(
  AND m.channel_id = ?1 AND m.type = ?2 AND m.member_id > ?3 ORDER BY m.member_id LIMIT ?4 )sql";
constexpr char kListChannelsOfMember[] =
    "SELECT " CHANNEL_COLUMNS
    ", m.type, m.read_marker_ms "
    "FROM channel_memberships m CROSS JOIN " CHANNEL_TABLES "WHERE " CHANNEL_JOINS R"sql(
  AND c.id = m.channel_id AND m.member_id = ?1 AND m.channel_id > ?2
  ORDER BY m.channel_id LIMIT ?3 )sql";
constexpr char kListChannelIdsOfMember[] = R"sql(
  SELECT channel_id FROM channel_memberships WHERE member_id = ?1 AND channel_id > ?2
  ORDER BY channel_id LIMIT ?3 )sql";
constexpr char kListNewestChannelsOfMember[] = R"sql(
  SELECT m.channel_id, m.read_marker_ms
  FROM channel_memberships m CROSS JOIN channels c CROSS JOIN app_instances i
  WHERE c.id = m.channel_id AND i.id = c.app_instance_id AND m.member_id = ?1
  ORDER BY m.channel_id DESC LIMIT ?2 )sql";
constexpr char kListPrivilegedMembers[] = R"sql(
  SELECT o.identity_id FROM channel_moderators o CROSS JOIN channel_memberships m
  WHERE o.channel_id = ?1 AND m.channel_id = ?1 AND m.member_id = o.identity_id
  UNION
  SELECT a.identity_id FROM app_instance_admins a CROSS JOIN channel_memberships n
  WHERE a.app_instance_id = ?2 AND n.channel_id = ?1 AND n.member_id = a.identity_id
  ORDER BY 1 )sql";
constexpr char kInsertMembership[] = R"sql(
  INSERT INTO channel_memberships
    (channel_id, member_id, type, invited_by_id, created_ms, updated_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO NOTHING )sql";
constexpr char kDeleteMembership[] = R"sql(
  DELETE FROM channel_memberships WHERE channel_id = ?1 AND member_id = ?2 )sql";
constexpr char kFindPreferences[] = R"sql(
  SELECT preferences FROM channel_memberships WHERE channel_id = ?1 AND member_id = ?2 )sql";
constexpr char kSetPreferences[] = R"sql(
  UPDATE channel_memberships SET preferences = ?3 WHERE channel_id = ?1 AND member_id = ?2 )sql";
constexpr char kSetReadMarker[] = R"sql(
  UPDATE channel_memberships SET read_marker_ms = ?3
  WHERE channel_id = ?1 AND member_id = ?2 )sql";

MembershipRow read_membership(Statement& row) {
  MembershipRow result;
  result.member_id = row.next_integer();
  result.member_arn = row.next_text();
  result.member_name = row.next_text();
  result.type = row.next_text();
  result.invited_by_arn = row.next_text();
  result.invited_by_name = row.next_text();
  result.read_marker_ms = row.next_optional_integer();
  result.created_ms = row.next_integer();
  result.updated_ms = row.next_integer();
  return result;
}

MemberChannelRow read_member_channel(Statement& row) {
  MemberChannelRow result;
  result.channel = read_channel(row);
  result.channel_id = result.channel.id;
  result.type = row.next_text();
  result.read_marker_ms = row.next_optional_integer();
  return result;
}

}  // namespace

std::optional<MembershipRow> find_membership(ReadTx& tx, RowId channel_id, RowId member_id) {
  return read_one(tx.connection().query(kFindMembership, channel_id, member_id), read_membership);
}

std::vector<MembershipRow> list_memberships(ReadTx& tx, RowId channel_id, std::string_view type,
                                            RowId after, int limit) {
  if (type.empty()) {
    return read_all(tx.connection().query(kListMemberships, channel_id, after, limit),
                    read_membership);
  }
  return read_all(tx.connection().query(kListMembershipsByType, channel_id, type, after, limit),
                  read_membership);
}

std::vector<MemberChannelRow> list_channels_of_member(ReadTx& tx, RowId member_id, RowId after,
                                                      int limit) {
  return read_all(tx.connection().query(kListChannelsOfMember, member_id, after, limit),
                  read_member_channel);
}

std::vector<RowId> list_channel_ids_of_member(ReadTx& tx, RowId member_id, RowId after, int limit) {
  return read_all(tx.connection().query(kListChannelIdsOfMember, member_id, after, limit),
                  [](Statement& row) { return row.integer(0); });
}

std::vector<MemberReadRow> list_newest_channels_of_member(ReadTx& tx, RowId member_id, int limit) {
  return read_all(tx.connection().query(kListNewestChannelsOfMember, member_id, limit),
                  [](Statement& row) {
                    MemberReadRow result;
                    result.channel_id = row.next_integer();
                    result.read_marker_ms = row.next_optional_integer();
                    return result;
                  });
}

std::vector<RowId> list_privileged_members(ReadTx& tx, RowId channel_id, RowId app_instance_id) {
  return read_all(tx.connection().query(kListPrivilegedMembers, channel_id, app_instance_id),
                  [](Statement& row) { return row.integer(0); });
}

bool insert_membership(WriteTx& tx, RowId channel_id, RowId member_id, std::string_view type,
                       RowId invited_by_id, TimeMs now_ms) {
  return tx.connection().execute(kInsertMembership, channel_id, member_id, type, invited_by_id,
                                 now_ms) > 0;
}

bool delete_membership(WriteTx& tx, RowId channel_id, RowId member_id) {
  return tx.connection().execute(kDeleteMembership, channel_id, member_id) > 0;
}

OptionalText find_membership_preferences(ReadTx& tx, RowId channel_id, RowId member_id) {
  Statement row = tx.connection().query(kFindPreferences, channel_id, member_id);
  return row.step() ? row.next_optional_text() : std::nullopt;
}

void set_membership_preferences(WriteTx& tx, RowId channel_id, RowId member_id,
                                std::string_view preferences) {
  tx.connection().execute(kSetPreferences, channel_id, member_id, preferences);
}

void set_read_marker(WriteTx& tx, RowId channel_id, RowId member_id, TimeMs now_ms) {
  tx.connection().execute(kSetReadMarker, channel_id, member_id, now_ms);
}

}  // namespace carillon::store
