// Who may do what in a channel, as one table. Pure: any thread.
//
// Source: developer guide, "Authorization by role", read together with the API reference where the
// two differ; each such place is listed in docs/fidelity.md.
#pragma once

#include <span>

#include "store/channels.h"

namespace carillon::api::domain {

// Operations that depend on what the bearer is to the channel, or to its app instance.
enum class Action {
  kDescribeChannel,
  kUpdateChannel,
  kDeleteChannel,
  kCreateChannelMembership,
  kCreateHiddenChannelMembership,
  kDescribeChannelMembership,
  kListChannelMemberships,
  kDeleteChannelMembership,
  kSendChannelMessage,
  kGetChannelMessage,
  kListChannelMessages,
  kUpdateChannelMessage,
  kRedactChannelMessage,
  kDeleteChannelMessage,
  kGetChannelMessageStatus,
  kAssociateChannelFlow,
  kDisassociateChannelFlow,
  kCreateChannelModerator,
  kDescribeChannelModerator,
  kListChannelModerators,
  kDeleteChannelModerator,
  kCreateChannelBan,
  kDescribeChannelBan,
  kListChannelBans,
  kDeleteChannelBan,
  kUpdateChannelReadMarker,
  kPutChannelMembershipPreferences,
  kGetChannelMembershipPreferences,
  kPutChannelExpirationSettings,
  kListSubChannels,
  kDescribeChannelMembershipForAppInstanceUser,
  kDescribeChannelModeratedByAppInstanceUser,
  kListChannelMembershipsForAppInstanceUser,
  kListChannelsModeratedByAppInstanceUser,
  kListPrivateChannels,
  kSearchAllChannels,
};

// Whether the thing acted on is the bearer's own: his message, his membership, his channels.
enum class Owner { kBearer, kOther };

enum class Grant {
  kNo,
  kYes,
  kOwn,           // the bearer's own only
  kPublic,        // in PUBLIC channels
  kUnrestricted,  // in UNRESTRICTED channels
  kOwnInPublic,   // the bearer's own, in PUBLIC channels: joining
  kMember,        // who is a member as well; in elastic channels anybody
};

// What each role may. Strangers are those who have none of the other roles.
struct Rule {
  Action action;
  Grant admin;
  Grant moderator;
  Grant member;
  Grant hidden_member;
  Grant stranger;
};

// The table, in the order of Action, one rule for each.
std::span<const Rule> rules();

// The bearer may what any of his roles may: administrator of the app instance, moderator, member,
// hidden member, or none of these.
bool is_allowed(Action action, const store::ChannelAccess& access, Owner owner = Owner::kOther);

}  // namespace carillon::api::domain
