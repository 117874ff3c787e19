#include "tests/fuzz/invariants.h"

#include <cstdio>
#include <cstdlib>

#include "api/error.h"
#include "api/protocol/json.h"
#include "api/protocol/uri.h"

namespace carillon::fuzz {
namespace {

// A violation repeats a value once for each constraint that it breaks, escaped.
constexpr std::size_t kAnswerBytesPerRequestByte = 16;
// Two hundred violations and the texts of their constraints; or a page of what is stored.
constexpr std::size_t kAnswerBytesBeside = 200'000;

bool is_known_error(const api::HttpResponse& response, std::string_view code) {
  for (int kind = 0; kind <= static_cast<int>(api::ErrorKind::kRequestTooLarge); ++kind) {
    const api::ErrorKindInfo& known = api::info(static_cast<api::ErrorKind>(kind));
    if (known.exception == response.error_type) {
      return known.code == code && known.http_status == response.status;
    }
  }
  return false;
}

void check_error(const api::HttpResponse& response, api::json::Value body) {
  require(body.size() == 2, "an error has a code and a message and nothing else");
  const api::json::Value code = body.find("Code");
  const api::json::Value message = body.find("Message");
  require(code.type() == api::json::Type::kString, "an error has a code");
  require(message.type() == api::json::Type::kString, "an error has a message");
  require(!message.string().empty(), "an error's message says something");
  require(is_known_error(response, code.string()), "type, code and status fit each other");
}

}  // namespace

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void check_answer(const api::HttpResponse& response, std::size_t request_bytes) {
  require(api::protocol::is_utf8(response.body), "an answer is valid UTF-8");
  require(response.body.size() <= kAnswerBytesPerRequestByte * request_bytes + kAnswerBytesBeside,
          "an answer is in proportion to the request");
  require(response.is_error() == !response.error_type.empty(),
          "errors, and only they, have a type");
  if (response.body.empty()) {
    require(!response.is_error(), "an error has a body");
    require(response.status == 200 || response.status == 201 || response.status == 204,
            "an answer without a body has a status of the model");
    return;
  }
  const api::json::Document document(response.body);
  require(!document.error(), "an answer is JSON");
  require(document.root().type() == api::json::Type::kObject, "an answer is an object");
  if (response.is_error()) {
    check_error(response, document.root());
  } else {
    require(response.status == 200 || response.status == 201,
            "a success has a status of the model");
  }
}

}  // namespace carillon::fuzz
