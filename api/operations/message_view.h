// A message as a given member may see it. Pure: any thread. Texts are moved, not copied: pass a row
// that is not needed any more.
#pragma once

#include <string_view>

#include "api/generated/messaging/shapes.h"
#include "store/rows.h"

namespace carillon::api::messaging {

// While an update is pending its sender sees the new content with the status PENDING, everybody
// else the message as it was.
ChannelMessage view_message(store::MessageRow message, std::string_view channel_arn,
                            store::RowId viewer_id);
ChannelMessageSummary summarize_message(store::MessageRow message, store::RowId viewer_id);
ChannelMessageStatusStructure view_status(const store::MessageRow& message, store::RowId viewer_id);

}  // namespace carillon::api::messaging
