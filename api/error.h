// The errors that a client can get, each made by one named factory, so that every text exists once.
//
// Kinds are the modelled exceptions of the service plus the framework's own. The texts marked
// "observed" were reported by users of the real service; the others are our wording and listed in
// docs/fidelity.md. Pure values: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace carillon::api {

enum class ErrorKind : std::uint8_t {
  kBadRequest,
  kConflict,
  kForbidden,
  kNotFound,
  kResourceLimitExceeded,
  kServiceFailure,
  kServiceUnavailable,
  kThrottledClient,
  kUnauthorizedClient,
  // The framework's: no operation models them, any operation may answer with them.
  kValidation,
  kSerialization,
  kUnknownOperation,
  kUnsupportedOperation,
  kMissingAuthenticationToken,
  kIncompleteSignature,
  kUnrecognizedClient,
  kInvalidSignature,
  kRequestTooLarge,
};

struct ErrorKindInfo {
  std::string_view exception;  // the x-amzn-ErrorType header
  std::string_view code;       // the body's Code
  int http_status;
};
const ErrorKindInfo& info(ErrorKind kind);

struct Error {
  ErrorKind kind;
  std::string message;
};

// What stood in a request before anything of it was checked, for a message: short, and ASCII
// whatever the bytes were.
std::string printable(std::string_view request_text);

namespace error {

// A resource is missing, of another app instance, or the bearer may not: the service tells them
// apart only where the operation models NotFound. Observed text.
Error forbidden();
// One or more resources do not exist; only for operations that model it.
Error not_found();
// The x-amz-chime-bearer header names nobody of this app instance. Observed text.
Error invalid_bearer();
// An ARN among the input's other members names nobody of this app instance. Observed text.
Error invalid_user_in_input();
// Who is banned from a channel cannot be added to it. Our text.
Error user_is_banned(std::string_view user_arn);
// Administrators and moderators cannot be banned. Our text.
Error user_cannot_be_banned(std::string_view user_arn);
// Something by this name exists already, or is in a state that excludes the request.
Error conflict(std::string message);
// Two requests met on the same message. Observed text.
Error racing_callbacks();
// The callback came for a message that is not pending any more. Observed text.
Error message_not_pending(std::string_view callback_id, std::string_view message_id);
// Content of more than limits.h's kMessageContentBytesMax. Observed text.
Error message_too_large();
Error bad_request(std::string message);
Error resource_limit_exceeded(std::string message);
// More than `per_second` requests, which `what` describes. Our text.
Error throttled(int per_second, std::string_view what);
// The body is not what the model's types say, or no JSON at all.
Error serialization(std::string message);
// Constraint violations, in the wording of the service's framework (see validation.h).
Error validation(ErrorKind kind, std::string message);
// Nothing in the request says who signed it.
Error missing_authentication_token();
// The signature cannot be checked because something of it is missing or not well-formed.
Error incomplete_signature(std::string message);
// The access key or the session token is none that we know.
Error unrecognized_client();
Error invalid_signature(std::string message);
// The signature is not the one that the secret makes.
Error signature_mismatch();
Error unknown_operation(std::string_view method, std::string_view target);
Error unsupported_operation(std::string_view operation);
Error service_unavailable(std::string message);
Error service_failure();

}  // namespace error
}  // namespace carillon::api
