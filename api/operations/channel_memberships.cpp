#include "store/channel_memberships.h"

#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"
#include "api/operations/channel_view.h"
#include "api/operations/message_rules.h"
#include "api/operations/pages.h"
#include "api/operations/quota_checks.h"
#include "api/operations/session_events.h"
#include "api/operations/stored_json.h"
#include "store/channel_bans.h"

namespace carillon::api::messaging {
namespace {

using domain::Action;
using domain::Owner;
using store::RowId;

// Hidden members are for moderators' eyes. Source: API reference, CreateChannelMembership, Type;
// that administrators see them too, and a hidden member himself, is our reading.
bool may_see_hidden(const store::ChannelAccess& access, Owner owner) {
  return access.is_admin || access.is_moderator || owner == Owner::kBearer;
}

MembershipScope scope_of(const store::ChannelAccess& access, std::string_view channel_arn) {
  return {*access.channel_id, access.channel_app_instance_id, channel_arn};
}

Action create_action(ChannelMembershipType type) {
  return type == ChannelMembershipType::kHidden ? Action::kCreateHiddenChannelMembership
                                                : Action::kCreateChannelMembership;
}

// What is the caller's own error when he adds members.
Result<Nothing> check_new_members(const store::ChannelAccess& access, ChannelMembershipType type,
                                  const std::optional<std::string>& sub_channel_id) {
  TRY(check_sub_channel(access.elastic, sub_channel_id, Missing::kNotFound));
  // Source: developer guide, "Elastic channels", what they do not support.
  if (type == ChannelMembershipType::kHidden && access.elastic) {
    return error::bad_request("An elastic channel has no HIDDEN members. Use DEFAULT.");
  }
  return Nothing{};
}

// A membership of the other type is in the way too: our reading, as there is no operation that
// changes the type. Nobody adds a banned user. Source: API reference, CreateChannelBan.
Result<store::MembershipRow> add_member(const Call& call, store::WriteTx& tx,
                                        const store::ChannelAccess& access,
                                        std::string_view bearer_arn, std::string_view member_arn,
                                        ChannelMembershipType type) {
  TRY_ASSIGN(const store::IdentityRow member,
             find_user_in_input(tx, member_arn, access.channel_app_instance_id));
  if (store::is_banned(tx, *access.channel_id, member.id)) {
    return error::user_is_banned(member.arn);
  }
  if (!store::insert_membership(tx, *access.channel_id, member.id, to_text(type), *access.bearer_id,
                                call.now_ms)) {
    return error::conflict("The user is a member of the channel already: " + member.arn);
  }
  // A batch goes on after it, so the one too many is taken back here.
  if (const auto within = check_membership_quotas(call, tx, *access.channel_id, member.id);
      !within) {
    store::delete_membership(tx, *access.channel_id, member.id);
    return within.error();
  }
  return store::MembershipRow{member.id,
                              member.arn,
                              member.name,
                              std::string(to_text(type)),
                              std::string(bearer_arn),
                              access.bearer_name,
                              std::nullopt,
                              call.now_ms,
                              call.now_ms};
}

}  // namespace

Result<CreateChannelMembershipResponse> create_channel_membership(
    Call& call, store::WriteTx& tx, const CreateChannelMembershipRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kNotFound,
                           create_action(in.type), owner_of(in.member_arn, in.chime_bearer)));
  TRY(check_new_members(access, in.type, in.sub_channel_id));
  TRY_ASSIGN(store::MembershipRow member,
             add_member(call, tx, access, in.chime_bearer, in.member_arn, in.type));
  emit_members_added(call, tx, scope_of(access, in.channel_arn), std::span(&member, 1));
  return CreateChannelMembershipResponse{
      in.channel_arn, Identity{std::move(member.member_arn), std::move(member.member_name)}, {}};
}

