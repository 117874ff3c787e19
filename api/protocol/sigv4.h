// AWS Signature Version 4: whether a request was signed with a secret that we know. Both forms, the
// Authorization header and the presigned URL. Pure: the time comes in, and any thread may call.
//
// Source: "Create a signed AWS API request" of the IAM user guide. What the service does with odd
// requests is our reading; the texts of the refusals are those of other AWS services.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "api/error.h"
#include "api/http.h"

namespace carillon::api::protocol {

struct Credential {
  std::string secret;
  std::string session_token;  // empty: any, or none
};

// By access key id.
using Credentials = std::map<std::string, Credential, std::less<>>;

struct SignatureRefusal {
  Error error;
  std::string key_id;  // as the request has it; may be empty
  // What the signature should have been made of, if the check came so far. For the log: session
  // tokens are left out.
  std::string canonical_request = {};
  std::string string_to_sign = {};
};

// Nothing when the signature is right. Any region will do; the service is "chime".
std::optional<SignatureRefusal> check_signature(const HttpRequest& request,
                                                const Credentials& credentials,
                                                std::int64_t now_ms);

}  // namespace carillon::api::protocol
