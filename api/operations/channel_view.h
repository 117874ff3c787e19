// What one caller sees of a channel. On the thread that owns the transaction.
#pragma once

#include <string_view>

#include "api/generated/messaging/shapes.h"
#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::api::messaging {

// LastMessageTimestamp depends on the viewer: targeted messages are seen by two only. Source: API
// reference, Channel.
Channel view_channel(store::ReadTx& tx, const store::ChannelRow& row, store::RowId viewer_id);
ChannelSummary summarize_channel(store::ReadTx& tx, const store::ChannelRow& row,
                                 store::RowId viewer_id);

ChannelMembership view_membership(const store::MembershipRow& row, std::string_view channel_arn);

}  // namespace carillon::api::messaging
