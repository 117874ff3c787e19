#include "api/domain/quotas.h"

#include <array>

namespace carillon::api::domain {
namespace {

using Names = std::string_view;

constexpr Names kChannelWrites[] = {"CreateChannel", "UpdateChannel", "DeleteChannel"};
constexpr Names kListChannels[] = {"ListChannels"};
constexpr Names kDescribeChannel[] = {"DescribeChannel"};
constexpr Names kMembershipWrites[] = {"CreateChannelMembership", "DeleteChannelMembership",
                                       "CreateChannelBan",        "DeleteChannelBan",
                                       "CreateChannelModerator",  "DeleteChannelModerator"};
constexpr Names kMembershipLists[] = {"ListChannelMemberships", "ListChannelBans",
                                      "ListChannelModerators"};
constexpr Names kMessageWrites[] = {"SendChannelMessage", "UpdateChannelMessage",
                                    "RedactChannelMessage", "DeleteChannelMessage",
                                    "ChannelFlowCallback"};
constexpr Names kListMessages[] = {"ListChannelMessages"};
constexpr Names kGetMessage[] = {"GetChannelMessage"};
constexpr Names kListsOfUser[] = {"ListChannelMembershipsForAppInstanceUser",
                                  "ListChannelsModeratedByAppInstanceUser"};
constexpr Names kListSubChannels[] = {"ListSubChannels"};
constexpr Names kBatches[] = {"BatchCreateChannelMembership"};

constexpr Names kAppInstanceWrites[] = {"CreateAppInstance", "UpdateAppInstance",
                                        "DeleteAppInstance"};
constexpr Names kUserWrites[] = {"CreateAppInstanceUser", "UpdateAppInstanceUser",
                                 "DeleteAppInstanceUser"};
constexpr Names kDescribeAppInstance[] = {"DescribeAppInstance"};
constexpr Names kDescribeUser[] = {"DescribeAppInstanceUser"};
constexpr Names kListAppInstances[] = {"ListAppInstances"};
constexpr Names kListUsers[] = {"ListAppInstanceUsers"};

using S = RateSubject;

constexpr std::array kRates{
    Rate{"requests of one ChimeBearer", S::kBearer, 10, 5, {}},
    Rate{"creations, updates and deletions of channels in one app instance", S::kAppInstance, 15,
         15, kChannelWrites},
    Rate{"ListChannels requests for one app instance", S::kAppInstance, 10, 10, kListChannels},
    Rate{"DescribeChannel requests for one channel", S::kChannel, 20, 20, kDescribeChannel},
    Rate{"changes of one channel's memberships, bans and moderators", S::kChannel, 15, 10,
         kMembershipWrites},
    Rate{"lists of one channel's memberships, bans and moderators", S::kChannel, 15, 15,
         kMembershipLists},
    Rate{
        "messages sent, updated, redacted and deleted in one channel, ChannelFlowCallback included",
        S::kChannel, 30, 10, kMessageWrites},
    Rate{"ListChannelMessages requests for one channel", S::kChannel, 30, 30, kListMessages},
    Rate{"GetChannelMessage requests for one channel", S::kChannel, 30, 30, kGetMessage},
    Rate{"lists of one user's memberships and moderated channels", S::kUser, 15, 15, kListsOfUser},
    Rate{"ListSubChannels requests for one channel", S::kChannel, 15, 15, kListSubChannels},
    Rate{"batch requests for one channel", S::kChannel, 1, 1, kBatches},

    Rate{"requests to the identity service of one account", S::kAccount, 50, 50, {}},
    Rate{"creations, updates and deletions of app instances", S::kAccount, 5, 5,
         kAppInstanceWrites},
    Rate{"creations, updates and deletions of users in one app instance", S::kAppInstance, 10, 10,
         kUserWrites},
    Rate{"DescribeAppInstance requests for one app instance", S::kAppInstance, 20, 20,
         kDescribeAppInstance},
    Rate{"DescribeAppInstanceUser requests for one user", S::kUser, 20, 20, kDescribeUser},
    Rate{"ListAppInstances requests of one account", S::kAccount, 10, 10, kListAppInstances},
    Rate{"ListAppInstanceUsers requests for one app instance", S::kAppInstance, 10, 10, kListUsers},
};

// In the order of Quota.
constexpr std::array kQuotas{
    QuotaInfo{100, "app instances in an account"},
    QuotaInfo{100'000, "users in an app instance"},
    QuotaInfo{100, "administrators of an app instance"},
    QuotaInfo{10, "endpoints of a user"},
    QuotaInfo{10'000'000, "channels in an app instance"},
    QuotaInfo{10'000, "members of a channel"},
    QuotaInfo{1'000, "moderators of a channel"},
    QuotaInfo{20'000, "memberships of a user"},
    QuotaInfo{100, "channel flows in an app instance"},
    QuotaInfo{1, "processors of a channel flow"},
};

}  // namespace

std::span<const Rate> rates() { return kRates; }

int per_second(const Rate& rate, std::string_view region) {
  return region == "eu-central-1" ? rate.per_second_eu_central_1 : rate.per_second;
}

const QuotaInfo& info(Quota quota) { return kQuotas.at(static_cast<std::size_t>(quota)); }

}  // namespace carillon::api::domain
