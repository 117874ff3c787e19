#include "api/operations/processor_event.h"

#include "api/protocol/json.h"
#include "api/protocol/timestamp.h"

namespace carillon::api {
std::string processor_event(std::string_view callback_id, std::string_view channel_arn,
                            const store::MessageRow& message,
                            const store::MessageRevision& revision,
                            std::optional<store::TimeMs> edited_ms) {
  json::Writer writer;
  writer.begin_object()
      .member("EventType", "CHANNEL_MESSAGE_EVENT")
      .member("CallbackId", callback_id)
      .key("ChannelMessage")
      .begin_object()
      .member("MessageId", std::string_view(message.message_id))
      .member("ChannelArn", channel_arn);
  writer.optional_member("Content", revision.content);
  writer.optional_member("Metadata", revision.metadata);
  writer.key("Sender")
      .begin_object()
      .member("Arn", std::string_view(message.sender_arn))
      .member("Name", std::string_view(message.sender_name))
      .end_object();
  writer.member("Persistence", std::string_view(message.persistence));
  if (edited_ms) {
    writer.member("LastEditedTimestamp", std::string_view(protocol::format_iso8601(*edited_ms)));
  }
  writer.member("Type", std::string_view(message.type))
      .member("CreatedTimestamp", std::string_view(protocol::format_iso8601(message.created_ms)));
  writer.optional_member("ContentType", revision.content_type);
  writer.optional_raw_member("MessageAttributes", revision.message_attributes);
  if (message.target_arn) {
    writer.key("Target")
        .begin_array()
        .begin_object()
        .member("MemberArn", std::string_view(*message.target_arn))
        .end_object()
        .end_array();
  }
  writer.optional_member("SubChannelId", message.sub_channel_id);
  return writer.end_object().end_object().take();
}

}  // namespace carillon::api
