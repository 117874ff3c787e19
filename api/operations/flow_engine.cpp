#include "api/operations/flow_engine.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "api/limits.h"
#include "api/operations/processor_event.h"
#include "api/operations/session_events.h"
#include "api/protocol/uri.h"
#include "api/push_notifications.h"
#include "store/channel_flows.h"
#include "store/flow_executions.h"
#include "store/messages.h"

namespace carillon::api {
namespace {

using domain::FlowMove;

constexpr std::string_view kCreate = "CREATE";
constexpr std::string_view kUpdate = "UPDATE";

// Makes the callback that the processor at the execution's step has to answer, and has it invoked.
void invoke_processor(Call& call, store::WriteTx& tx, const store::FlowExecutionRow& execution,
                      const store::MessageRow& message, std::string_view channel_arn,
                      const store::ProcessorRow& processor) {
  const bool is_update = execution.kind == kUpdate;
  store::CallbackRow callback;
  callback.callback_id = call.ids.ordered_uuid(call.now_ms);
  callback.message_row_id = message.id;
  callback.channel_id = message.channel_id;
  callback.message_id = message.message_id;
  callback.channel_arn = channel_arn;
  callback.processor_name = processor.name;
  callback.processor_arn = processor.lambda_arn;
  callback.fallback_action = processor.fallback_action;
  callback.status = "PENDING";
  callback.invocation = "QUEUED";
  callback.created_ms = call.now_ms;
  callback.deadline_ms = call.now_ms + call.options.callback_timeout_ms;
  callback.event = processor_event(
      callback.callback_id, channel_arn, message, execution.revision,
      is_update ? std::optional<store::TimeMs>(execution.created_ms) : std::nullopt);
  const store::RowId row_id = store::insert_callback(tx, callback);
  call.emit(InvokeProcessor{callback.callback_id, callback.processor_arn, callback.event, row_id});
  call.emit(CallbackDeadline{callback.deadline_ms});
}

// Tells of what became of a message, or of its update: `message` is as it is now.
void tell(Call& call, store::WriteTx& tx, const store::FlowExecutionRow& execution,
          store::MessageRow message, std::string_view channel_arn) {
  using messaging::MessageChange;
  const auto change = execution.kind == kUpdate ? MessageChange::kUpdate : MessageChange::kCreate;
  messaging::emit_message_event(call, tx, change, std::move(message), channel_arn);
}

void deliver(Call& call, store::WriteTx& tx, store::FlowExecutionRow& execution,
             store::MessageRow& message) {
  // A NON_PERSISTENT message lives until it was delivered.
  if (message.persistence == "NON_PERSISTENT") {
    store::delete_message(tx, message.id);
  } else {
    store::set_message_revision(tx, message.id, execution.revision);
    if (execution.kind == kUpdate) store::set_message_edited(tx, message.id, execution.created_ms);
    store::set_message_status(tx, message.id, "SENT", {}, call.now_ms);
  }
  message.revision = std::move(execution.revision);
  if (execution.kind == kUpdate) message.edited_ms = execution.created_ms;
  message.updated_ms = call.now_ms;
  message.status = "SENT";
  if (execution.kind == kCreate) notify_by_push(call, tx, message);
}

// A new message is gone, as if it had never been sent; of a denied update nothing stays either. Its
// sender is told with the content that he knows.
void deny(store::WriteTx& tx, store::FlowExecutionRow& execution, store::MessageRow& message) {
  if (execution.kind == kCreate) {
    store::delete_message(tx, message.id);
  } else {
    message.revision = std::move(execution.revision);
  }
  message.status = "DENIED";
}

void fail(Call& call, store::WriteTx& tx, store::FlowExecutionRow& execution,
          store::MessageRow& message, const store::OptionalText& detail) {
  message.status = "FAILED";
  if (detail)
    message.status_detail = protocol::first_code_points(*detail, kStatusDetailCodePointsMax);
  if (execution.kind == kUpdate) {
    message.revision = std::move(execution.revision);
    return;
  }
  store::set_message_status(tx, message.id, message.status, message.status_detail, call.now_ms);
  message.updated_ms = call.now_ms;
}

std::string_view callback_status(const domain::FlowEvent& event) {
  if (std::holds_alternative<domain::Passed>(event)) return "COMPLETED";
  if (std::holds_alternative<domain::Denied>(event)) return "DENIED";
  return std::get<domain::Unreachable>(event).is_expired ? "EXPIRED" : "FAILED";
}

}  // namespace

void start_flow(Call& call, store::WriteTx& tx, FlowKind kind, const store::MessageRow& message,
                std::string_view channel_arn, store::RowId flow_version_id,
                const store::MessageRevision& revision) {
  store::FlowExecutionRow execution;
  execution.message_row_id = message.id;
  execution.kind = kind == FlowKind::kCreate ? kCreate : kUpdate;
  execution.flow_version_id = flow_version_id;
  execution.revision = revision;
  execution.created_ms = call.now_ms;
  store::insert_flow_execution(tx, execution);
  const std::vector<store::ProcessorRow> processors = store::list_processors(tx, flow_version_id);
  invoke_processor(call, tx, execution, message, channel_arn, processors.at(0));
}

bool is_update_abandoned(store::ReadTx& tx, const store::MessageRow& message) {
  if (!message.pending_update) return false;
  // The newest is the one that the update waits for. Where it is not kept any more, its time was
  // over long ago.
  store::CallbackFilter newest;
  newest.message_id = message.message_id;
  newest.limit = 1;
  const auto callbacks = store::list_callbacks(tx, newest);
  return callbacks.empty() || callbacks.front().status == "EXPIRED";
}

void continue_flow(Call& call, store::WriteTx& tx, const store::CallbackRow& callback,
                   const domain::FlowEvent& event, const store::OptionalText& detail) {
  auto execution = store::find_flow_execution(tx, callback.message_row_id);
  auto message = store::find_message_by_id(tx, callback.message_row_id);
  if (!execution || !message) {
    throw std::logic_error("callback " + callback.callback_id + " is pending without its message");
  }
  store::resolve_callback(tx, callback.id, callback_status(event), detail, call.now_ms);

  const std::vector<store::ProcessorRow> processors =
      store::list_processors(tx, execution->flow_version_id);
  domain::FlowDecision decision = domain::advance(
      {execution->step, static_cast<int>(processors.size()), std::move(execution->revision)},
      event);
  execution->step = decision.state.step;
  execution->revision = std::move(decision.state.revision);

  if (decision.move == FlowMove::kInvoke) {
    store::update_flow_execution(tx, *execution);
    return invoke_processor(call, tx, *execution, *message, callback.channel_arn,
                            processors.at(static_cast<std::size_t>(execution->step)));
  }
  store::delete_flow_execution(tx, message->id);
  switch (decision.move) {
    case FlowMove::kDeliver: deliver(call, tx, *execution, *message); break;
    case FlowMove::kDeny: deny(tx, *execution, *message); break;
    case FlowMove::kFail: fail(call, tx, *execution, *message, detail); break;
    case FlowMove::kInvoke: break;
  }
  tell(call, tx, *execution, std::move(*message), callback.channel_arn);
}

}  // namespace carillon::api
