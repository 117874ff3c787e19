#include "store/provisioned_resources.h"

#include "store/connection.h"

namespace carillon::store {

namespace {

constexpr char kInsertProvisioned[] = R"sql(
  INSERT OR REPLACE INTO provisioned_resources (arn, created_ms) VALUES (?1, ?2) )sql";
constexpr char kListProvisioned[] = R"sql(
  SELECT id, arn, created_ms FROM provisioned_resources WHERE id > ?1 ORDER BY id LIMIT ?2 )sql";
constexpr char kDeleteProvisioned[] = R"sql(
  DELETE FROM provisioned_resources WHERE id = ?1 )sql";

ProvisionedRow read_provisioned(Statement& row) {
  ProvisionedRow result;
  result.id = row.next_integer();
  result.arn = row.next_text();
  result.created_ms = row.next_integer();
  return result;
}

}  // namespace

void insert_provisioned_resource(WriteTx& tx, std::string_view arn, TimeMs now_ms) {
  tx.connection().execute(kInsertProvisioned, arn, now_ms);
}

std::vector<ProvisionedRow> list_provisioned_resources(ReadTx& tx, RowId after, int limit) {
  return read_all(tx.connection().query(kListProvisioned, after, limit), read_provisioned);
}

void delete_provisioned_resource(WriteTx& tx, RowId id) {
  tx.connection().execute(kDeleteProvisioned, id);
}

}  // namespace carillon::store
