#include "api/domain/arn.h"

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

}  // namespace

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
