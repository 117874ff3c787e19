// What a member keeps in his membership: his preferences and his read marker.
#include "api/domain/filter_rule.h"
#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"
#include "api/operations/stored_json.h"
#include "store/channel_memberships.h"

namespace carillon::api::messaging {
namespace {

using domain::Action;

// A rule that is not in force, because not FILTERED is chosen, is checked and kept as well: our
// reading.
Result<Nothing> check_preferences(const ChannelMembershipPreferences& preferences) {
  if (!preferences.push_notifications) return Nothing{};
  const PushNotificationPreferences& push = *preferences.push_notifications;
  if (push.filter_rule) {
    TRY(domain::parse_filter_rule(*push.filter_rule));
  } else if (push.allow_notifications == AllowNotifications::kFiltered) {
    return error::bad_request("AllowNotifications FILTERED needs a FilterRule.");
  }
  return Nothing{};
}

}  // namespace

// They replace what was there. Source: API reference, PutChannelMembershipPreferences.
Result<PutChannelMembershipPreferencesResponse> put_channel_membership_preferences(
    Call&, store::WriteTx& tx, const PutChannelMembershipPreferencesRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_regular_channel(tx, in.channel_arn, in.chime_bearer,
                                   Action::kPutChannelMembershipPreferences,
                                   owner_of(in.member_arn, in.chime_bearer)));
  TRY(check_preferences(in.preferences));
  store::set_membership_preferences(tx, *access.channel_id, *access.bearer_id,
                                    to_stored_json(std::optional(in.preferences)).value());
  return PutChannelMembershipPreferencesResponse{
      in.channel_arn, Identity{in.member_arn, access.bearer_name}, in.preferences};
}

// Who has set none gets an empty structure: our reading.
Result<GetChannelMembershipPreferencesResponse> get_channel_membership_preferences(
    Call&, store::ReadTx& tx, const GetChannelMembershipPreferencesRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_regular_channel(tx, in.channel_arn, in.chime_bearer,
                                   Action::kGetChannelMembershipPreferences,
                                   owner_of(in.member_arn, in.chime_bearer)));
  const auto stored = store::find_membership_preferences(tx, *access.channel_id, *access.bearer_id);
  return GetChannelMembershipPreferencesResponse{
      in.channel_arn, Identity{in.member_arn, access.bearer_name},
      from_stored_json<ChannelMembershipPreferences>(stored).value_or(
          ChannelMembershipPreferences())};
}

Result<UpdateChannelReadMarkerResponse> update_channel_read_marker(
    Call& call, store::WriteTx& tx, const UpdateChannelReadMarkerRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_regular_channel(tx, in.channel_arn, in.chime_bearer,
                                   Action::kUpdateChannelReadMarker, domain::Owner::kBearer));
  store::set_read_marker(tx, *access.channel_id, *access.bearer_id, call.now_ms);
  return UpdateChannelReadMarkerResponse{in.channel_arn};
}

}  // namespace carillon::api::messaging
