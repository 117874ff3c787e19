#include "api/error.h"

#include <array>
#include <cstdint>

#include "api/limits.h"

namespace carillon::api {

std::string printable(std::string_view request_text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (const char c : request_text.substr(0, kRequestLineBytesShownMax)) {
    if (c > 0x20 && c < 0x7F) {
      result.push_back(c);
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    result.append(1, '%').append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
  }
  if (request_text.size() > kRequestLineBytesShownMax) result += "...";
  return result;
}

const ErrorKindInfo& info(ErrorKind kind) {
  // In the order of ErrorKind.
  static constexpr std::array<ErrorKindInfo, 18> kInfos{{
      {"BadRequestException", "BadRequest", 400},
      {"ConflictException", "Conflict", 409},
      {"ForbiddenException", "Forbidden", 403},
      {"NotFoundException", "NotFound", 404},
      {"ResourceLimitExceededException", "ResourceLimitExceeded", 400},
      {"ServiceFailureException", "ServiceFailure", 500},
      {"ServiceUnavailableException", "ServiceUnavailable", 503},
      {"ThrottledClientException", "Throttled", 429},
      {"UnauthorizedClientException", "Unauthorized", 401},
      {"ValidationException", "ValidationException", 400},
      {"SerializationException", "SerializationException", 400},
      {"UnknownOperationException", "UnknownOperationException", 404},
      {"UnsupportedOperationException", "UnsupportedOperationException", 501},
      {"MissingAuthenticationTokenException", "MissingAuthenticationTokenException", 403},
      {"IncompleteSignatureException", "IncompleteSignatureException", 400},
      {"UnrecognizedClientException", "UnrecognizedClientException", 403},
      {"InvalidSignatureException", "InvalidSignatureException", 403},
      {"RequestEntityTooLargeException", "RequestEntityTooLargeException", 413},
  }};
  return kInfos[static_cast<std::size_t>(kind)];
}

namespace error {

Error forbidden() {
  return {ErrorKind::kForbidden, "You do not have sufficient access to perform this action."};
}

Error not_found() {
  return {ErrorKind::kNotFound,
          "One or more of the resources in the request does not exist in the system."};
}

Error invalid_bearer() {
  return {ErrorKind::kForbidden,
          "An invalid app instance user ARN was supplied for the x-amz-chime-bearer HTTP header."};
}

Error invalid_user_in_input() {
  return {ErrorKind::kForbidden,
          "An invalid app instance user ARN was supplied for the input parameter."};
}

Error user_is_banned(std::string_view user_arn) {
  return {ErrorKind::kForbidden, "The user is banned from the channel: " + std::string(user_arn) +
                                     ". DeleteChannelBan lifts the ban."};
}

Error user_cannot_be_banned(std::string_view user_arn) {
  return {ErrorKind::kForbidden,
          "Administrators of the app instance and moderators of the channel cannot be banned: " +
              std::string(user_arn)};
}

Error conflict(std::string message) { return {ErrorKind::kConflict, std::move(message)}; }

Error racing_callbacks() {
  return conflict("There was a conflict processing the request. Try your request again.");
}

Error message_not_pending(std::string_view callback_id, std::string_view message_id) {
  return bad_request("Unable to complete processing of non-pending message for callback id: " +
                     std::string(callback_id) + ", message id: " + std::string(message_id));
}

Error message_too_large() { return bad_request("Channel Messages size limit exceeded"); }

Error bad_request(std::string message) { return {ErrorKind::kBadRequest, std::move(message)}; }

Error resource_limit_exceeded(std::string message) {
  return {ErrorKind::kResourceLimitExceeded, std::move(message)};
}

Error throttled(int per_second, std::string_view what) {
  return {ErrorKind::kThrottledClient, "Rate exceeded: at most " + std::to_string(per_second) +
                                           " a second, of " + std::string(what) + "."};
}

Error serialization(std::string message) { return {ErrorKind::kSerialization, std::move(message)}; }

Error validation(ErrorKind kind, std::string message) { return {kind, std::move(message)}; }

Error missing_authentication_token() {
  return {ErrorKind::kMissingAuthenticationToken, "Missing Authentication Token"};
}

Error incomplete_signature(std::string message) {
  return {ErrorKind::kIncompleteSignature, std::move(message)};
}

Error unrecognized_client() {
  return {ErrorKind::kUnrecognizedClient, "The security token included in the request is invalid."};
}

Error invalid_signature(std::string message) {
  return {ErrorKind::kInvalidSignature, std::move(message)};
}

Error signature_mismatch() {
  return invalid_signature(
      "The request signature we calculated does not match the signature you provided. Check your "
      "AWS Secret Access Key and signing method. Consult the service documentation for details.");
}

Error unknown_operation(std::string_view method, std::string_view target) {
  return {ErrorKind::kUnknownOperation,
          "No operation of chime-sdk-messaging or chime-sdk-identity has this method and path: " +
              printable(method) + " " + printable(target)};
}

Error unsupported_operation(std::string_view operation) {
  return {ErrorKind::kUnsupportedOperation,
          std::string(operation) + " is not implemented yet; the request itself is valid."};
}

Error service_unavailable(std::string message) {
  return {ErrorKind::kServiceUnavailable, std::move(message)};
}

Error service_failure() {
  return {ErrorKind::kServiceFailure,
          "The request failed because of an internal error; see the log."};
}

}  // namespace error
}  // namespace carillon::api
