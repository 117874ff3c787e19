// The requests of a case, as a client would send them.
#pragma once

#include <string>
#include <string_view>

#include "api/http.h"
#include "api/protocol/json.h"
#include "tests/support/header_map.h"

namespace carillon::tests {

struct OwnedRequest {
  std::string method;
  std::string target;
  HeaderMap headers;
  std::string body;

  api::HttpRequest view() const { return {method, target, headers, body}; }
};

// What an SDK makes of the operation's input: labels, query, headers and body by the service
// model. A client request token that the input lacks is `token`, as the SDKs make one up. Throws
// CaseFailure for an operation or member that the model does not have.
OwnedRequest sdk_request(std::string_view operation, api::json::Value input,
                         const std::string& token);

// {"method", "target", "headers", "body"}: the body is text, or JSON to be written as such.
OwnedRequest raw_request(api::json::Value request);

void add_headers(OwnedRequest& request, api::json::Value headers);

}  // namespace carillon::tests
