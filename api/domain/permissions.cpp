#include "api/domain/permissions.h"

#include <array>

namespace carillon::api::domain {
namespace {

using enum Grant;

// In the order of Action.
constexpr std::array kRules{
    //    action                                  admin moderator member         hidden stranger
    Rule{Action::kDescribeChannel, kYes, kYes, kYes, kYes, kPublic},
    Rule{Action::kUpdateChannel, kYes, kYes, kNo, kNo, kNo},
    Rule{Action::kDeleteChannel, kYes, kYes, kNo, kNo, kNo},
    Rule{Action::kCreateChannelMembership, kYes, kYes, kUnrestricted, kNo, kOwnInPublic},
    Rule{Action::kCreateHiddenChannelMembership, kYes, kYes, kNo, kNo, kNo},
    Rule{Action::kDescribeChannelMembership, kYes, kYes, kYes, kYes, kPublic},
    Rule{Action::kListChannelMemberships, kYes, kYes, kYes, kYes, kPublic},
    Rule{Action::kDeleteChannelMembership, kYes, kYes, kOwn, kOwn, kNo},
    Rule{Action::kSendChannelMessage, kNo, kNo, kYes, kNo, kNo},
    Rule{Action::kGetChannelMessage, kYes, kYes, kYes, kYes, kPublic},
    Rule{Action::kListChannelMessages, kYes, kYes, kYes, kYes, kPublic},
    Rule{Action::kUpdateChannelMessage, kOwn, kOwn, kOwn, kNo, kNo},
    Rule{Action::kRedactChannelMessage, kYes, kYes, kOwn, kNo, kNo},
    Rule{Action::kDeleteChannelMessage, kYes, kNo, kNo, kNo, kNo},
    Rule{Action::kGetChannelMessageStatus, kOwn, kOwn, kOwn, kOwn, kOwn},
    Rule{Action::kAssociateChannelFlow, kYes, kYes, kNo, kNo, kNo},
    Rule{Action::kDisassociateChannelFlow, kYes, kYes, kNo, kNo, kNo},
    // A moderator first needs a membership of his own, says the guide's table. Moderators of
    // elastic channels have none in the channel itself.
    Rule{Action::kCreateChannelModerator, kYes, kMember, kNo, kNo, kNo},
    Rule{Action::kDescribeChannelModerator, kYes, kYes, kNo, kNo, kNo},
    // Members list moderators in practice, though the guide's table denies it to them.
    Rule{Action::kListChannelModerators, kYes, kYes, kYes, kYes, kNo},
    Rule{Action::kDeleteChannelModerator, kYes, kYes, kNo, kNo, kNo},
    Rule{Action::kCreateChannelBan, kYes, kYes, kNo, kNo, kNo},
    Rule{Action::kDescribeChannelBan, kYes, kYes, kNo, kNo, kNo},
    Rule{Action::kListChannelBans, kYes, kYes, kNo, kNo, kNo},
    Rule{Action::kDeleteChannelBan, kYes, kYes, kNo, kNo, kNo},
    Rule{Action::kUpdateChannelReadMarker, kNo, kNo, kYes, kYes, kNo},
    // One's own membership only, whatever one's role.
    Rule{Action::kPutChannelMembershipPreferences, kNo, kNo, kOwn, kOwn, kNo},
    Rule{Action::kGetChannelMembershipPreferences, kNo, kNo, kOwn, kOwn, kNo},
    Rule{Action::kPutChannelExpirationSettings, kYes, kYes, kNo, kNo, kNo},
    Rule{Action::kListSubChannels, kYes, kYes, kNo, kNo, kNo},
    Rule{Action::kDescribeChannelMembershipForAppInstanceUser, kYes, kOwn, kOwn, kOwn, kOwn},
    Rule{Action::kDescribeChannelModeratedByAppInstanceUser, kYes, kYes, kYes, kYes, kOwn},
    Rule{Action::kListChannelMembershipsForAppInstanceUser, kYes, kOwn, kOwn, kOwn, kOwn},
    Rule{Action::kListChannelsModeratedByAppInstanceUser, kYes, kOwn, kOwn, kOwn, kOwn},
    Rule{Action::kListPrivateChannels, kYes, kNo, kNo, kNo, kNo},
    Rule{Action::kSearchAllChannels, kYes, kNo, kNo, kNo, kNo},
};

constexpr bool rules_are_in_order() {
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    if (kRules[i].action != static_cast<Action>(i)) return false;
  }
  return true;
}
static_assert(rules_are_in_order());

bool holds(Grant grant, const store::ChannelAccess& access, Owner owner) {
  switch (grant) {
    case kNo: return false;
    case kYes: return true;
    case kOwn: return owner == Owner::kBearer;
    case kPublic: return access.privacy == "PUBLIC";
    case kUnrestricted: return access.mode == "UNRESTRICTED";
    case kOwnInPublic: return owner == Owner::kBearer && access.privacy == "PUBLIC";
    case kMember: return access.membership_type.has_value() || access.elastic;
  }
  return false;
}

}  // namespace

std::span<const Rule> rules() { return kRules; }

bool is_allowed(Action action, const store::ChannelAccess& access, Owner owner) {
  const Rule& rule = kRules[static_cast<std::size_t>(action)];
  if (holds(rule.stranger, access, owner)) return true;
  if (access.is_admin && holds(rule.admin, access, owner)) return true;
  if (access.is_moderator && holds(rule.moderator, access, owner)) return true;
  if (!access.membership_type) return false;
  const bool hidden = *access.membership_type == "HIDDEN";
  return holds(hidden ? rule.hidden_member : rule.member, access, owner);
}

}  // namespace carillon::api::domain
