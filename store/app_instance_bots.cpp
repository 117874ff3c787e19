#include "store/app_instance_bots.h"

#include "store/connection.h"

namespace carillon::store {

namespace {

#define BOT_COLUMNS                                                                     \
  "i.id, i.app_instance_id, i.arn, i.name, i.metadata, i.configuration, i.created_ms, " \
  "i.updated_ms "

// What a deleted app instance held is still there until it is purged, hence the join.
constexpr char kFindBot[] = "SELECT " BOT_COLUMNS R"sql(
  FROM identities i CROSS JOIN app_instances a
  WHERE i.arn = ?1 AND i.kind = 'BOT' AND i.deleted_ms IS NULL AND a.id = i.app_instance_id )sql";
constexpr char kListBots[] = "SELECT " BOT_COLUMNS R"sql(
  FROM identities i
  WHERE i.app_instance_id = ?1 AND i.kind = 'BOT' AND i.deleted_ms IS NULL AND i.id > ?2
  ORDER BY i.id LIMIT ?3 )sql";
constexpr char kInsertBot[] = R"sql(
  INSERT INTO identities
    (app_instance_id, kind, arn, name, metadata, configuration, created_ms, updated_ms)
  VALUES (?1, 'BOT', ?2, ?3, ?4, ?5, ?6, ?7) )sql";
constexpr char kUpdateBot[] = R"sql(
  UPDATE identities SET name = ?2, metadata = ?3, configuration = coalesce(?4, configuration),
                        updated_ms = ?5
  WHERE id = ?1 )sql";

BotRow read_bot(Statement& row) {
  BotRow result;
  result.id = row.next_integer();
  result.app_instance_id = row.next_integer();
  result.arn = row.next_text();
  result.name = row.next_text();
  result.metadata = row.next_optional_text();
  result.configuration = row.next_text();
  result.created_ms = row.next_integer();
  result.updated_ms = row.next_integer();
  return result;
}

}  // namespace

std::optional<BotRow> find_bot(ReadTx& tx, std::string_view arn) {
  if (!tx.sees(arn)) return std::nullopt;
  return read_one(tx.connection().query(kFindBot, arn), read_bot);
}

std::vector<BotRow> list_bots(ReadTx& tx, RowId app_instance_id, RowId after, int limit) {
  return read_all(tx.connection().query(kListBots, app_instance_id, after, limit), read_bot);
}

RowId insert_bot(WriteTx& tx, const BotRow& row) {
  tx.connection().execute(kInsertBot, row.app_instance_id, row.arn, row.name, row.metadata,
                          row.configuration, row.created_ms, row.updated_ms);
  return tx.connection().last_insert_id();
}

void update_bot(WriteTx& tx, RowId id, std::string_view name, std::string_view metadata,
                const OptionalText& configuration, TimeMs now_ms) {
  tx.connection().execute(kUpdateBot, id, name, metadata, configuration, now_ms);
}

}  // namespace carillon::store
