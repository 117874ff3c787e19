#include "api/protocol/caller.h"

#include <algorithm>
#include <string_view>

namespace carillon::api::protocol {
namespace {

std::string_view next_part(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view part = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  return part;
}

bool is_account(std::string_view key) {
  return key.size() == 12 &&
         std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A region becomes part of ARNs, so it must be one: "us-east-1".
bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

Caller read_caller(const RequestHeaders& headers, const Options& options) {
  Caller caller{options.default_account, options.default_region};
  const std::string_view authorization = headers.find("Authorization").value_or("");
  static constexpr std::string_view kCredential = "Credential=";
  const std::size_t start = authorization.find(kCredential);
  if (start == std::string_view::npos) return caller;
  std::string_view scope = authorization.substr(start + kCredential.size());
  scope = scope.substr(0, scope.find_first_of(", "));
  const std::string_view key = next_part(scope);
  next_part(scope);  // the date
  const std::string_view region = next_part(scope);
  if (is_account(key)) caller.account = key;
  if (is_region(region)) caller.region = region;
  return caller;
}

}  // namespace carillon::api::protocol
