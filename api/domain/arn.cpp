#include "api/domain/arn.h"

#include <algorithm>
#include <array>

namespace carillon::api::domain {
namespace {

struct KindText {
  ArnKind kind;
  std::string_view segment;  // below the app instance
  std::string_view description;
};

constexpr std::array<KindText, 4> kKinds{{
    {ArnKind::kUser, "user", "a user (arn:aws:chime:REGION:ACCOUNT:app-instance/ID/user/ID)"},
    {ArnKind::kBot, "bot", "a bot (arn:aws:chime:REGION:ACCOUNT:app-instance/ID/bot/ID)"},
    {ArnKind::kChannel, "channel",
     "a channel (arn:aws:chime:REGION:ACCOUNT:app-instance/ID/channel/ID)"},
    {ArnKind::kChannelFlow, "channel-flow",
     "a channel flow (arn:aws:chime:REGION:ACCOUNT:app-instance/ID/channel-flow/ID)"},
}};

constexpr std::string_view kPrefix = "arn:aws:chime:";
constexpr std::string_view kAppInstance = "app-instance/";

// What follows the fifth colon, or nothing if this is no chime ARN.
std::string_view resource_part(std::string_view arn) {
  if (arn.substr(0, kPrefix.size()) != kPrefix) return {};
  std::size_t colon = kPrefix.size() - 1;
  for (int i = 0; i < 2; ++i) {
    colon = arn.find(':', colon + 1);
    if (colon == std::string_view::npos) return {};
  }
  return arn.substr(colon + 1);
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// What CreateAppInstanceUser takes for an id; the ids that the service makes are such, too.
bool is_id(std::string_view text) {
  static constexpr std::string_view kOthers = ":-_.@";
  return !text.empty() && text.size() <= 64 && is_letter_or_digit(text.front()) &&
         is_letter_or_digit(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter_or_digit(c) || kOthers.find(c) != std::string_view::npos;
         });
}

}  // namespace

bool is_account(std::string_view text) {
  return text.size() == 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

ArnKind arn_kind(std::string_view arn) {
  std::string_view rest = resource_part(arn);
  if (rest.substr(0, kAppInstance.size()) != kAppInstance) return ArnKind::kOther;
  rest.remove_prefix(kAppInstance.size());
  const std::size_t id_end = rest.find('/');
  if (rest.empty() || id_end == 0) return ArnKind::kOther;
  if (id_end == std::string_view::npos) return ArnKind::kAppInstance;
  rest.remove_prefix(id_end + 1);
  const std::size_t kind_end = rest.find('/');
  if (kind_end == std::string_view::npos || kind_end + 1 == rest.size()) return ArnKind::kOther;
  for (const KindText& text : kKinds) {
    if (rest.substr(0, kind_end) == text.segment) return text.kind;
  }
  return ArnKind::kOther;
}

std::string_view describe(ArnKind kind) {
  for (const KindText& text : kKinds) {
    if (text.kind == kind) return text.description;
  }
  return kind == ArnKind::kAppInstance
             ? "an app instance (arn:aws:chime:REGION:ACCOUNT:app-instance/ID)"
             : "something else";
}

std::optional<Caller> arn_owner(std::string_view arn) {
  if (arn_kind(arn) == ArnKind::kOther) return std::nullopt;
  const std::string_view owner = arn.substr(kPrefix.size());
  const std::size_t colon = owner.find(':');
  const std::size_t end = owner.find(':', colon + 1);
  return Caller{std::string(owner.substr(colon + 1, end - colon - 1)),
                std::string(owner.substr(0, colon))};
}

std::optional<ArnParts> split_arn(std::string_view arn) {
  const auto owner = arn_owner(arn);
  if (!owner || !is_account(owner->account) || !is_region(owner->region)) return std::nullopt;
  const std::size_t begin = arn.find(kAppInstance) + kAppInstance.size();
  const std::size_t end = std::min(arn.find('/', begin), arn.size());
  ArnParts parts{arn_kind(arn),
                 *owner,
                 std::string(arn.substr(0, end)),
                 std::string(arn.substr(begin, end - begin)),
                 {}};
  if (end < arn.size()) parts.id = arn.substr(arn.find('/', end + 1) + 1);
  const bool below = parts.kind != ArnKind::kAppInstance;
  if (!is_id(parts.app_instance_id) || (below && !is_id(parts.id))) return std::nullopt;
  return parts;
}

std::string arn_prefix(const Caller& caller) {
  return std::string(kPrefix) + caller.region + ":" + caller.account + ":";
}

std::string app_instance_arn(const Caller& caller, std::string_view id) {
  return arn_prefix(caller).append(kAppInstance).append(id);
}

std::string stream_arn_prefix(std::string_view app_instance_arn) {
  const std::size_t end = app_instance_arn.find(kAppInstance);
  const std::string_view region_and_account =
      app_instance_arn.substr(kPrefix.size(), end - kPrefix.size());
  return "arn:aws:kinesis:" + std::string(region_and_account) + "stream/";
}

std::string resource_arn(std::string_view app_instance_arn, ArnKind kind, std::string_view id) {
  std::string arn(app_instance_arn);
  for (const KindText& text : kKinds) {
    if (text.kind == kind) arn.append("/").append(text.segment).append("/").append(id);
  }
  return arn;
}

}  // namespace carillon::api::domain
