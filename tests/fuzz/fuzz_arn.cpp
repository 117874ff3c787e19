// ARNs and paging tokens. The first byte chooses the function, the rest is the text.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "api/domain/arn.h"
#include "api/domain/paging.h"
#include "api/protocol/router.h"
#include "tests/fuzz/invariants.h"

namespace {

using carillon::fuzz::require;
namespace domain = carillon::api::domain;

constexpr domain::ArnKind kKindsBelow[] = {domain::ArnKind::kUser, domain::ArnKind::kBot,
                                           domain::ArnKind::kChannel,
                                           domain::ArnKind::kChannelFlow};

void check_kind(std::string_view arn) {
  const domain::ArnKind kind = domain::arn_kind(arn);
  require(!domain::describe(kind).empty(), "every kind has a description");
  const bool is_identity = carillon::api::protocol::is_identity_resource(arn);
  if (kind == domain::ArnKind::kChannel || kind == domain::ArnKind::kChannelFlow) {
    require(!is_identity, "channels and channel flows are messaging's");
  }
  if (kind == domain::ArnKind::kAppInstance) require(is_identity, "an app instance is identity's");
}

void check_made_arn(std::string_view id) {
  const std::string app_instance = domain::app_instance_arn({"111122223333", "us-east-1"}, "a");
  for (const domain::ArnKind kind : kKindsBelow) {
    const std::string arn = domain::resource_arn(app_instance, kind, id);
    require(domain::arn_kind(arn) == (id.empty() ? domain::ArnKind::kOther : kind),
            "an ARN that was made is of its kind");
  }
}

void check_token(const std::string& token) {
  const domain::PageScope scope = domain::page_scope("ListChannels", {"arn"});
  const auto cursor = domain::read_next_token(scope, token);
  if (!cursor) {
    require(cursor.error().kind == carillon::api::ErrorKind::kBadRequest,
            "a token that is refused is a bad request");
    return;
  }
  require(cursor->has_value(), "a token that is accepted is a cursor");
  require(domain::make_next_token(scope, **cursor) == token, "only what was made is accepted");
}

void check_made_token(std::string_view text) {
  domain::Cursor cursor;
  if (text.size() < sizeof(cursor.first) + sizeof(cursor.second)) return;
  std::memcpy(&cursor.first, text.data(), sizeof(cursor.first));
  std::memcpy(&cursor.second, text.data() + sizeof(cursor.first), sizeof(cursor.second));
  const std::string_view name = text.substr(sizeof(cursor.first) + sizeof(cursor.second));
  const std::string token = domain::make_next_token(domain::page_scope("List", {name}), cursor);
  const auto again = domain::read_next_token(domain::page_scope("List", {name}), token);
  require(again && *again, "a token that was made is accepted");
  require((*again)->first == cursor.first && (*again)->second == cursor.second,
          "a token brings its cursor back");
  require(!domain::read_next_token(domain::page_scope("List", {name, ""}), token),
          "a token of another list is refused");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) noexcept {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: check_kind(text); break;
    case 1: check_made_arn(text); break;
    case 2: check_token(std::string(text)); break;
    default: check_made_token(text); break;
  }
  return 0;
}
