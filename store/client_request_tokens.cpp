#include "store/client_request_tokens.h"

#include <algorithm>

#include "store/connection.h"
#include "store/limits.h"

namespace carillon::store {

namespace {

constexpr char kFindToken[] = R"sql(
  SELECT fingerprint, http_status, response FROM client_request_tokens WHERE key = ?1 )sql";
constexpr char kInsertToken[] = R"sql(
  INSERT INTO client_request_tokens (key, fingerprint, http_status, response, created_ms)
  VALUES (?1, ?2, ?3, ?4, ?5) )sql";
constexpr char kNewestExpiredToken[] = R"sql(
  SELECT max(id) FROM
    (SELECT id, created_ms FROM client_request_tokens ORDER BY id LIMIT ?1)
  WHERE created_ms < ?2 )sql";
constexpr char kDropTokens[] = R"sql( DELETE FROM client_request_tokens WHERE id <= ?1 )sql";
constexpr char kDeleteTokens[] = R"sql(
  DELETE FROM client_request_tokens WHERE key >= ?1 AND key <= ?2 )sql";

// No key has more bytes.
constexpr std::size_t kKeyBytesMax = 64;

TokenRow read_token(Statement& row) {
  TokenRow result;
  result.fingerprint = row.next_text();
  result.http_status = static_cast<int>(row.next_integer());
  result.response = row.next_text();
  return result;
}

// Many at a time, and not one for each that is added: keys are random, so that each row's entry in
// the index is on a page of its own, and dropping the oldest with every insert would double the
// pages that an insert writes. The lowest ids go first, so ids count the tokens; where those of an
// account were deleted, fewer are kept.
void drop_old_tokens(WriteTx& tx, RowId newest, TimeMs now_ms) {
  if (newest % kTokensDroppedTogether != 0) return;
  Connection& connection = tx.connection();
  RowId last = newest - kTokensMax;
  {
    Statement row =
        connection.query(kNewestExpiredToken, 2 * kTokensDroppedTogether, now_ms - kTokenAgeMsMin);
    if (row.step()) last = std::max(last, row.integer(0));
  }
  connection.execute(kDropTokens, last);
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

void delete_tokens(WriteTx& tx, std::string_view key_prefix) {
  const std::string last = std::string(key_prefix) + std::string(kKeyBytesMax, '\xFF');
  tx.connection().execute(kDeleteTokens, Blob{key_prefix}, Blob{last});
}

}  // namespace carillon::store
