#include "store/settings.h"

#include "store/connection.h"

namespace carillon::store {

namespace {

constexpr char kSetChannelExpiration[] = R"sql(
  UPDATE channels SET expiration = ?2, updated_ms = ?3 WHERE id = ?1 )sql";
constexpr char kSetUserExpiration[] = R"sql(
  UPDATE identities SET expiration = ?2, updated_ms = ?3 WHERE id = ?1 )sql";
constexpr char kFindRetention[] = R"sql(
  SELECT retention, retention_deletion_ms FROM app_instances WHERE id = ?1 )sql";
constexpr char kSetRetention[] = R"sql(
  UPDATE app_instances SET retention = ?2, retention_deletion_ms = ?3 WHERE id = ?1 )sql";
constexpr char kFindStreaming[] = R"sql( SELECT streaming FROM app_instances WHERE id = ?1 )sql";
constexpr char kSetStreaming[] = R"sql(
  UPDATE app_instances SET streaming = ?2 WHERE id = ?1 )sql";

}  // namespace

void set_channel_expiration(WriteTx& tx, RowId channel_id, const OptionalText& settings,
                            TimeMs now_ms) {
  tx.connection().execute(kSetChannelExpiration, channel_id, settings, now_ms);
}

void set_user_expiration(WriteTx& tx, RowId user_id, const OptionalText& settings, TimeMs now_ms) {
  tx.connection().execute(kSetUserExpiration, user_id, settings, now_ms);
}

Retention find_retention(ReadTx& tx, RowId app_instance_id) {
  Retention retention;
  Statement row = tx.connection().query(kFindRetention, app_instance_id);
  if (!row.step()) return retention;
  retention.settings = row.next_optional_text();
  retention.deletion_ms = row.next_optional_integer();
  return retention;
}

void set_retention(WriteTx& tx, RowId app_instance_id, const Retention& retention) {
  tx.connection().execute(kSetRetention, app_instance_id, retention.settings,
                          retention.deletion_ms);
}

OptionalText find_streaming(ReadTx& tx, RowId app_instance_id) {
  Statement row = tx.connection().query(kFindStreaming, app_instance_id);
  if (!row.step()) return std::nullopt;
  return row.optional_text(0);
}

void set_streaming(WriteTx& tx, RowId app_instance_id, const OptionalText& configurations) {
  tx.connection().execute(kSetStreaming, app_instance_id, configurations);
}

}  // namespace carillon::store
