// The event that a processor's Lambda function is invoked with. Pure: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/rows.h"

namespace carillon::api {

// Documented form (developer guide, "Setting up a processor Lambda function"): every leaf is a
// string, times are ISO 8601. Absent values are left out. LastEditedTimestamp is there for updates
// only, and is all that tells them from new messages. MessageAttributes, ContentType, Target and
// SubChannelId are not documented; they are there when set, since processors of the real service
// read some of them.
std::string processor_event(std::string_view callback_id, std::string_view channel_arn,
                            const store::MessageRow& message,
                            const store::MessageRevision& revision,
                            std::optional<store::TimeMs> edited_ms);

}  // namespace carillon::api
