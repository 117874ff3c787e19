// Who may do what in a channel, as one table. Pure: any thread.
//
// Source: developer guide, "Authorization by role", read together with the API reference where the
// two differ; each such place is listed in docs/fidelity.md.
#pragma once

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

// The bearer may what any of his roles may: administrator of the app instance, moderator, member,
// hidden member, or none of these.
bool is_allowed(Action action, const store::ChannelAccess& access, Owner owner = Owner::kOther);

}  // namespace carillon::api::domain
