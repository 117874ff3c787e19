// AWS Signature Version 4: whether a request was signed with a secret that we know. Both forms, the
// Authorization header and the presigned URL; and a client's half of the latter. Pure: the time
// comes in, and any thread may call.
//
// Source: "Create a signed AWS API request" of the IAM user guide. What the service does with odd
// requests is our reading; the texts of the refusals are those of other AWS services.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// A GET request without a body that is to be signed in its URL.
struct Presigning {
  std::string_view host;  // as the Host header will have it
  std::string_view path;
  std::vector<std::pair<std::string, std::string>> parameters;  // not encoded
  std::string_view key_id;
  const Credential& credential;
  std::string_view region;
  std::int64_t expires_s = 0;
};

// The request target: the path, the parameters, and what the signature needs.
std::string presign(const Presigning& request, std::int64_t now_ms);

// KEY/DATE/REGION/chime/aws4_request
std::string credential_scope(std::string_view key_id, std::string_view region, std::int64_t now_ms);

}  // namespace carillon::api::protocol
