// NextToken: where the next page begins, in a form that only the operation and the request that it
// was made for accept. Pure: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/result.h"

namespace carillon::api::domain {

// What a token is good for: the operation, the resource it lists and the filters, so that a token
// of another list is refused.
using PageScope = std::string;
PageScope page_scope(std::string_view operation, std::initializer_list<std::string_view> parts);

// A place in a list: up to two numbers, whose meaning is the list's own.
struct Cursor {
  std::int64_t first = 0;
  std::int64_t second = 0;
};

std::string make_next_token(const PageScope& scope, Cursor cursor);

// Absent token: absent cursor. A token that was altered, or made for another list: BadRequest.
Result<std::optional<Cursor>> read_next_token(const PageScope& scope,
                                              const std::optional<std::string>& token);

// The number of rows that the request asks for.
int page_rows(const std::optional<std::int64_t>& max_results);

// Cuts a list that was fetched with one row more than the page has. Returns whether there are more.
template <typename Rows>
bool cut_page(Rows& rows, int limit) {
  if (rows.size() <= static_cast<std::size_t>(limit)) return false;
  rows.resize(static_cast<std::size_t>(limit));
  return true;
}

}  // namespace carillon::api::domain
