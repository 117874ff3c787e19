// What must happen after a transaction committed. Operations emit effects as values; they are
// dropped with what the operation wrote when it answers with an error, and otherwise carried out by
// the server in commit order. Losing one (a crash right after the commit) does no harm: what counts
// has a row from which the server makes it again at its next start.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

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

// Log that this came to exist because a request named it.
struct ResourceProvisioned {
  std::string arn;
};

using Effect = std::variant<InvokeProcessor, CallbackDeadline, PurgeRows, ResourceProvisioned>;

}  // namespace carillon::api
