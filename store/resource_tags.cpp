#include "store/resource_tags.h"

#include "store/connection.h"

namespace carillon::store {

namespace {

constexpr char kListTags[] = R"sql(
  SELECT key, value FROM resource_tags WHERE arn = ?1 ORDER BY key )sql";
constexpr char kPutTag[] = R"sql(
  INSERT INTO resource_tags (arn, key, value) VALUES (?1, ?2, ?3)
  ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value )sql";
constexpr char kDeleteTag[] = R"sql(
  DELETE FROM resource_tags WHERE arn = ?1 AND key = ?2 )sql";

constexpr char kDeleteAppInstanceTags[] = R"sql(
  DELETE FROM resource_tags WHERE arn = (SELECT arn FROM app_instances WHERE id = ?1) )sql";
constexpr char kDeleteIdentityTags[] = R"sql(
  DELETE FROM resource_tags WHERE arn = (SELECT arn FROM identities WHERE id = ?1) )sql";
constexpr char kDeleteChannelTags[] = R"sql(
  DELETE FROM resource_tags WHERE arn = (SELECT arn FROM channels WHERE id = ?1) )sql";
constexpr char kDeleteChannelFlowTags[] = R"sql(
  DELETE FROM resource_tags WHERE arn = (SELECT arn FROM channel_flows WHERE id = ?1) )sql";

TagRow read_tag(Statement& row) {
  TagRow result;
  result.key = row.next_text();
  result.value = row.next_text();
  return result;
}

}  // namespace

std::vector<TagRow> list_tags(ReadTx& tx, std::string_view arn) {
  if (!tx.sees(arn)) return {};
  return read_all(tx.connection().query(kListTags, arn), read_tag);
}

void put_tag(WriteTx& tx, std::string_view arn, const TagRow& tag) {
  tx.connection().execute(kPutTag, arn, tag.key, tag.value);
}

void delete_tag(WriteTx& tx, std::string_view arn, std::string_view key) {
  tx.connection().execute(kDeleteTag, arn, key);
}

void delete_app_instance_tags(WriteTx& tx, RowId app_instance_id) {
  tx.connection().execute(kDeleteAppInstanceTags, app_instance_id);
}

void delete_identity_tags(WriteTx& tx, RowId identity_id) {
  tx.connection().execute(kDeleteIdentityTags, identity_id);
}

void delete_channel_tags(WriteTx& tx, RowId channel_id) {
  tx.connection().execute(kDeleteChannelTags, channel_id);
}

void delete_channel_flow_tags(WriteTx& tx, RowId channel_flow_id) {
  tx.connection().execute(kDeleteChannelFlowTags, channel_flow_id);
}

}  // namespace carillon::store
