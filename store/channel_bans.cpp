#include "store/channel_bans.h"

#include "store/connection.h"

namespace carillon::store {

namespace {

#define SELECT_BAN                                                       \
  "SELECT n.member_id, p.arn, p.name, v.arn, v.name, n.created_ms "      \
  "FROM channel_bans n CROSS JOIN identities p CROSS JOIN identities v " \
  "WHERE p.id = n.member_id AND v.id = n.created_by_id "

constexpr char kIsBanned[] = R"sql(
  SELECT 1 FROM channel_bans WHERE channel_id = ?1 AND member_id = ?2 )sql";
constexpr char kFindBan[] = SELECT_BAN R"sql( AND n.channel_id = ?1 AND n.member_id = ?2 )sql";
constexpr char kListBans[] = SELECT_BAN R"sql(
  AND n.channel_id = ?1 AND n.member_id > ?2 ORDER BY n.member_id LIMIT ?3 )sql";
constexpr char kInsertBan[] = R"sql(
  INSERT INTO channel_bans (channel_id, member_id, created_by_id, created_ms)
  VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING )sql";
constexpr char kDeleteBan[] = R"sql(
  DELETE FROM channel_bans WHERE channel_id = ?1 AND member_id = ?2 )sql";

BanRow read_ban(Statement& row) {
  BanRow result;
  result.member_id = row.next_integer();
  result.member_arn = row.next_text();
  result.member_name = row.next_text();
  result.created_by_arn = row.next_text();
  result.created_by_name = row.next_text();
  result.created_ms = row.next_integer();
  return result;
}

}  // namespace

bool is_banned(ReadTx& tx, RowId channel_id, RowId member_id) {
  return tx.connection().query(kIsBanned, channel_id, member_id).step();
}

std::optional<BanRow> find_ban(ReadTx& tx, RowId channel_id, RowId member_id) {
  return read_one(tx.connection().query(kFindBan, channel_id, member_id), read_ban);
}

std::vector<BanRow> list_bans(ReadTx& tx, RowId channel_id, RowId after, int limit) {
  return read_all(tx.connection().query(kListBans, channel_id, after, limit), read_ban);
}

bool insert_ban(WriteTx& tx, RowId channel_id, RowId member_id, RowId created_by_id,
                TimeMs now_ms) {
  return tx.connection().execute(kInsertBan, channel_id, member_id, created_by_id, now_ms) > 0;
}

bool delete_ban(WriteTx& tx, RowId channel_id, RowId member_id) {
  return tx.connection().execute(kDeleteBan, channel_id, member_id) > 0;
}

}  // namespace carillon::store
