// The service's published quotas as data: how many requests a second, and how many resources.
// Used when --quotas is enforce. Pure: any thread.
//
// Source: AWS General Reference, "Amazon Chime SDK endpoints and quotas". What it leaves open is
// listed in docs/fidelity.md.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace carillon::api::domain {

// Whose requests share a rate.
enum class RateSubject : std::uint8_t {
  kAccount,      // the caller's, in the region
  kAppInstance,  // the one that the request names, or that what it names is of
  kChannel,      // or sub-channel
  kUser,         // the one that the request names, else the bearer
  kBearer,
};

struct Rate {
  std::string_view what;  // for the error's text
  RateSubject subject;
  int per_second;               // in us-east-1, and where nothing else is published
  int per_second_eu_central_1;  // the other region that the service is in
  // By the model's names. Empty: every operation of the messaging service that has the subject, or,
  // for the account, every operation of the identity service.
  std::span<const std::string_view> operations;
};

std::span<const Rate> rates();

int per_second(const Rate& rate, std::string_view region);

// How many there may be of what; in the order of the table.
enum class Quota : std::uint8_t {
  kAppInstances,
  kUsers,
  kAdmins,
  kEndpoints,
  kChannels,
  kMembers,
  kModerators,
  kMembershipsOfUser,
  kChannelFlows,
  kProcessors,
};
struct QuotaInfo {
  std::int64_t max;
  std::string_view what;  // "users in an app instance"
};
const QuotaInfo& info(Quota quota);

}  // namespace carillon::api::domain
