// Query parameters of the admin endpoint, checked as strictly as the service's own: an unknown or
// doubled parameter is an error that names it and says which there are. Pure: any thread.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "api/http.h"
#include "api/result.h"

namespace carillon::api::admin {

class Query {
 public:
  // `known` are the parameters that this path takes besides max-results and next-token.
  static Result<Query> parse(std::string_view target,
                             std::initializer_list<std::string_view> known);

  bool has(std::string_view name) const { return values_.contains(name); }
  // Empty when it was not given.
  std::string_view text(std::string_view name) const;
  Result<std::string_view> required(std::string_view name) const;
  // One of `allowed`, or empty.
  Result<std::string_view> one_of(std::string_view name,
                                  std::initializer_list<std::string_view> allowed) const;
  // 1 .. 1000; 100 if not given.
  Result<int> max_results() const;
  std::optional<std::string> next_token() const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// The account that a request is about, from ?account= or a body {"Account": "..."}; empty if none.
// Anything else in there is an error.
Result<std::string> read_account(const HttpRequest& request);

}  // namespace carillon::api::admin
