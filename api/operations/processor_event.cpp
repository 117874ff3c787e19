#include "api/operations/processor_event.h"

#include "api/protocol/json.h"
#include "api/protocol/timestamp.h"

namespace carillon::api {
namespace {

void optional_member(json::Writer& writer, std::string_view name, const store::OptionalText& text) {
  if (text) writer.member(name, std::string_view(*text));
}

void optional_json(json::Writer& writer, std::string_view name, const store::OptionalText& json) {
  if (json) writer.key(name).raw(*json);
}

}  // namespace

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
  optional_member(writer, "Content", revision.content);
  optional_member(writer, "Metadata", revision.metadata);
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
  optional_member(writer, "ContentType", revision.content_type);
  optional_json(writer, "MessageAttributes", revision.message_attributes);
  if (message.target_arn) {
    writer.key("Target")
        .begin_array()
        .begin_object()
        .member("MemberArn", std::string_view(*message.target_arn))
        .end_object()
        .end_array();
  }
  optional_member(writer, "SubChannelId", message.sub_channel_id);
  return writer.end_object().end_object().take();
}

}  // namespace carillon::api
