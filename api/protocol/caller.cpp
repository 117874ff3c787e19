#include "api/protocol/caller.h"

#include <string_view>

#include "api/domain/arn.h"
#include "api/protocol/uri.h"

namespace carillon::api::protocol {
namespace {

std::string_view next_part(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view part = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  return part;
}

}  // namespace

std::string credential_of(const HttpRequest& request) {
  static constexpr std::string_view kCredential = "Credential=";
  const std::string_view authorization = request.headers.find("Authorization").value_or("");
  if (const std::size_t start = authorization.find(kCredential); start != std::string_view::npos) {
    const std::string_view rest = authorization.substr(start + kCredential.size());
    return std::string(rest.substr(0, rest.find_first_of(", ")));
  }
  for (const auto& [name, value] : split_query(split_target(request.target).query)) {
    if (name == "X-Amz-Credential") return percent_decode(value).value_or("");
  }
  return {};
}

Caller read_caller(const HttpRequest& request, const Options& options,
                   std::span<const std::string> mentioned) {
  Caller caller{options.default_account, options.default_region};
  for (const std::string& arn : mentioned) {
    const auto parts = domain::split_arn(arn);
    if (!parts) continue;
    caller = parts->owner;
    break;
  }
  const std::string credential = credential_of(request);
  std::string_view rest = credential;
  const std::string_view key = next_part(rest);
  next_part(rest);  // the date
  const std::string_view region = next_part(rest);
  if (domain::is_account(key)) caller.account = key;
  if (domain::is_region(region)) caller.region = region;
  return caller;
}

}  // namespace carillon::api::protocol
