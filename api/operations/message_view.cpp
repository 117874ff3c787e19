#include "api/operations/message_view.h"

#include <utility>

#include "api/generated/messaging/codec.h"
#include "api/operations/message_rules.h"
#include "api/operations/stored_json.h"

namespace carillon::api::messaging {
namespace {

bool sees_pending_update(const store::MessageRow& message, store::RowId viewer_id) {
  return message.pending_update && message.sender_id == viewer_id;
}

std::optional<protocol::Timestamp> optional_time(const std::optional<store::TimeMs>& ms) {
  if (!ms) return std::nullopt;
  return protocol::Timestamp{*ms};
}

// The members that ChannelMessage and ChannelMessageSummary have in common.
template <typename View>
View common_view(store::MessageRow& message, store::RowId viewer_id) {
  store::MessageRevision& revision =
      sees_pending_update(message, viewer_id) ? *message.pending_update : message.revision;
  View view;
  view.message_id = std::move(message.message_id);
  // Of a redacted message the content comes back empty: clients read it without asking whether it
  // is there.
  view.content = std::move(revision.content).value_or("");
  view.metadata = std::move(revision.metadata);
  view.type = from_stored_text<ChannelMessageType>(message.type);
  view.created_timestamp = protocol::Timestamp{message.created_ms};
  view.last_updated_timestamp = protocol::Timestamp{message.updated_ms};
  view.last_edited_timestamp = optional_time(message.edited_ms);
  view.sender = Identity{std::move(message.sender_arn), std::move(message.sender_name)};
  view.redacted = message.redacted;
  view.status = view_status(message, viewer_id);
  view.message_attributes = attributes_from_json(revision.message_attributes);
  view.content_type = std::move(revision.content_type);
  if (message.target_arn) view.target = {Target{std::move(message.target_arn)}};
  return view;
}

}  // namespace

ChannelMessage view_message(store::MessageRow message, std::string_view channel_arn,
                            store::RowId viewer_id) {
  auto view = common_view<ChannelMessage>(message, viewer_id);
  view.channel_arn = channel_arn;
  view.persistence = from_stored_text<ChannelMessagePersistenceType>(message.persistence);
  view.sub_channel_id = std::move(message.sub_channel_id);
  return view;
}

ChannelMessageSummary summarize_message(store::MessageRow message, store::RowId viewer_id) {
  return common_view<ChannelMessageSummary>(message, viewer_id);
}

ChannelMessageStatusStructure view_status(const store::MessageRow& message,
                                          store::RowId viewer_id) {
  const std::string_view value =
      sees_pending_update(message, viewer_id) ? std::string_view("PENDING") : message.status;
  return {from_stored_text<ChannelMessageStatus>(value), message.status_detail};
}

}  // namespace carillon::api::messaging
