#include "api/protocol/rate_uses.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "api/domain/quotas.h"

namespace carillon::api::protocol {
namespace {

using domain::RateSubject;

// Empty when the request does not have it.
std::string_view text_of(const Operation& operation, const BoundInput& bound,
                         std::string_view name) {
  const auto& members = operation.input->members;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i].name != name) continue;
    const json::Value value = bound.member(i);
    return value.type() == json::Type::kString ? value.string() : std::string_view();
  }
  return {};
}

// arn:...:app-instance/ID of what is below it, e.g. arn:...:app-instance/ID/channel/ID.
std::string_view app_instance_of(std::string_view arn) {
  const std::size_t id = arn.find('/');
  if (id == std::string_view::npos) return arn;
  return arn.substr(0, arn.find('/', id + 1));
}

// Empty when the rate does not concern the request.
std::string subject_of(RateSubject subject, const Operation& operation, const BoundInput& bound) {
  const auto text = [&](std::string_view name) { return text_of(operation, bound, name); };
  switch (subject) {
    case RateSubject::kAccount: return "account";
    case RateSubject::kBearer: return std::string(text("ChimeBearer"));
    case RateSubject::kUser: {
      const std::string_view user = text("AppInstanceUserArn");
      return std::string(user.empty() ? text("ChimeBearer") : user);
    }
    case RateSubject::kChannel: {
      const std::string_view sub_channel = text("SubChannelId");
      return std::string(text("ChannelArn"))
          .append(sub_channel.empty() ? "" : "/")
          .append(sub_channel);
    }
    case RateSubject::kAppInstance: {
      for (const char* name : {"AppInstanceArn", "ChannelArn", "AppInstanceUserArn"}) {
        if (!text(name).empty()) return std::string(app_instance_of(text(name)));
      }
      return {};
    }
  }
  return {};
}

bool concerns(const domain::Rate& rate, const Operation& operation) {
  if (!rate.operations.empty()) {
    return std::find(rate.operations.begin(), rate.operations.end(), operation.name) !=
           rate.operations.end();
  }
  return operation.service ==
         (rate.subject == RateSubject::kAccount ? ServiceName::kIdentity : ServiceName::kMessaging);
}

}  // namespace

std::vector<domain::BucketUse> rate_uses(const Operation& operation, const BoundInput& bound,
                                         const Caller& caller) {
  // Each account has buckets of its own, so that nobody can use up another's.
  const std::string scope = " " + caller.region + ":" + caller.account + " ";
  std::vector<domain::BucketUse> uses;
  int number = 0;
  for (const domain::Rate& rate : domain::rates()) {
    ++number;
    if (!concerns(rate, operation)) continue;
    const std::string subject = subject_of(rate.subject, operation, bound);
    if (subject.empty()) continue;
    uses.push_back({std::to_string(number) + scope + subject,
                    domain::per_second(rate, caller.region), rate.what});
  }
  return uses;
}

}  // namespace carillon::api::protocol
