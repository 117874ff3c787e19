#include "store/channel_bans.h"

#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"
#include "api/operations/pages.h"
#include "api/operations/session_events.h"
#include "store/channel_memberships.h"
#include "store/channel_moderators.h"

namespace carillon::api::messaging {

using domain::Action;

// Who is a member is removed as well. Source: API reference, CreateChannelBan; developer guide,
// "Authorization by role", on administrators and moderators.
Result<CreateChannelBanResponse> create_channel_ban(Call& call, store::WriteTx& tx,
                                                    const CreateChannelBanRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           Action::kCreateChannelBan));
  TRY_ASSIGN(const store::IdentityRow member,
             find_user_in_input(tx, in.member_arn, access.channel_app_instance_id));
  if (store::is_admin(tx, access.channel_app_instance_id, member.id) ||
      store::is_moderator(tx, *access.channel_id, member.id)) {
    return error::user_cannot_be_banned(member.arn);
  }
  if (!store::insert_ban(tx, *access.channel_id, member.id, *access.bearer_id, call.now_ms)) {
    return error::conflict("The user is banned from the channel already: " + member.arn);
  }
  if (const auto membership = store::find_membership(tx, *access.channel_id, member.id)) {
    store::delete_membership(tx, *access.channel_id, member.id);
    emit_member_removed(call, tx,
                        {*access.channel_id, access.channel_app_instance_id, in.channel_arn},
                        *membership);
  }
  return CreateChannelBanResponse{in.channel_arn, Identity{member.arn, member.name}};
}

Result<DescribeChannelBanResponse> describe_channel_ban(Call&, store::ReadTx& tx,
                                                        const DescribeChannelBanRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kNotFound,
                           Action::kDescribeChannelBan));
  TRY_ASSIGN(const store::IdentityRow member,
             find_user_in_input(tx, in.member_arn, access.channel_app_instance_id));
  const auto row = store::find_ban(tx, *access.channel_id, member.id);
  if (!row) return error::not_found();
  ChannelBan out;
  out.member = Identity{row->member_arn, row->member_name};
  out.channel_arn = in.channel_arn;
  out.created_timestamp = protocol::Timestamp{row->created_ms};
  out.created_by = Identity{row->created_by_arn, row->created_by_name};
  return DescribeChannelBanResponse{out};
}

Result<ListChannelBansResponse> list_channel_bans(Call&, store::ReadTx& tx,
                                                  const ListChannelBansRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           Action::kListChannelBans));
  TRY_ASSIGN(auto page, fetch_page(domain::page_scope("ListChannelBans", {in.channel_arn}), in,
                                   &store::BanRow::member_id, [&](store::RowId after, int limit) {
                                     return store::list_bans(tx, *access.channel_id, after, limit);
                                   }));
  ListChannelBansResponse out;
  out.channel_arn = in.channel_arn;
  for (const store::BanRow& row : page.rows) {
    out.channel_bans.push_back({Identity{row.member_arn, row.member_name}});
  }
  out.next_token = std::move(page.next_token);
  return out;
}

// He may be added again, and is not by this.
Result<Nothing> delete_channel_ban(Call&, store::WriteTx& tx, const DeleteChannelBanRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           Action::kDeleteChannelBan));
  TRY_ASSIGN(const store::IdentityRow member,
             find_user_in_input(tx, in.member_arn, access.channel_app_instance_id));
  if (!store::delete_ban(tx, *access.channel_id, member.id)) return error::forbidden();
  return Nothing{};
}

}  // namespace carillon::api::messaging
