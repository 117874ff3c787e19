#include "store/app_instance_user_endpoints.h"

#include "store/connection.h"

namespace carillon::store {

namespace {

#define SELECT_ENDPOINT                                                                     \
  "SELECT id, user_id, endpoint_id, name, type, resource_arn, attributes, allow_messages, " \
  "created_ms, updated_ms FROM app_instance_user_endpoints "

constexpr char kFindEndpoint[] = SELECT_ENDPOINT R"sql(
  WHERE user_id = ?1 AND endpoint_id = ?2 )sql";
constexpr char kListEndpoints[] = SELECT_ENDPOINT R"sql(
  WHERE user_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3 )sql";
constexpr char kInsertEndpoint[] = R"sql(
  INSERT INTO app_instance_user_endpoints
    (app_instance_id, user_id, endpoint_id, name, type, resource_arn, attributes, allow_messages,
     created_ms, updated_ms)
  VALUES ((SELECT app_instance_id FROM identities WHERE id = ?1),
          ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) )sql";
constexpr char kUpdateEndpoint[] = R"sql(
  UPDATE app_instance_user_endpoints
  SET name = coalesce(?2, name), allow_messages = coalesce(?3, allow_messages), updated_ms = ?4
  WHERE id = ?1 )sql";
constexpr char kDeleteEndpoint[] = R"sql(
  DELETE FROM app_instance_user_endpoints WHERE id = ?1 )sql";

EndpointRow read_endpoint(Statement& row) {
  EndpointRow result;
  result.id = row.next_integer();
  result.user_id = row.next_integer();
  result.endpoint_id = row.next_text();
  result.name = row.next_optional_text();
  result.type = row.next_text();
  result.resource_arn = row.next_text();
  result.attributes = row.next_text();
  result.allow_messages = row.next_text();
  result.created_ms = row.next_integer();
  result.updated_ms = row.next_integer();
  return result;
}

}  // namespace

std::optional<EndpointRow> find_endpoint(ReadTx& tx, RowId user_id, std::string_view endpoint_id) {
  return read_one(tx.connection().query(kFindEndpoint, user_id, endpoint_id), read_endpoint);
}

std::vector<EndpointRow> list_endpoints(ReadTx& tx, RowId user_id, RowId after, int limit) {
  return read_all(tx.connection().query(kListEndpoints, user_id, after, limit), read_endpoint);
}

void insert_endpoint(WriteTx& tx, const EndpointRow& row) {
  tx.connection().execute(kInsertEndpoint, row.user_id, row.endpoint_id, row.name, row.type,
                          row.resource_arn, row.attributes, row.allow_messages, row.created_ms,
                          row.updated_ms);
}

void update_endpoint(WriteTx& tx, RowId id, const OptionalText& name,
                     const OptionalText& allow_messages, TimeMs now_ms) {
  tx.connection().execute(kUpdateEndpoint, id, name, allow_messages, now_ms);
}

void delete_endpoint(WriteTx& tx, RowId id) { tx.connection().execute(kDeleteEndpoint, id); }

}  // namespace carillon::store
