// A message's way through its channel flow, as a pure state machine: a state and an event give the
// next state and what to do. It reads no store, knows no time, and is where every rule about
// verdicts and fallbacks stands. Any thread.
//
// Source: developer guide, "Using channel flows to process messages" and "Setting up a processor
// Lambda function". What it leaves open is listed in docs/fidelity.md.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "store/rows.h"

namespace carillon::api::domain {

enum class Fallback { kContinue, kAbort };

// Where a message is: at processor `step` of `steps` (counted from 0), with the content as the
// processors before have left it.
struct FlowState {
  int step = 0;
  int steps = 1;
  store::MessageRevision revision;
};

// The processor called back without DeleteResource. It changes only the members that it gives:
// absent ones keep their value.
struct Passed {
  store::MessageRevision changes;
};

// The processor called back with DeleteResource.
struct Denied {};

// The processor could not be reached, or its time is over and the switch says to treat that alike.
struct Unreachable {
  Fallback fallback = Fallback::kAbort;
  bool is_expired = false;  // the latter
};

using FlowEvent = std::variant<Passed, Denied, Unreachable>;

enum class FlowMove {
  kInvoke,   // the processor at the new step
  kDeliver,  // the revision becomes the message, for all members
  kDeny,     // a new message is dropped; a denied update leaves the message as it was
  kFail,     // a new message is FAILED; a failed update leaves the message as it was
};

struct FlowDecision {
  FlowMove move;
  FlowState state;
};

FlowDecision advance(FlowState state, const FlowEvent& event);

}  // namespace carillon::api::domain
