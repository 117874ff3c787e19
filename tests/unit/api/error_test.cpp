#include "api/error.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "api/protocol/json.h"
#include "api/protocol/model.h"
#include "api/service.h"

namespace carillon::api {
namespace {

struct Kind {
  ErrorKind kind;
  std::string_view exception;
  std::string_view code;
  int http_status;
};

constexpr Kind kKinds[] = {
    {ErrorKind::kBadRequest, "BadRequestException", "BadRequest", 400},
    {ErrorKind::kConflict, "ConflictException", "Conflict", 409},
    {ErrorKind::kForbidden, "ForbiddenException", "Forbidden", 403},
    {ErrorKind::kNotFound, "NotFoundException", "NotFound", 404},
    {ErrorKind::kResourceLimitExceeded, "ResourceLimitExceededException", "ResourceLimitExceeded",
     400},
    {ErrorKind::kServiceFailure, "ServiceFailureException", "ServiceFailure", 500},
    {ErrorKind::kServiceUnavailable, "ServiceUnavailableException", "ServiceUnavailable", 503},
    {ErrorKind::kThrottledClient, "ThrottledClientException", "Throttled", 429},
    {ErrorKind::kUnauthorizedClient, "UnauthorizedClientException", "Unauthorized", 401},
    {ErrorKind::kValidation, "ValidationException", "ValidationException", 400},
    {ErrorKind::kSerialization, "SerializationException", "SerializationException", 400},
    {ErrorKind::kUnknownOperation, "UnknownOperationException", "UnknownOperationException", 404},
    {ErrorKind::kUnsupportedOperation, "UnsupportedOperationException",
     "UnsupportedOperationException", 501},
    {ErrorKind::kMissingAuthenticationToken, "MissingAuthenticationTokenException",
     "MissingAuthenticationTokenException", 403},
    {ErrorKind::kIncompleteSignature, "IncompleteSignatureException",
     "IncompleteSignatureException", 400},
    {ErrorKind::kUnrecognizedClient, "UnrecognizedClientException", "UnrecognizedClientException",
     403},
    {ErrorKind::kInvalidSignature, "InvalidSignatureException", "InvalidSignatureException", 403},
    {ErrorKind::kRequestTooLarge, "RequestEntityTooLargeException",
     "RequestEntityTooLargeException", 413},
};

TEST(Error, EveryKindHasItsNameCodeAndStatus) {
  for (const Kind& expected : kKinds) {
    const ErrorKindInfo& actual = info(expected.kind);
    EXPECT_EQ(actual.exception, expected.exception);
    EXPECT_EQ(actual.code, expected.code);
    EXPECT_EQ(actual.http_status, expected.http_status);
  }
}

TEST(Error, OperationsListOnlyModelledErrors) {
  for (const protocol::Operation& operation : protocol::operations()) {
    EXPECT_FALSE(operation.errors.empty()) << operation.name;
    for (const ErrorKind kind : operation.errors) {
      EXPECT_LT(kind, ErrorKind::kValidation) << operation.name;
    }
  }
}

void expect_error(const Error& error, ErrorKind kind, std::string_view message) {
  EXPECT_EQ(error.kind, kind);
  EXPECT_EQ(error.message, message);
}

TEST(Error, FactoriesSayWhatWasObserved) {
  expect_error(error::forbidden(), ErrorKind::kForbidden,
               "You do not have sufficient access to perform this action.");
  expect_error(error::not_found(), ErrorKind::kNotFound,
               "One or more of the resources in the request does not exist in the system.");
  expect_error(error::invalid_bearer(), ErrorKind::kForbidden,
               "An invalid app instance user ARN was supplied for the x-amz-chime-bearer HTTP "
               "header.");
  expect_error(error::invalid_user_in_input(), ErrorKind::kForbidden,
               "An invalid app instance user ARN was supplied for the input parameter.");
  expect_error(error::racing_callbacks(), ErrorKind::kConflict,
               "There was a conflict processing the request. Try your request again.");
  expect_error(error::message_not_pending("cb", "m"), ErrorKind::kBadRequest,
               "Unable to complete processing of non-pending message for callback id: cb, "
               "message id: m");
  expect_error(error::message_too_large(), ErrorKind::kBadRequest,
               "Channel Messages size limit exceeded");
}

TEST(Error, BansNameTheUser) {
  expect_error(error::user_is_banned("u"), ErrorKind::kForbidden,
               "The user is banned from the channel: u. DeleteChannelBan lifts the ban.");
  expect_error(
      error::user_cannot_be_banned("u"), ErrorKind::kForbidden,
      "Administrators of the app instance and moderators of the channel cannot be banned: u");
}

TEST(Error, FactoriesKeepWhatTheyAreGiven) {
  expect_error(error::conflict("c"), ErrorKind::kConflict, "c");
  expect_error(error::bad_request("b"), ErrorKind::kBadRequest, "b");
  expect_error(error::resource_limit_exceeded("l"), ErrorKind::kResourceLimitExceeded, "l");
  expect_error(error::serialization("s"), ErrorKind::kSerialization, "s");
  expect_error(error::service_unavailable("u"), ErrorKind::kServiceUnavailable, "u");
  expect_error(error::validation(ErrorKind::kValidation, "v"), ErrorKind::kValidation, "v");
  expect_error(error::unsupported_operation("SearchChannels"), ErrorKind::kUnsupportedOperation,
               "SearchChannels is not implemented yet; the request itself is valid.");
  EXPECT_EQ(error::service_failure().kind, ErrorKind::kServiceFailure);
}

TEST(Error, IsRenderedAsHeaderAndBody) {
  const HttpResponse response = render(error::bad_request("Say \"what\"\n\xC3\xA9."));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.error_type, "BadRequestException");
  EXPECT_EQ(response.body,
            "{\"Code\":\"BadRequest\",\"Message\":\"Say \\\"what\\\"\\n\xC3\xA9.\"}");
  EXPECT_TRUE(response.is_error());
}

// Quoting what was sent must not make an answer that no client can parse.
TEST(Error, IsRenderedAsUtf8WhateverItQuotes) {
  const HttpResponse response = render(error::bad_request("There is no '\xFF' \xC3\xA9 \xE2\x82"));
  const json::Document body(response.body);
  ASSERT_FALSE(body.error()) << *body.error();
  EXPECT_EQ(body.root().find("Message").string(),
            "There is no '\xEF\xBF\xBD' \xC3\xA9 \xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Error, OfEveryKindIsRenderedWithItsStatus) {
  std::set<std::string> types;
  for (const Kind& kind : kKinds) {
    const HttpResponse response = render({kind.kind, "m"});
    EXPECT_EQ(response.status, kind.http_status);
    const json::Document body(response.body);
    EXPECT_EQ(body.root().find("Code").string(), kind.code);
    EXPECT_EQ(body.root().find("Message").string(), "m");
    types.insert(response.error_type);
  }
  EXPECT_EQ(types.size(), std::size(kKinds));
}

}  // namespace
}  // namespace carillon::api
