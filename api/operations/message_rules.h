// What a message must be beyond its model's constraints, and its parts that are stored as JSON.
// Pure: any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "api/generated/messaging/shapes.h"
#include "api/operations/access.h"
#include "api/result.h"
#include "store/rows.h"

namespace carillon::api::messaging {

using Attributes = std::optional<std::map<std::string, MessageAttributeValue>>;

// At most 4 KB of UTF-8.
Result<Nothing> check_standard_content(std::string_view content);
// STANDARD as above; CONTROL at most 30 bytes, and without metadata.
Result<Nothing> check_content(ChannelMessageType type, std::string_view content,
                              const std::optional<std::string>& metadata);
// At most 1 KB of UTF-8, keys and values together.
Result<Nothing> check_attributes(const Attributes& attributes);
// Channels that are not elastic have no use for a SubChannelId. Sub-channels are planned: no
// elastic channel has one yet, so the one that the request names is missing.
Result<Nothing> check_sub_channel(bool elastic, const std::optional<std::string>& sub_channel_id,
                                  Missing missing);

store::OptionalText attributes_json(const Attributes& attributes);
Attributes attributes_from_json(const store::OptionalText& json);

}  // namespace carillon::api::messaging
