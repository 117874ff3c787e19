#include "store/channels.h"

#include "api/domain/arn.h"
#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"
#include "api/operations/channel_view.h"
#include "api/operations/pages.h"
#include "api/operations/quota_checks.h"
#include "api/operations/resource_tags.h"
#include "api/operations/session_events.h"
#include "api/operations/stored_json.h"
#include "store/app_instances.h"
#include "store/channel_memberships.h"
#include "store/channel_moderators.h"

namespace carillon::api::messaging {
namespace {

using store::RowId;

constexpr std::string_view kElasticIsRestricted =
    "An elastic channel cannot be UNRESTRICTED. Leave Mode out, or use RESTRICTED.";

// Source: developer guide, "Creating elastic channels".
Result<Nothing> check_elastic(const CreateChannelRequest& in) {
  if (!in.elastic_channel_configuration) return Nothing{};
  if (in.mode == ChannelMode::kUnrestricted) {
    return error::bad_request(std::string(kElasticIsRestricted));
  }
  if (in.member_arns) {
    return error::bad_request(
        "An elastic channel cannot be created with MemberArns. Add members with "
        "CreateChannelMembership.");
  }
  return Nothing{};
}

Result<std::vector<store::IdentityRow>> find_users(
    store::ReadTx& tx, const std::optional<std::vector<std::string>>& arns, RowId app_instance_id) {
  std::vector<store::IdentityRow> users;
  for (const std::string& arn : arns.value_or(std::vector<std::string>())) {
    TRY_ASSIGN(store::IdentityRow row, find_user_in_input(tx, arn, app_instance_id));
    users.push_back(std::move(row));
  }
  return users;
}

// Mode and Privacy when the request leaves them out are our reading: the developer guide calls a
// channel that was made without them public.
store::ChannelRow make_row(const Call& call, const CreateChannelRequest& in,
                           const store::IdentityRow& creator, std::string arn) {
  store::ChannelRow row;
  row.app_instance_id = creator.app_instance_id;
  row.arn = std::move(arn);
  row.name = in.name;
  row.mode = to_text(in.mode.value_or(ChannelMode::kRestricted));
  row.privacy = to_text(in.privacy.value_or(ChannelPrivacy::kPublic));
  row.metadata = in.metadata;
  row.created_by_arn = creator.arn;
  row.elastic_configuration = to_stored_json(in.elastic_channel_configuration);
  row.expiration = to_stored_json(in.expiration_settings);
  row.created_ms = row.updated_ms = call.now_ms;
  return row;
}

struct FirstUsers {
  store::IdentityRow creator;
  std::vector<store::IdentityRow> members;
  std::vector<store::IdentityRow> moderators;
};

// The creator becomes member and moderator; of an elastic channel, whose members live in its
// sub-channels, only moderator. Source: developer guide, "Creating elastic channels". A user who is
// named twice is added once: our reading.
Result<Nothing> insert_first_users(Call& call, store::WriteTx& tx, const MembershipScope& scope,
                                   const FirstUsers& users, bool elastic) {
  const store::IdentityRow& creator = users.creator;
  std::vector<store::MembershipRow> added;
  const auto add_member = [&](const store::IdentityRow& member) {
    if (store::insert_membership(tx, scope.channel_id, member.id, "DEFAULT", creator.id,
                                 call.now_ms)) {
      added.push_back({member.id, member.arn, member.name, "DEFAULT", creator.arn, creator.name,
                       std::nullopt, call.now_ms, call.now_ms});
    }
    return check_membership_quotas(call, tx, scope.channel_id, member.id);
  };
  const auto add_moderator = [&](const store::IdentityRow& moderator) {
    store::insert_moderator(tx, scope.channel_id, moderator.id, creator.id, call.now_ms);
    return check_quota(call, tx, domain::Quota::kModerators, store::has_moderators,
                       scope.channel_id);
  };
  if (!elastic) TRY(add_member(creator));
  TRY(add_moderator(creator));
  for (const store::IdentityRow& member : users.members) TRY(add_member(member));
  for (const store::IdentityRow& moderator : users.moderators) TRY(add_moderator(moderator));
  emit_members_added(call, tx, scope, added);
  return Nothing{};
}

}  // namespace

Result<CreateChannelResponse> create_channel(Call& call, store::WriteTx& tx,
                                             const CreateChannelRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow app_instance,
             require_app_instance(tx, in.app_instance_arn));
  TRY_ASSIGN(const store::IdentityRow creator, find_bearer(tx, in.chime_bearer, app_instance.id));
  TRY(check_elastic(in));
  TRY_ASSIGN(const TagRows tags, read_tags(in.tags));
  FirstUsers users{creator, {}, {}};
  TRY_ASSIGN(users.members, find_users(tx, in.member_arns, app_instance.id));
  TRY_ASSIGN(users.moderators, find_users(tx, in.moderator_arns, app_instance.id));

