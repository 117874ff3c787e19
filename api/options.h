// The switches that change what the service answers; set once at start, from flags.
#pragma once

#include <cstdint>
#include <string>

namespace carillon::api {

// What becomes of a message whose processor was reached but never called back in time. The
// documentation says only that the late callback is Forbidden.
enum class CallbackExpiry { kStayPending, kApplyFallback };

struct Options {
  // How long a processor has for ChannelFlowCallback. Documented: 48 hours.
  std::int64_t callback_timeout_ms = 48LL * 60 * 60 * 1'000;
  CallbackExpiry callback_expiry = CallbackExpiry::kStayPending;
  // The exception that a constraint violation is called: BadRequestException, or the framework's
  // own ValidationException for those who have seen the live service answer so.
  bool validation_exception = false;
  // Whether the service's published request rates and numbers of resources are kept to.
  bool enforce_quotas = false;
  // Whether app instances and users come to exist when a request names them: see provisioning.h.
  bool auto_provision = false;
  // For callers whose credentials do not tell: see Caller.
  std::string default_account = "000000000000";
  std::string default_region = "us-east-1";
  // HOST or HOST:PORT that GetMessagingSessionEndpoint gives out; empty: the caller's Host header.
  std::string advertise;
};

}  // namespace carillon::api
