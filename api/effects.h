// What must happen after a transaction committed. Operations emit effects as values; they are
// dropped with what the operation wrote when it answers with an error, and otherwise carried out by
// the server in commit order. Losing one (a crash right after the commit) does no harm: what counts
// has a row from which the server makes it again at its next start, and sessions end with the
// server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "store/rows.h"

namespace carillon::api {

// Hand `event` to the processor behind `processor_arn`, which answers with ChannelFlowCallback.
// The server reports back with report_processor_accepted or report_processor_unreachable.
struct InvokeProcessor {
  std::string callback_id;
  std::string processor_arn;
  std::string event;  // JSON
  // The row it is made from: what is invoked later has a larger one.
  std::int64_t row_id = 0;
};

// Call expire_callbacks at this time.
struct CallbackDeadline {
  std::int64_t deadline_ms = 0;
};

// Call store::purge_step until it has nothing left.
struct PurgeRows {};

// Call record_push_notifications until it has nothing left.
struct RecordPushNotifications {};

// Log that this came to exist because a request named it.
struct ResourceProvisioned {
  std::string arn;
};

// Something happened that connected users are told: it goes to all sessions of each of them. It has
// no row: who is not connected when it happens never gets it.
struct SessionEvent {
  std::string_view type;          // x-amz-chime-event-type; a literal
  std::string_view message_type;  // STANDARD, CONTROL or SYSTEM; a literal
  std::string payload;            // JSON; empty: none
  // Either all who are members of this channel at this point of the effects, or these users.
  std::optional<store::RowId> channel_id = {};
  std::vector<store::RowId> user_ids = {};
};

// The members of a channel changed; where a new member is told of it himself this comes before the
// SessionEvent, where a former one is, after it.
struct MemberAdded {
  store::RowId channel_id = 0;
  store::RowId member_id = 0;
};
struct MemberRemoved {
  store::RowId channel_id = 0;
  store::RowId member_id = 0;
};
struct ChannelRemoved {
  store::RowId channel_id = 0;
};

// A user, or a bot, is gone: his sessions end.
struct UserRemoved {
  store::RowId user_id = 0;
};
// An app instance is gone, and with it all its users.
struct AppInstanceRemoved {
  std::string arn;
};

using Effect = std::variant<InvokeProcessor, CallbackDeadline, PurgeRows, RecordPushNotifications,
                            ResourceProvisioned, SessionEvent, MemberAdded, MemberRemoved,
                            ChannelRemoved, UserRemoved, AppInstanceRemoved>;

}  // namespace carillon::api
