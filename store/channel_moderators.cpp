#include "store/channel_moderators.h"

#include "store/channel_columns.h"
#include "store/connection.h"

namespace carillon::store {

namespace {

#define SELECT_MODERATOR                                                       \
  "SELECT o.identity_id, p.arn, p.name, v.arn, v.name, o.created_ms "          \
  "FROM channel_moderators o CROSS JOIN identities p CROSS JOIN identities v " \
  "WHERE p.id = o.identity_id AND v.id = o.created_by_id "

constexpr char kIsModerator[] = R"sql(
  SELECT 1 FROM channel_moderators WHERE channel_id = ?1 AND identity_id = ?2 )sql";
constexpr char kFindModerator[] = SELECT_MODERATOR R"sql(
  AND o.channel_id = ?1 AND o.identity_id = ?2 )sql";
constexpr char kListModerators[] = SELECT_MODERATOR R"sql(
  AND o.channel_id = ?1 AND o.identity_id > ?2 ORDER BY o.identity_id LIMIT ?3 )sql";
constexpr char kListChannelsOfModerator[] =
    "SELECT " CHANNEL_COLUMNS "FROM channel_moderators o CROSS JOIN " CHANNEL_TABLES
    "WHERE " CHANNEL_JOINS R"sql(
  AND c.id = o.channel_id AND o.identity_id = ?1 AND o.channel_id > ?2
  ORDER BY o.channel_id LIMIT ?3 )sql";
constexpr char kInsertModerator[] = R"sql(
  INSERT INTO channel_moderators (channel_id, identity_id, created_by_id, created_ms)
  VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING )sql";
constexpr char kDeleteModerator[] = R"sql(
  DELETE FROM channel_moderators WHERE channel_id = ?1 AND identity_id = ?2 )sql";

ModeratorRow read_moderator(Statement& row) {
  ModeratorRow result;
  result.identity_id = row.next_integer();
  result.arn = row.next_text();
  result.name = row.next_text();
  result.created_by_arn = row.next_text();
  result.created_by_name = row.next_text();
  result.created_ms = row.next_integer();
  return result;
}

}  // namespace

bool is_moderator(ReadTx& tx, RowId channel_id, RowId identity_id) {
  return tx.connection().query(kIsModerator, channel_id, identity_id).step();
}

std::optional<ModeratorRow> find_moderator(ReadTx& tx, RowId channel_id, RowId identity_id) {
  return read_one(tx.connection().query(kFindModerator, channel_id, identity_id), read_moderator);
}

std::vector<ModeratorRow> list_moderators(ReadTx& tx, RowId channel_id, RowId after, int limit) {
  return read_all(tx.connection().query(kListModerators, channel_id, after, limit), read_moderator);
}

std::vector<ChannelRow> list_channels_of_moderator(ReadTx& tx, RowId identity_id, RowId after,
                                                   int limit) {
  return read_all(tx.connection().query(kListChannelsOfModerator, identity_id, after, limit),
                  read_channel);
}

bool insert_moderator(WriteTx& tx, RowId channel_id, RowId identity_id, RowId created_by_id,
                      TimeMs now_ms) {
  return tx.connection().execute(kInsertModerator, channel_id, identity_id, created_by_id, now_ms) >
         0;
}

bool delete_moderator(WriteTx& tx, RowId channel_id, RowId identity_id) {
  return tx.connection().execute(kDeleteModerator, channel_id, identity_id) > 0;
}

}  // namespace carillon::store
