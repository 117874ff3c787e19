// The operations on channel messages.
#include <cstdint>
#include <utility>

#include "api/domain/paging.h"
#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"
#include "api/operations/flow_engine.h"
#include "api/operations/message_rules.h"
#include "api/operations/message_view.h"
#include "api/operations/session_events.h"
#include "api/operations/stored_json.h"
#include "api/push_notifications.h"
#include "store/channel_memberships.h"
#include "store/flow_executions.h"
#include "store/messages.h"

namespace carillon::api::messaging {
namespace {

using domain::Action;
using domain::Owner;

ChannelMessageStatusStructure status(ChannelMessageStatus value) { return {value, std::nullopt}; }

Owner owner_of(const store::MessageRow& message, const store::ChannelAccess& access) {
  return message.sender_id == *access.bearer_id ? Owner::kBearer : Owner::kOther;
}

// PENDING and FAILED messages are their senders' alone, a targeted one is its sender's and its
// target's. Source: developer guide, "Authorization by role"; API reference, SendChannelMessage.
bool sees(const store::ChannelAccess& access, const store::MessageRow& message) {
  if (message.sender_id == *access.bearer_id) return true;
  if (message.status != "SENT") return false;
  return !message.target_id || *message.target_id == *access.bearer_id;
}

// A message that the bearer acts on. What he may not see does not exist for him. No operation that
// changes a message models NotFound.
Result<store::MessageRow> find_visible_message(store::ReadTx& tx,
                                               const store::ChannelAccess& access,
                                               std::string_view message_id, Missing missing) {
  auto message = store::find_message(tx, *access.channel_id, message_id);
  if (message && sees(access, *message)) return std::move(*message);
  return missing == Missing::kNotFound ? error::not_found() : error::forbidden();
}

// Documented: update, redact and delete work on sent messages only. What they answer for others is
// not; Conflict says that it is the message's state that excludes the request. An update that no
// callback can end any more excludes nothing: what is asked for now supersedes it.
Result<Nothing> check_sent(store::ReadTx& tx, const store::MessageRow& message) {
  if (message.pending_update && !is_update_abandoned(tx, message)) {
    return error::conflict("An update of the message is being processed by its channel flow.");
  }
  if (message.status == "SENT") return Nothing{};
  return error::conflict("The message has not been sent: its status is " + message.status + ".");
}

store::MessageRow new_message(const Call& call, const SendChannelMessageRequest& in,
                              const store::ChannelAccess& access, std::string message_id) {
  store::MessageRow message;
  message.channel_id = *access.channel_id;
  message.sender_id = *access.bearer_id;
  message.message_id = std::move(message_id);
  message.sender_arn = in.chime_bearer;
  message.sender_name = access.bearer_name;
  message.type = to_text(in.type);
  message.persistence = to_text(in.persistence);
  message.revision = {in.content, in.metadata, in.content_type,
                      attributes_json(in.message_attributes), to_stored_json(in.push_notification)};
  message.sub_channel_id = in.sub_channel_id;
  message.created_ms = call.now_ms;
  message.updated_ms = call.now_ms;
  return message;
}

bool goes_through_flow(const store::ChannelAccess& access, std::string_view type) {
  return access.flow_version_id && type == to_text(ChannelMessageType::kStandard);
}

Result<Nothing> check_new_message(const SendChannelMessageRequest& in,
                                  const store::ChannelAccess& access) {
  TRY(check_sub_channel(access.elastic, in.sub_channel_id, Missing::kForbidden));
  TRY(check_content(in.type, in.content, in.metadata));
  return check_attributes(in.message_attributes);
}

// Whom the message is for, if not for the whole channel. The model has exactly one Target; that it
// must be a member is documented (API reference, SendChannelMessage), the errors are our reading.
Result<Nothing> set_target(store::ReadTx& tx, const SendChannelMessageRequest& in,
                           const store::ChannelAccess& access, store::MessageRow& message) {
  if (!in.target) return Nothing{};
  const auto& member_arn = in.target->front().member_arn;
  if (!member_arn) return error::bad_request("The Target of a message must have a MemberArn.");
  TRY_ASSIGN(const store::IdentityRow target,
             find_user_in_input(tx, *member_arn, access.channel_app_instance_id));
  if (target.id == *access.bearer_id) {
    return error::bad_request("The Target of a message must be another member than its sender.");
  }
  if (!store::find_membership(tx, *access.channel_id, target.id)) {
    return error::bad_request("The Target of a message must be a member of the channel: " +
                              target.arn);
  }
  message.target_id = target.id;
  message.target_arn = target.arn;
  return Nothing{};
}

// Which list this is a page of: a token of another one is refused.
domain::PageScope list_scope(const ListChannelMessagesRequest& in) {
  const auto bound = [](const std::optional<protocol::Timestamp>& time) {
    return time ? std::to_string(time->ms) : std::string();
  };
  return domain::page_scope(
      "ListChannelMessages",
      {in.channel_arn, to_text(in.sort_order.value_or(SortOrder::kDescending)),
       bound(in.not_before), bound(in.not_after)});
}

}  // namespace

Result<SendChannelMessageResponse> send_channel_message(Call& call, store::WriteTx& tx,
                                                        const SendChannelMessageRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           Action::kSendChannelMessage));
  TRY(check_new_message(in, access));

  store::MessageRow message = new_message(call, in, access, call.ids.message_id(call.now_ms));
  TRY(set_target(tx, in, access, message));
  const bool pending = goes_through_flow(access, message.type);
  message.status = pending ? "PENDING" : "SENT";
  // A NON_PERSISTENT message is delivered at once and kept nowhere, unless a flow holds it.
  if (pending || in.persistence == ChannelMessagePersistenceType::kPersistent) {
    message.id = store::insert_message(tx, message);
  }
  if (pending) {
    start_flow(call, tx, FlowKind::kCreate, message, in.channel_arn, *access.flow_version_id,
               message.revision);
  } else {
    notify_by_push(call, tx, message);
  }
  SendChannelMessageResponse out{
      in.channel_arn, message.message_id,
      status(pending ? ChannelMessageStatus::kPending : ChannelMessageStatus::kSent),
      in.sub_channel_id};
  emit_message_event(call, tx, MessageChange::kCreate, std::move(message), in.channel_arn);
  return out;
}

