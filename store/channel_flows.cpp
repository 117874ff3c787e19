#include "store/channel_flows.h"

#include "store/connection.h"
#include "store/resource_tags.h"

namespace carillon::store {

namespace {

#define CHANNEL_FLOW_COLUMNS \
  "f.id, f.app_instance_id, f.version_id, f.arn, f.name, f.created_ms, f.updated_ms "

constexpr char kFindChannelFlow[] = "SELECT " CHANNEL_FLOW_COLUMNS R"sql(
  FROM channel_flows f CROSS JOIN app_instances a
  WHERE f.arn = ?1 AND a.id = f.app_instance_id )sql";
constexpr char kListChannelFlows[] = "SELECT " CHANNEL_FLOW_COLUMNS R"sql(
  FROM channel_flows f WHERE f.app_instance_id = ?1 AND f.id > ?2 ORDER BY f.id LIMIT ?3 )sql";
constexpr char kListAllChannelFlows[] = "SELECT " CHANNEL_FLOW_COLUMNS R"sql(
  FROM channel_flows f CROSS JOIN app_instances a
  WHERE f.id > ?1 AND a.id = f.app_instance_id ORDER BY f.id LIMIT ?2 )sql";
constexpr char kListProcessors[] = R"sql(
  SELECT execution_order, name, lambda_arn, invocation_type, fallback_action
  FROM processors WHERE version_id = ?1 ORDER BY execution_order )sql";
constexpr char kIsAssociated[] = R"sql(
  SELECT 1 FROM channels WHERE channel_flow_id = ?1 LIMIT 1 )sql";

constexpr char kInsertVersion[] = R"sql(
  INSERT INTO channel_flow_versions (retired) VALUES (0) )sql";
constexpr char kInsertProcessor[] = R"sql(
  INSERT INTO processors
    (version_id, execution_order, name, lambda_arn, invocation_type, fallback_action)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6) )sql";
constexpr char kInsertChannelFlow[] = R"sql(
  INSERT INTO channel_flows (app_instance_id, version_id, arn, name, created_ms, updated_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6) )sql";
constexpr char kUpdateChannelFlow[] = R"sql(
  UPDATE channel_flows SET name = ?2, version_id = ?3, updated_ms = ?4 WHERE id = ?1 )sql";
constexpr char kDeleteChannelFlow[] = R"sql( DELETE FROM channel_flows WHERE id = ?1 )sql";
constexpr char kRetireVersion[] = R"sql(
  UPDATE channel_flow_versions SET retired = 1
  WHERE id = (SELECT version_id FROM channel_flows WHERE id = ?1) )sql";
constexpr char kFindDoneVersion[] = R"sql(
  SELECT v.id FROM channel_flow_versions v
  WHERE v.retired = 1
    AND NOT EXISTS (SELECT 1 FROM flow_executions e WHERE e.flow_version_id = v.id)
  LIMIT 1 )sql";
constexpr char kDeleteProcessors[] = R"sql( DELETE FROM processors WHERE version_id = ?1 )sql";
constexpr char kDeleteVersion[] = R"sql( DELETE FROM channel_flow_versions WHERE id = ?1 )sql";

ChannelFlowRow read_channel_flow(Statement& row) {
  ChannelFlowRow result;
  result.id = row.next_integer();
  result.app_instance_id = row.next_integer();
  result.version_id = row.next_integer();
  result.arn = row.next_text();
  result.name = row.next_text();
  result.created_ms = row.next_integer();
  result.updated_ms = row.next_integer();
  return result;
}

ProcessorRow read_processor(Statement& row) {
  ProcessorRow result;
  result.execution_order = static_cast<int>(row.next_integer());
  result.name = row.next_text();
  result.lambda_arn = row.next_text();
  result.invocation_type = row.next_text();
  result.fallback_action = row.next_text();
  return result;
}

RowId insert_version(WriteTx& tx, const std::vector<ProcessorRow>& processors) {
  tx.connection().execute(kInsertVersion);
  const RowId version_id = tx.connection().last_insert_id();
  for (const ProcessorRow& row : processors) {
    tx.connection().execute(kInsertProcessor, version_id, row.execution_order, row.name,
                            row.lambda_arn, row.invocation_type, row.fallback_action);
  }
  return version_id;
}

// A message that leaves the flow does not look whether it was the last of its version: that would
// cost every message. Whoever retires a version clears away the earlier ones instead.
void delete_done_versions(WriteTx& tx) {
  for (;;) {
    std::optional<RowId> version_id;
    {
      Statement done = tx.connection().query(kFindDoneVersion);
      if (done.step()) version_id = done.integer(0);
    }
    if (!version_id) return;
    tx.connection().execute(kDeleteProcessors, *version_id);
    tx.connection().execute(kDeleteVersion, *version_id);
  }
}

}  // namespace

std::optional<ChannelFlowRow> find_channel_flow(ReadTx& tx, std::string_view arn) {
  if (!tx.sees(arn)) return std::nullopt;
  return read_one(tx.connection().query(kFindChannelFlow, arn), read_channel_flow);
}

std::vector<ChannelFlowRow> list_channel_flows(ReadTx& tx, RowId app_instance_id, RowId after,
                                               int limit) {
  return read_all(tx.connection().query(kListChannelFlows, app_instance_id, after, limit),
                  read_channel_flow);
}

std::vector<ChannelFlowRow> list_all_channel_flows(ReadTx& tx, RowId after, int limit) {
  return read_all(tx.connection().query(kListAllChannelFlows, after, limit), read_channel_flow);
}

std::vector<ProcessorRow> list_processors(ReadTx& tx, RowId version_id) {
  return read_all(tx.connection().query(kListProcessors, version_id), read_processor);
}

bool is_channel_flow_associated(ReadTx& tx, RowId id) {
  return tx.connection().query(kIsAssociated, id).step();
}

RowId insert_channel_flow(WriteTx& tx, const ChannelFlowRow& row,
                          const std::vector<ProcessorRow>& processors) {
  const RowId version_id = insert_version(tx, processors);
  tx.connection().execute(kInsertChannelFlow, row.app_instance_id, version_id, row.arn, row.name,
                          row.created_ms, row.updated_ms);
  return tx.connection().last_insert_id();
}

void update_channel_flow(WriteTx& tx, RowId id, std::string_view name,
                         const std::vector<ProcessorRow>& processors, TimeMs now_ms) {
  tx.connection().execute(kRetireVersion, id);
  const RowId version_id = insert_version(tx, processors);
  tx.connection().execute(kUpdateChannelFlow, id, name, version_id, now_ms);
  delete_done_versions(tx);
}

void delete_channel_flow(WriteTx& tx, RowId id) {
  delete_channel_flow_tags(tx, id);
  tx.connection().execute(kRetireVersion, id);
  tx.connection().execute(kDeleteChannelFlow, id);
  delete_done_versions(tx);
}

}  // namespace carillon::store
