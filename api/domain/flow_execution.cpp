#include "api/domain/flow_execution.h"

#include <utility>

namespace carillon::api::domain {
namespace {

void keep_or_replace(store::OptionalText& value, const store::OptionalText& change) {
  if (change) value = change;
}

void apply(store::MessageRevision& revision, const store::MessageRevision& changes) {
  keep_or_replace(revision.content, changes.content);
  keep_or_replace(revision.metadata, changes.metadata);
  keep_or_replace(revision.content_type, changes.content_type);
  keep_or_replace(revision.message_attributes, changes.message_attributes);
  keep_or_replace(revision.push_notification, changes.push_notification);
}

FlowDecision go_on(FlowState state) {
  ++state.step;
  const FlowMove move = state.step < state.steps ? FlowMove::kInvoke : FlowMove::kDeliver;
  return {move, std::move(state)};
}

}  // namespace

FlowDecision advance(FlowState state, const FlowEvent& event) {
  if (const auto* passed = std::get_if<Passed>(&event)) {
    apply(state.revision, passed->changes);
    return go_on(std::move(state));
  }
  if (std::holds_alternative<Denied>(event)) return {FlowMove::kDeny, std::move(state)};
  if (std::get<Unreachable>(event).fallback == Fallback::kContinue) return go_on(std::move(state));
  return {FlowMove::kFail, std::move(state)};
}

}  // namespace carillon::api::domain
