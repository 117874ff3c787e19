// The answers given to client request tokens, so that a retry gets the same one.
#pragma once

#include <optional>
#include <string_view>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

// `key` is a digest of the operation, the caller and the token (16 bytes, binary).
std::optional<TokenRow> find_token(ReadTx& tx, std::string_view key);
// Now and then also drops the tokens that are older or more than limits.h allows: no separate sweep
// is needed.
void insert_token(WriteTx& tx, std::string_view key, const TokenRow& row, TimeMs now_ms);

}  // namespace carillon::store