Result<UpdateChannelMessageResponse> update_channel_message(Call& call, store::WriteTx& tx,
                                                            const UpdateChannelMessageRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden));
  TRY_ASSIGN(store::MessageRow message,
             find_visible_message(tx, access, in.message_id, Missing::kForbidden));
  if (!domain::is_allowed(Action::kUpdateChannelMessage, access, owner_of(message, access))) {
    return error::forbidden();
  }
  TRY(check_sub_channel(access.elastic, in.sub_channel_id, Missing::kForbidden));
  TRY(check_sent(tx, message));
  if (message.redacted) return error::conflict("The message is redacted.");
  const bool control = message.type == to_text(ChannelMessageType::kControl);
  TRY(check_content(control ? ChannelMessageType::kControl : ChannelMessageType::kStandard,
                    in.content, in.metadata));

  store::MessageRevision revision = message.revision;
  revision.content = in.content;
  if (in.metadata) revision.metadata = in.metadata;
  if (in.content_type) revision.content_type = in.content_type;
  const bool pending = goes_through_flow(access, message.type);
  if (message.pending_update) store::delete_flow_execution(tx, message.id);
  if (pending) {
    start_flow(call, tx, FlowKind::kUpdate, message, in.channel_arn, *access.flow_version_id,
               revision);
    message.status = "PENDING";
  } else {
    store::set_message_revision(tx, message.id, revision);
    store::set_message_edited(tx, message.id, call.now_ms);
    store::set_message_status(tx, message.id, "SENT", {}, call.now_ms);
    message.edited_ms = message.updated_ms = call.now_ms;
  }
  message.revision = std::move(revision);
  emit_message_event(call, tx, MessageChange::kUpdate, std::move(message), in.channel_arn);
  return UpdateChannelMessageResponse{
      in.channel_arn, in.message_id,
      status(pending ? ChannelMessageStatus::kPending : ChannelMessageStatus::kSent),
      in.sub_channel_id};
}

