// The answers given to client request tokens, so that a retry gets the same one.
#pragma once

#include <optional>
#include <string_view>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

// `key` is a digest of the account, and one of the operation, the region and the token (24 bytes,
// binary).
std::optional<TokenRow> find_token(ReadTx& tx, std::string_view key);
// Now and then also drops the tokens that are older or more than limits.h allows: no separate sweep
// is needed.
void insert_token(WriteTx& tx, std::string_view key, const TokenRow& row, TimeMs now_ms);
// Drops the tokens whose keys begin so: those of one account.
void delete_tokens(WriteTx& tx, std::string_view key_prefix);

}  // namespace carillon::store
