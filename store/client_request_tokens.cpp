#include "store/client_request_tokens.h"

#include "store/connection.h"
#include "store/limits.h"

namespace carillon::store {

namespace {

constexpr char kFindToken[] = R"sql(
  SELECT fingerprint, http_status, response FROM client_request_tokens WHERE key = ?1 )sql";
constexpr char kInsertToken[] = R"sql(
  INSERT INTO client_request_tokens (key, fingerprint, http_status, response, created_ms)
  VALUES (?1, ?2, ?3, ?4, ?5) )sql";
constexpr char kOldestToken[] = R"sql(
  SELECT id, created_ms FROM client_request_tokens ORDER BY id LIMIT 1 )sql";
constexpr char kDropToken[] = R"sql( DELETE FROM client_request_tokens WHERE id = ?1 )sql";

TokenRow read_token(Statement& row) {
  TokenRow result;
  result.fingerprint = row.next_text();
  result.http_status = static_cast<int>(row.next_integer());
  result.response = row.next_text();
  return result;
}

// Only the lowest ids are ever dropped, so that the ids are without gaps and count the tokens.
void drop_old_tokens(WriteTx& tx, RowId newest, TimeMs now_ms) {
  for (int dropped = 0; dropped < kTokensDroppedMax; ++dropped) {
    RowId oldest = 0;
    {
      Statement row = tx.connection().query(kOldestToken);
      if (!row.step()) return;
      oldest = row.integer(0);
      const bool expired = row.integer(1) < now_ms - kTokenAgeMsMax;
      const bool too_many = newest - oldest >= kTokensMax;
      if (!expired && !too_many) return;
    }
    tx.connection().execute(kDropToken, oldest);
  }
}

}  // namespace

std::optional<TokenRow> find_token(ReadTx& tx, std::string_view key) {
  return read_one(tx.connection().query(kFindToken, Blob{key}), read_token);
}

void insert_token(WriteTx& tx, std::string_view key, const TokenRow& row, TimeMs now_ms) {
  tx.connection().execute(kInsertToken, Blob{key}, Blob{row.fingerprint}, row.http_status,
                          row.response, now_ms);
  drop_old_tokens(tx, tx.connection().last_insert_id(), now_ms);
}

}  // namespace carillon::store