Result<RedactChannelMessageResponse> redact_channel_message(Call& call, store::WriteTx& tx,
                                                            const RedactChannelMessageRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden));
  TRY_ASSIGN(store::MessageRow message,
             find_visible_message(tx, access, in.message_id, Missing::kForbidden));
  if (!domain::is_allowed(Action::kRedactChannelMessage, access, owner_of(message, access))) {
    return error::forbidden();
  }
  TRY(check_sub_channel(access.elastic, in.sub_channel_id, Missing::kForbidden));
  TRY(check_sent(tx, message));
  if (message.pending_update) store::delete_flow_execution(tx, message.id);
  store::redact_message(tx, message.id, call.now_ms);
  message.revision.content = message.revision.metadata = std::nullopt;
  message.redacted = true;
  message.updated_ms = call.now_ms;
  emit_message_event(call, tx, MessageChange::kRedact, std::move(message), in.channel_arn);
  return RedactChannelMessageResponse{in.channel_arn, in.message_id, in.sub_channel_id};
}

Result<Nothing> delete_channel_message(Call& call, store::WriteTx& tx,
                                       const DeleteChannelMessageRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           Action::kDeleteChannelMessage));
  TRY(check_sub_channel(access.elastic, in.sub_channel_id, Missing::kForbidden));
  // Administrators delete targeted messages that they do not see. Source: API reference,
  // SendChannelMessage, Target.
  auto message = store::find_message(tx, *access.channel_id, in.message_id);
  if (!message || (!message->target_id && !sees(access, *message))) return error::forbidden();
  // This operation does not model Conflict.
  if (const auto sent = check_sent(tx, *message); !sent) {
    return error::bad_request(sent.error().message);
  }
  store::delete_message(tx, message->id);
  emit_message_event(call, tx, MessageChange::kDelete, std::move(*message), in.channel_arn);
  return Nothing{};
}

Result<GetChannelMessageResponse> get_channel_message(Call&, store::ReadTx& tx,
                                                      const GetChannelMessageRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kNotFound,
                           Action::kGetChannelMessage));
  TRY(check_sub_channel(access.elastic, in.sub_channel_id, Missing::kNotFound));
  TRY_ASSIGN(store::MessageRow message,
             find_visible_message(tx, access, in.message_id, Missing::kNotFound));
  return GetChannelMessageResponse{
      view_message(std::move(message), in.channel_arn, *access.bearer_id)};
}

Result<ListChannelMessagesResponse> list_channel_messages(Call&, store::ReadTx& tx,
                                                          const ListChannelMessagesRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           Action::kListChannelMessages));
  TRY(check_sub_channel(access.elastic, in.sub_channel_id, Missing::kForbidden));
  const domain::PageScope scope = list_scope(in);
  TRY_ASSIGN(const auto cursor, domain::read_next_token(scope, in.next_token));

  const int limit = domain::page_rows(in.max_results);
  store::MessageRange range;
  range.ascending = in.sort_order == SortOrder::kAscending;
  if (in.not_before) range.not_before_ms = in.not_before->ms;
  if (in.not_after) range.not_after_ms = in.not_after->ms;
  if (cursor) range.after = store::MessagePosition{cursor->first, cursor->second};
  range.limit = limit + 1;
  auto messages = store::list_messages(tx, *access.channel_id, *access.bearer_id, range);

  ListChannelMessagesResponse out;
  out.channel_arn = in.channel_arn;
  if (domain::cut_page(messages, limit)) {
    out.next_token =
        domain::make_next_token(scope, {messages.back().created_ms, messages.back().id});
  }
  out.channel_messages.reserve(messages.size());
  for (store::MessageRow& message : messages) {
    out.channel_messages.push_back(summarize_message(std::move(message), *access.bearer_id));
  }
  return out;
}

// Documented: the sender only, whatever his role; a denied message has no status, since it is not
// stored. NotFound is not modelled.
Result<GetChannelMessageStatusResponse> get_channel_message_status(
    Call&, store::ReadTx& tx, const GetChannelMessageStatusRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden));
  TRY(check_sub_channel(access.elastic, in.sub_channel_id, Missing::kForbidden));
  TRY_ASSIGN(const store::MessageRow message,
             find_visible_message(tx, access, in.message_id, Missing::kForbidden));
  if (!domain::is_allowed(Action::kGetChannelMessageStatus, access, owner_of(message, access))) {
    return error::forbidden();
  }
  return GetChannelMessageStatusResponse{view_status(message, *access.bearer_id)};
}

}  // namespace carillon::api::messaging
