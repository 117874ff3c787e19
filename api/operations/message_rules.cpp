#include "api/operations/message_rules.h"

#include "api/generated/messaging/codec.h"
#include "api/limits.h"
#include "api/protocol/codec.h"

namespace carillon::api::messaging {

Result<Nothing> check_standard_content(std::string_view content) {
  if (content.size() > kMessageContentBytesMax) return error::message_too_large();
  return Nothing{};
}

Result<Nothing> check_content(ChannelMessageType type, std::string_view content,
                              const std::optional<std::string>& metadata) {
  if (type == ChannelMessageType::kStandard) return check_standard_content(content);
  if (content.size() > kControlContentBytesMax) {
    return error::bad_request("The Content of a CONTROL message has at most " +
                              std::to_string(kControlContentBytesMax) + " bytes of UTF-8, not " +
                              std::to_string(content.size()) + ".");
  }
  if (metadata) return error::bad_request("A CONTROL message has no Metadata.");
  return Nothing{};
}

Result<Nothing> check_attributes(const Attributes& attributes) {
  if (!attributes) return Nothing{};
  std::size_t bytes = 0;
  for (const auto& [name, value] : *attributes) {
    bytes += name.size();
    if (!value.string_values) continue;
    for (const std::string& text : *value.string_values) bytes += text.size();
  }
  if (bytes <= kMessageAttributesBytesMax) return Nothing{};
  return error::bad_request(
      "The MessageAttributes have at most " + std::to_string(kMessageAttributesBytesMax) +
      " bytes of UTF-8, names and values together, not " + std::to_string(bytes) + ".");
}

Result<Nothing> check_sub_channel(bool elastic, const std::optional<std::string>& sub_channel_id,
                                  Missing missing) {
  if (!sub_channel_id) return Nothing{};
  if (elastic) return missing == Missing::kNotFound ? error::not_found() : error::forbidden();
  return error::bad_request("SubChannelId is for elastic channels; this channel is not elastic.");
}

store::OptionalText attributes_json(const Attributes& attributes) {
  if (!attributes) return std::nullopt;
  json::Writer writer;
  protocol::encode(writer, *attributes);
  return writer.take();
}

Attributes attributes_from_json(const store::OptionalText& json) {
  if (!json) return std::nullopt;
  const json::Document document(*json);
  Attributes attributes;
  protocol::decode(document.root(), attributes);
  return attributes;
}

}  // namespace carillon::api::messaging
