#include "api/operations/session_events.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "api/generated/messaging/codec.h"
#include "api/operations/channel_view.h"
#include "api/operations/message_view.h"
#include "api/operations/stored_json.h"
#include "store/channel_memberships.h"
#include "store/channels.h"

namespace carillon::api::messaging {
namespace {

using store::RowId;

constexpr std::string_view kSystem = "SYSTEM";

template <typename Shape>
std::string payload_of(const Shape& shape) {
  json::Writer writer(json::TimeForm::kIso8601);
  encode(writer, shape);
  return writer.take();
}

std::string_view sent_event(MessageChange change) {
  switch (change) {
    case MessageChange::kCreate: return "CREATE_CHANNEL_MESSAGE";
    case MessageChange::kUpdate: return "UPDATE_CHANNEL_MESSAGE";
    case MessageChange::kRedact: return "REDACT_CHANNEL_MESSAGE";
    case MessageChange::kDelete: return "DELETE_CHANNEL_MESSAGE";
  }
  throw std::logic_error("no such change of a message");
}

// Redactions and deletions go through no channel flow.
std::string_view unsent_event(MessageChange change, std::string_view status) {
  const bool is_update = change == MessageChange::kUpdate;
  if (is_update || change == MessageChange::kCreate) {
    if (status == "PENDING") {
      return is_update ? "PENDING_UPDATE_CHANNEL_MESSAGE" : "PENDING_CREATE_CHANNEL_MESSAGE";
    }
    if (status == "FAILED") {
      return is_update ? "FAILED_UPDATE_CHANNEL_MESSAGE" : "FAILED_CREATE_CHANNEL_MESSAGE";
    }
    if (status == "DENIED") {
      return is_update ? "DENIED_UPDATE_CHANNEL_MESSAGE" : "DENIED_CREATE_CHANNEL_MESSAGE";
    }
  }
  throw std::logic_error("no event is of a message that is " + std::string(status));
}

// Its sender and its target are told, once each, and only while they are members.
std::vector<RowId> targeted_members(store::ReadTx& tx, const store::MessageRow& message) {
  std::vector<RowId> members;
  for (const RowId user : {message.sender_id, *message.target_id}) {
    const bool is_there = std::find(members.begin(), members.end(), user) != members.end();
    if (!is_there && store::find_membership(tx, message.channel_id, user)) members.push_back(user);
  }
  return members;
}

// To the member himself, and to all other members, or to those who may see him if he is HIDDEN.
void emit_membership_event(Call& call, store::ReadTx& tx, std::string_view type,
                           const MembershipScope& scope, const store::MembershipRow& member) {
  SessionEvent event{type, kSystem, payload_of(view_membership(member, scope.channel_arn))};
  if (member.type == "HIDDEN") {
    event.user_ids = store::list_privileged_members(tx, scope.channel_id, scope.app_instance_id);
    if (std::find(event.user_ids.begin(), event.user_ids.end(), member.member_id) ==
        event.user_ids.end()) {
      event.user_ids.push_back(member.member_id);
    }
  } else {
    event.channel_id = scope.channel_id;
  }
  call.emit(std::move(event));
}

std::string batch_payload(const MembershipScope& scope,
                          std::span<const store::MembershipRow> members) {
  const store::MembershipRow& first = members.front();
  BatchChannelMemberships batch;
  batch.invited_by = Identity{first.invited_by_arn, first.invited_by_name};
  batch.type = from_stored_text<ChannelMembershipType>(first.type);
  batch.members.emplace();
  for (const store::MembershipRow& row : members) {
    batch.members->push_back({row.member_arn, row.member_name});
  }
  batch.channel_arn = scope.channel_arn;
  return payload_of(batch);
}

}  // namespace

void emit_message_event(Call& call, store::ReadTx& tx, MessageChange change,
                        store::MessageRow message, std::string_view channel_arn) {
  SessionEvent event;
  event.message_type = message.type == "CONTROL" ? "CONTROL" : "STANDARD";
  if (message.status != "SENT") {
    event.type = unsent_event(change, message.status);
    event.user_ids = {message.sender_id};
  } else {
    event.type = sent_event(change);
    if (message.target_id) {
      event.user_ids = targeted_members(tx, message);
      if (event.user_ids.empty()) return;
    } else {
      event.channel_id = message.channel_id;
    }
  }
  // Nobody's view: what the sender alone would see of a pending update is in the row already.
  event.payload = payload_of(view_message(std::move(message), channel_arn, RowId{0}));
  call.emit(std::move(event));
}

void emit_channel_event(Call& call, store::ReadTx& tx, ChannelChange change, RowId channel_id) {
  const auto row = store::find_channel_by_id(tx, channel_id);
  const bool is_update = change == ChannelChange::kUpdate;
  // Nobody's view: one payload for all members has nothing of messages that are not for all.
  call.emit(SessionEvent{is_update ? "UPDATE_CHANNEL" : "DELETE_CHANNEL",
                         kSystem,
                         payload_of(view_channel(tx, row.value(), RowId{0})),
                         channel_id,
                         {}});
}

void emit_members_added(Call& call, store::ReadTx& tx, const MembershipScope& scope,
                        std::span<const store::MembershipRow> members) {
  for (const store::MembershipRow& member : members) {
    call.emit(MemberAdded{scope.channel_id, member.member_id});
  }
  for (const store::MembershipRow& member : members) {
    emit_membership_event(call, tx, "CREATE_CHANNEL_MEMBERSHIP", scope, member);
  }
}

void emit_batch_added(Call& call, store::ReadTx& tx, const MembershipScope& scope,
                      std::span<const store::MembershipRow> members) {
  if (members.empty()) return;
  for (const store::MembershipRow& member : members) {
    call.emit(MemberAdded{scope.channel_id, member.member_id});
  }
  SessionEvent event{"BATCH_CREATE_CHANNEL_MEMBERSHIP", kSystem, batch_payload(scope, members)};
  if (members.front().type != "HIDDEN") {
    event.channel_id = scope.channel_id;
    return call.emit(std::move(event));
  }
  const auto privileged =
      store::list_privileged_members(tx, scope.channel_id, scope.app_instance_id);
  event.user_ids = privileged;
  const auto type = event.type;
  if (!privileged.empty()) call.emit(std::move(event));
  for (const store::MembershipRow& member : members) {
    // They are in the order of their ids.
    if (std::binary_search(privileged.begin(), privileged.end(), member.member_id)) continue;
    call.emit(SessionEvent{
        type, kSystem, batch_payload(scope, std::span(&member, 1)), {}, {member.member_id}});
  }
}

void emit_member_removed(Call& call, store::ReadTx& tx, const MembershipScope& scope,
                         const store::MembershipRow& member) {
  emit_membership_event(call, tx, "DELETE_CHANNEL_MEMBERSHIP", scope, member);
  call.emit(MemberRemoved{scope.channel_id, member.member_id});
}

}  // namespace carillon::api::messaging
