// What the server tells the channel flows: how an invocation went, and that time passed. Each
// function runs on the writer thread in a transaction of its own, like an operation, and may emit
// effects. All are idempotent: a report for a callback that is not pending any more does nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "api/call.h"
#include "api/effects.h"
#include "store/transaction.h"

namespace carillon::api {

// The processor's endpoint accepted the event: only its callback counts now.
void report_processor_accepted(Call& call, store::WriteTx& tx, std::string_view callback_id);

// The processor could not be reached, `reason` says why (shown at the admin endpoint): the
// processor's FallbackAction decides.
void report_processor_unreachable(Call& call, store::WriteTx& tx, std::string_view callback_id,
                                  std::string_view reason);

// Ends the callbacks whose deadline is at or before call.now_ms, a bounded number at a time; emits
// the next CallbackDeadline, which may be due already.
void expire_callbacks(Call& call, store::WriteTx& tx);

// Invocations that were not made yet, oldest first: at start, and when a processor that had no
// target gets one. `after` is 0 or the last page's `last`.
struct QueuedInvocations {
  std::vector<InvokeProcessor> invocations;
  std::int64_t last = 0;
};
QueuedInvocations queued_invocations(store::ReadTx& tx, std::int64_t after, int limit);

// The earliest deadline of a pending callback: at start.
std::optional<std::int64_t> next_deadline_ms(store::ReadTx& tx);

}  // namespace carillon::api