// As CreateChannelMembership for each, apart from what is the caller's own error: he needs the role
// that adds others, unless he names himself alone. A user who is named twice is a conflict the
// second time: our reading.
Result<BatchCreateChannelMembershipResponse> batch_create_channel_membership(
    Call& call, store::WriteTx& tx, const BatchCreateChannelMembershipRequest& in) {
  const auto type = in.type.value_or(ChannelMembershipType::kDefault);
  bool himself = true;
  for (const std::string& arn : in.member_arns) himself = himself && arn == in.chime_bearer;
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kNotFound,
                           create_action(type), himself ? Owner::kBearer : Owner::kOther));
  TRY(check_new_members(access, type, in.sub_channel_id));
  std::vector<store::MembershipRow> added;
  BatchCreateChannelMembershipResponse out;
  for (const std::string& arn : in.member_arns) {
    auto member = add_member(call, tx, access, in.chime_bearer, arn, type);
    if (member) {
      added.push_back(std::move(*member));
      continue;
    }
    const Error& error = member.error();
    out.errors.push_back({arn, from_stored_text<ErrorCode>(info(error.kind).code), error.message});
  }
  // Source: developer guide, "Elastic channels": the batch's event is not for them.
  (access.elastic ? emit_members_added : emit_batch_added)(call, tx,
                                                           scope_of(access, in.channel_arn), added);
  std::vector<Identity> members;
  for (store::MembershipRow& row : added) {
    members.push_back({std::move(row.member_arn), std::move(row.member_name)});
  }
  out.batch_channel_memberships = BatchChannelMemberships{
      Identity{in.chime_bearer, access.bearer_name}, type, std::move(members), in.channel_arn, {}};
  return out;
}

Result<DescribeChannelMembershipResponse> describe_channel_membership(
    Call&, store::ReadTx& tx, const DescribeChannelMembershipRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kNotFound,
                           Action::kDescribeChannelMembership));
  TRY(check_sub_channel(access.elastic, in.sub_channel_id, Missing::kNotFound));
  TRY_ASSIGN(const store::IdentityRow member,
             find_user_in_input(tx, in.member_arn, access.channel_app_instance_id));
  const auto row = store::find_membership(tx, *access.channel_id, member.id);
  if (!row) return error::not_found();
  // To those who may not see a hidden member, he is not there.
  if (row->type == "HIDDEN" && !may_see_hidden(access, owner_of(in.member_arn, in.chime_bearer))) {
    return error::not_found();
  }
  return DescribeChannelMembershipResponse{view_membership(*row, in.channel_arn)};
}

// Without a type, the DEFAULT members. Source: API reference, CreateChannelMembership, Type.
Result<ListChannelMembershipsResponse> list_channel_memberships(
    Call&, store::ReadTx& tx, const ListChannelMembershipsRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           Action::kListChannelMemberships));
  TRY(check_sub_channel(access.elastic, in.sub_channel_id, Missing::kForbidden));
  const auto type = in.type.value_or(ChannelMembershipType::kDefault);
  if (type == ChannelMembershipType::kHidden && !may_see_hidden(access, Owner::kOther)) {
    return error::forbidden();
  }
  TRY_ASSIGN(
      auto page,
      fetch_page(domain::page_scope("ListChannelMemberships", {in.channel_arn, to_text(type)}), in,
                 &store::MembershipRow::member_id, [&](RowId after, int limit) {
                   return store::list_memberships(tx, *access.channel_id, to_text(type), after,
                                                  limit);
                 }));
  ListChannelMembershipsResponse out;
  out.channel_arn = in.channel_arn;
  for (const store::MembershipRow& row : page.rows) {
    out.channel_memberships.push_back({Identity{row.member_arn, row.member_name}});
  }
  out.next_token = std::move(page.next_token);
  return out;
}

Result<Nothing> delete_channel_membership(Call& call, store::WriteTx& tx,
                                          const DeleteChannelMembershipRequest& in) {
  TRY_ASSIGN(
      const store::ChannelAccess access,
      enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                    Action::kDeleteChannelMembership, owner_of(in.member_arn, in.chime_bearer)));
  TRY(check_sub_channel(access.elastic, in.sub_channel_id, Missing::kForbidden));
  TRY_ASSIGN(const store::IdentityRow member,
             find_user_in_input(tx, in.member_arn, access.channel_app_instance_id));
  const auto membership = store::find_membership(tx, *access.channel_id, member.id);
  if (!membership) return error::forbidden();
  // Moderators keep their role, and the last member may go: our reading.
  store::delete_membership(tx, *access.channel_id, member.id);
  emit_member_removed(call, tx, scope_of(access, in.channel_arn), *membership);
  return Nothing{};
}

}  // namespace carillon::api::messaging
