#include "api/admin/query.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "api/domain/arn.h"
#include "api/limits.h"
#include "api/protocol/json.h"
#include "api/protocol/uri.h"

namespace carillon::api::admin {
namespace {

template <typename Names>
std::string join(const Names& names) {
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

}  // namespace

Result<Query> Query::parse(std::string_view target, std::initializer_list<std::string_view> known) {
  std::vector<std::string_view> names(known);
  names.insert(names.end(), {"max-results", "next-token"});
  Query query;
  for (const auto& [name, raw] : protocol::split_query(protocol::split_target(target).query)) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return error::bad_request("There is no query parameter '" + printable(name) +
                                "' here. There are: " + join(names) + ".");
    }
    auto value = protocol::percent_decode(raw);
    if (!value || !protocol::is_utf8(*value)) {
      return error::bad_request("The query parameter '" + std::string(name) +
                                "' is not percent-encoded UTF-8.");
    }
    if (!query.values_.emplace(name, std::move(*value)).second) {
      return error::bad_request("The query parameter '" + std::string(name) + "' is given twice.");
    }
  }
  return query;
}

std::string_view Query::text(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string_view() : found->second;
}

Result<std::string_view> Query::required(std::string_view name) const {
  if (!text(name).empty()) return text(name);
  return error::bad_request("The query parameter '" + std::string(name) + "' is missing.");
}

Result<std::string_view> Query::one_of(std::string_view name,
                                       std::initializer_list<std::string_view> allowed) const {
  const std::string_view value = text(name);
  if (value.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end()) {
    return value;
  }
  return error::bad_request("The query parameter '" + std::string(name) + "' is '" +
                            std::string(value) + "', but must be one of " + join(allowed) + ".");
}

Result<int> Query::max_results() const {
  const std::string_view value = text("max-results");
  if (value.empty()) return kAdminPageRowsDefault;
  int number = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (failure == std::errc() && end == value.data() + value.size() && number >= 1 &&
      number <= kAdminPageRowsMax) {
    return number;
  }
  return error::bad_request("The query parameter 'max-results' is '" + std::string(value) +
                            "', but must be a number from 1 to " +
                            std::to_string(kAdminPageRowsMax) + ".");
}

std::optional<std::string> Query::next_token() const {
  const auto found = values_.find("next-token");
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

namespace {

Result<std::optional<std::string>> account_in_body(std::string_view body) {
  if (body.empty()) return std::optional<std::string>();
  const json::Document document(body);
  if (document.error()) return error::bad_request("The request body " + *document.error() + ".");
  if (document.root().type() != json::Type::kObject) {
    return error::bad_request("The request body must be an object: {\"Account\": \"...\"}.");
  }
  std::optional<std::string> account;
  std::string problem;
  document.root().for_each_member([&](std::string_view name, json::Value value) {
    if (name != "Account") {
      problem = printable(name) + " is no member here; there is Account.";
    } else if (value.type() != json::Type::kString) {
      problem = "Account must be a string.";
    } else {
      account = value.string();
    }
  });
  if (!problem.empty()) return error::bad_request(std::move(problem));
  return account;
}

}  // namespace

Result<std::string> read_account(const HttpRequest& request) {
  TRY_ASSIGN(const Query query, Query::parse(request.target, {"account"}));
  TRY_ASSIGN(const auto in_body, account_in_body(request.body));
  if (!in_body && !query.has("account")) return std::string();
  const std::string account = in_body.value_or(std::string(query.text("account")));
  if (query.has("account") && query.text("account") != account) {
    return error::bad_request("The query and the body name different accounts.");
  }
  // An empty one is more likely a variable that was not set than the wish to lose everything.
  if (!domain::is_account(account)) {
    return error::bad_request("The account is '" + printable(account) +
                              "', but must have 12 digits.");
  }
  return account;
}

}  // namespace carillon::api::admin
