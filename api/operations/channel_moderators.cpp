#include "store/channel_moderators.h"

#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"
#include "api/operations/pages.h"
#include "api/operations/quota_checks.h"
#include "store/channel_bans.h"

namespace carillon::api::messaging {

using domain::Action;

// A banned user cannot become moderator either: our reading, as moderators add themselves as they
// please. That he is no member does not matter: the documentation asks only the caller for a
// membership.
Result<CreateChannelModeratorResponse> create_channel_moderator(
    Call& call, store::WriteTx& tx, const CreateChannelModeratorRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           Action::kCreateChannelModerator));
  TRY_ASSIGN(const store::IdentityRow moderator,
             find_user_in_input(tx, in.channel_moderator_arn, access.channel_app_instance_id));
  if (store::is_banned(tx, *access.channel_id, moderator.id)) {
    return error::user_is_banned(moderator.arn);
  }
  if (!store::insert_moderator(tx, *access.channel_id, moderator.id, *access.bearer_id,
                               call.now_ms)) {
    return error::conflict("The user is a moderator of the channel already: " + moderator.arn);
  }
  TRY(check_quota(call, tx, domain::Quota::kModerators, store::has_moderators, *access.channel_id));
  return CreateChannelModeratorResponse{in.channel_arn, Identity{moderator.arn, moderator.name}};
}

Result<DescribeChannelModeratorResponse> describe_channel_moderator(
    Call&, store::ReadTx& tx, const DescribeChannelModeratorRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kNotFound,
                           Action::kDescribeChannelModerator));
  TRY_ASSIGN(const store::IdentityRow moderator,
             find_user_in_input(tx, in.channel_moderator_arn, access.channel_app_instance_id));
  const auto row = store::find_moderator(tx, *access.channel_id, moderator.id);
  if (!row) return error::not_found();
  ChannelModerator out;
  out.moderator = Identity{row->arn, row->name};
  out.channel_arn = in.channel_arn;
  out.created_timestamp = protocol::Timestamp{row->created_ms};
  out.created_by = Identity{row->created_by_arn, row->created_by_name};
  return DescribeChannelModeratorResponse{out};
}

Result<ListChannelModeratorsResponse> list_channel_moderators(
    Call&, store::ReadTx& tx, const ListChannelModeratorsRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           Action::kListChannelModerators));
  TRY_ASSIGN(auto page,
             fetch_page(domain::page_scope("ListChannelModerators", {in.channel_arn}), in,
                        &store::ModeratorRow::identity_id, [&](store::RowId after, int limit) {
                          return store::list_moderators(tx, *access.channel_id, after, limit);
                        }));
  ListChannelModeratorsResponse out;
  out.channel_arn = in.channel_arn;
  for (const store::ModeratorRow& row : page.rows) {
    out.channel_moderators.push_back({Identity{row.arn, row.name}});
  }
  out.next_token = std::move(page.next_token);
  return out;
}

// He stays a member if he was one; the last moderator may go: our reading.
Result<Nothing> delete_channel_moderator(Call&, store::WriteTx& tx,
                                         const DeleteChannelModeratorRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           Action::kDeleteChannelModerator));
  TRY_ASSIGN(const store::IdentityRow moderator,
             find_user_in_input(tx, in.channel_moderator_arn, access.channel_app_instance_id));
  if (!store::delete_moderator(tx, *access.channel_id, moderator.id)) return error::forbidden();
  return Nothing{};
}

}  // namespace carillon::api::messaging
