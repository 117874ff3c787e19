// Channels seen from a user: those that he is a member of, those that he moderates.
#include <optional>
#include <string>
#include <utility>

#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"
#include "api/operations/channel_view.h"
#include "api/operations/pages.h"
#include "api/operations/stored_json.h"
#include "store/channel_memberships.h"
#include "store/channel_moderators.h"

namespace carillon::api::messaging {
namespace {

using domain::Action;
using store::RowId;

AppInstanceUserMembershipSummary summarize_membership(
    std::string_view type, const std::optional<store::TimeMs>& read_marker_ms) {
  AppInstanceUserMembershipSummary out;
  out.type = from_stored_text<ChannelMembershipType>(type);
  if (read_marker_ms) out.read_marker_timestamp = protocol::Timestamp{*read_marker_ms};
  return out;
}

struct AskedUser {
  RowId bearer_id = 0;
  store::IdentityRow user;  // whose channels are listed
};

// The bearer asks for himself unless he names another: our reading of a member that the model calls
// optional. The name counts even if it is his own.
Result<AskedUser> find_asked_user(store::ReadTx& tx, Action action, const std::string& bearer_arn,
                                  const std::optional<std::string>& user_arn) {
  auto bearer = store::find_identity(tx, bearer_arn);
  if (!bearer) return error::invalid_bearer();
  store::ChannelAccess access;
  access.is_admin = store::is_admin(tx, bearer->app_instance_id, bearer->id);
  const auto owner = owner_of(user_arn.value_or(bearer_arn), bearer_arn);
  if (!domain::is_allowed(action, access, owner)) return error::forbidden();
  AskedUser asked;
  asked.bearer_id = bearer->id;
  if (owner == domain::Owner::kBearer) {
    asked.user = std::move(*bearer);
  } else {
    TRY_ASSIGN(asked.user, find_user_in_input(tx, *user_arn, bearer->app_instance_id));
  }
  return asked;
}

}  // namespace

// HIDDEN memberships are told like others: whoever may ask, may know.
Result<DescribeChannelMembershipForAppInstanceUserResponse>
describe_channel_membership_for_app_instance_user(
    Call&, store::ReadTx& tx, const DescribeChannelMembershipForAppInstanceUserRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           Action::kDescribeChannelMembershipForAppInstanceUser,
                           owner_of(in.app_instance_user_arn, in.chime_bearer)));
  TRY_ASSIGN(const store::IdentityRow user,
             find_user_in_input(tx, in.app_instance_user_arn, access.channel_app_instance_id));
  const auto membership = store::find_membership(tx, *access.channel_id, user.id);
  if (!membership) return error::forbidden();
  const auto channel = store::find_channel_by_id(tx, *access.channel_id);
  ChannelMembershipForAppInstanceUserSummary out;
  out.channel_summary = summarize_channel(tx, channel.value(), *access.bearer_id);
  out.app_instance_user_membership_summary =
      summarize_membership(membership->type, membership->read_marker_ms);
  return DescribeChannelMembershipForAppInstanceUserResponse{out};
}

Result<ListChannelMembershipsForAppInstanceUserResponse>
list_channel_memberships_for_app_instance_user(
    Call&, store::ReadTx& tx, const ListChannelMembershipsForAppInstanceUserRequest& in) {
  TRY_ASSIGN(const AskedUser asked,
             find_asked_user(tx, Action::kListChannelMembershipsForAppInstanceUser, in.chime_bearer,
                             in.app_instance_user_arn));
  TRY_ASSIGN(
      auto page,
      fetch_page(domain::page_scope("ListChannelMembershipsForAppInstanceUser", {asked.user.arn}),
                 in, &store::MemberChannelRow::channel_id, [&](RowId after, int limit) {
                   return store::list_channels_of_member(tx, asked.user.id, after, limit);
                 }));
  ListChannelMembershipsForAppInstanceUserResponse out;
  for (const store::MemberChannelRow& row : page.rows) {
    out.channel_memberships.push_back({summarize_channel(tx, row.channel, asked.bearer_id),
                                       summarize_membership(row.type, row.read_marker_ms)});
  }
  out.next_token = std::move(page.next_token);
  return out;
}

Result<DescribeChannelModeratedByAppInstanceUserResponse>
describe_channel_moderated_by_app_instance_user(
    Call&, store::ReadTx& tx, const DescribeChannelModeratedByAppInstanceUserRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_regular_channel(tx, in.channel_arn, in.chime_bearer,
                                   Action::kDescribeChannelModeratedByAppInstanceUser,
                                   owner_of(in.app_instance_user_arn, in.chime_bearer)));
  TRY_ASSIGN(const store::IdentityRow user,
             find_user_in_input(tx, in.app_instance_user_arn, access.channel_app_instance_id));
  if (!store::is_moderator(tx, *access.channel_id, user.id)) return error::forbidden();
  const auto channel = store::find_channel_by_id(tx, *access.channel_id);
  ChannelModeratedByAppInstanceUserSummary out;
  out.channel_summary = summarize_channel(tx, channel.value(), *access.bearer_id);
  return DescribeChannelModeratedByAppInstanceUserResponse{out};
}

Result<ListChannelsModeratedByAppInstanceUserResponse> list_channels_moderated_by_app_instance_user(
    Call&, store::ReadTx& tx, const ListChannelsModeratedByAppInstanceUserRequest& in) {
  TRY_ASSIGN(const AskedUser asked,
             find_asked_user(tx, Action::kListChannelsModeratedByAppInstanceUser, in.chime_bearer,
                             in.app_instance_user_arn));
  TRY_ASSIGN(
      auto page,
      fetch_page(domain::page_scope("ListChannelsModeratedByAppInstanceUser", {asked.user.arn}), in,
                 &store::ChannelRow::id, [&](RowId after, int limit) {
                   return store::list_channels_of_moderator(tx, asked.user.id, after, limit);
                 }));
  ListChannelsModeratedByAppInstanceUserResponse out;
  for (const store::ChannelRow& row : page.rows) {
    out.channels.push_back({summarize_channel(tx, row, asked.bearer_id)});
  }
  out.next_token = std::move(page.next_token);
  return out;
}

}  // namespace carillon::api::messaging