  const std::string id = in.channel_id ? *in.channel_id : call.ids.uuid();
  std::string arn = domain::resource_arn(app_instance.arn, domain::ArnKind::kChannel, id);
  if (in.channel_id && store::find_channel(tx, arn)) {
    return error::conflict("The app instance has a channel with this ChannelId already: " + arn);
  }
  const store::ChannelRow row = make_row(call, in, creator, std::move(arn));
  const RowId channel_id = store::insert_channel(tx, row);
  TRY(check_quota(call, tx, domain::Quota::kChannels, store::has_channels, app_instance.id));
  TRY(insert_first_users(call, tx, {channel_id, app_instance.id, row.arn}, users,
                         in.elastic_channel_configuration.has_value()));
  put_tags(tx, row.arn, tags);
  return CreateChannelResponse{row.arn};
}

Result<DescribeChannelResponse> describe_channel(Call&, store::ReadTx& tx,
                                                 const DescribeChannelRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           domain::Action::kDescribeChannel));
  const auto row = store::find_channel(tx, in.channel_arn);
  return DescribeChannelResponse{view_channel(tx, row.value(), *access.bearer_id)};
}

// Administrators see every channel, all others the public ones; and only administrators may ask for
// the private ones. Source: API reference, ListChannels.
Result<ListChannelsResponse> list_channels(Call&, store::ReadTx& tx,
                                           const ListChannelsRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow app_instance,
             require_app_instance(tx, in.app_instance_arn));
  TRY_ASSIGN(const store::IdentityRow bearer, find_bearer(tx, in.chime_bearer, app_instance.id));
  const bool is_admin = store::is_admin(tx, app_instance.id, bearer.id);
  if (in.privacy == ChannelPrivacy::kPrivate && !is_admin) return error::forbidden();
  const std::string_view asked = in.privacy ? to_text(*in.privacy) : std::string_view();
  const std::string_view privacy = is_admin ? asked : "PUBLIC";
  TRY_ASSIGN(auto page, fetch_page(domain::page_scope("ListChannels", {app_instance.arn, privacy}),
                                   in, &store::ChannelRow::id, [&](RowId after, int limit) {
                                     return store::list_channels(tx, app_instance.id, privacy,
                                                                 after, limit);
                                   }));
  ListChannelsResponse out;
  for (const store::ChannelRow& row : page.rows) {
    out.channels.push_back(summarize_channel(tx, row, bearer.id));
  }
  out.next_token = std::move(page.next_token);
  return out;
}

// Members that the request leaves out keep their value. Source: the model, in which all three are
// optional.
Result<UpdateChannelResponse> update_channel(Call& call, store::WriteTx& tx,
                                             const UpdateChannelRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           domain::Action::kUpdateChannel));
  if (access.elastic && in.mode == ChannelMode::kUnrestricted) {
    return error::bad_request(std::string(kElasticIsRestricted));
  }
  store::OptionalText mode;
  if (in.mode) mode = to_text(*in.mode);
  store::update_channel(tx, *access.channel_id, in.name, mode, in.metadata, call.now_ms);
  emit_channel_event(call, tx, ChannelChange::kUpdate, *access.channel_id);
  return UpdateChannelResponse{in.channel_arn};
}

// Messages and pending callbacks are out of reach at once and deleted afterwards. Source: API
// reference, DeleteChannel.
Result<Nothing> delete_channel(Call& call, store::WriteTx& tx, const DeleteChannelRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           domain::Action::kDeleteChannel));
  emit_channel_event(call, tx, ChannelChange::kDelete, *access.channel_id);
  store::delete_channel(tx, *access.channel_id);
  call.emit(ChannelRemoved{*access.channel_id});
  call.emit(PurgeRows{});
  return Nothing{};
}

}  // namespace carillon::api::messaging
