#include "api/flow_events.h"

#include "api/limits.h"
#include "api/operations/flow_engine.h"
#include "store/flow_executions.h"

namespace carillon::api {
namespace {

domain::Fallback fallback(const store::CallbackRow& callback) {
  return callback.fallback_action == "CONTINUE" ? domain::Fallback::kContinue
                                                : domain::Fallback::kAbort;
}

void expire(Call& call, store::WriteTx& tx, const store::CallbackRow& callback) {
  if (call.options.callback_expiry == CallbackExpiry::kApplyFallback) {
    return continue_flow(call, tx, callback, domain::Unreachable{fallback(callback), true},
                         "The processor did not call back in time.");
  }
  store::resolve_callback(tx, callback.id, "EXPIRED", {}, call.now_ms);
}

}  // namespace

void report_processor_accepted(Call&, store::WriteTx& tx, std::string_view callback_id) {
  // A quick processor calls back before its endpoint's answer has reached us: note it all the same.
  const auto callback = store::find_callback(tx, callback_id);
  if (callback && callback->invocation == "QUEUED") {
    store::set_callback_invocation(tx, callback->id, "ACCEPTED");
  }
}

void report_processor_unreachable(Call& call, store::WriteTx& tx, std::string_view callback_id,
                                  std::string_view reason) {
  const auto callback = store::find_callback(tx, callback_id);
  if (!callback || callback->invocation != "QUEUED") return;
  store::set_callback_invocation(tx, callback->id, "FAILED");
  // Somebody called back all the same.
  if (callback->status != "PENDING") return;
  continue_flow(call, tx, *callback, domain::Unreachable{fallback(*callback)}, std::string(reason));
}

void expire_callbacks(Call& call, store::WriteTx& tx) {
  for (const store::CallbackRow& callback :
       store::list_expired_callbacks(tx, call.now_ms, kExpiredCallbacksPerStep)) {
    expire(call, tx, callback);
  }
  if (const auto next = store::next_callback_deadline(tx)) call.emit(CallbackDeadline{*next});
}

QueuedInvocations queued_invocations(store::ReadTx& tx, std::int64_t after, int limit) {
  QueuedInvocations queued;
  queued.last = after;
  for (store::CallbackRow& callback : store::list_queued_callbacks(tx, after, limit)) {
    queued.last = callback.id;
    queued.invocations.push_back({std::move(callback.callback_id),
                                  std::move(callback.processor_arn), std::move(callback.event),
                                  callback.id});
  }
  return queued;
}

std::optional<std::int64_t> next_deadline_ms(store::ReadTx& tx) {
  return store::next_callback_deadline(tx);
}

}  // namespace carillon::api
