// Whose request it is, as its credentials say. Nothing is verified here: see sigv4.h. Pure: any
// thread.
#pragma once

#include <span>
#include <string>

#include "api/call.h"
#include "api/http.h"
#include "api/options.h"

namespace carillon::api::protocol {

// KEY/DATE/REGION/chime/aws4_request, or what there is of it. The one place that reads it: the key
// that a request is verified with must be the one whose account it is for.
std::string credential_of(const HttpRequest& request);

// From "Authorization: AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/chime/aws4_request, ...", or
// from the query parameter X-Amz-Credential of a presigned URL. `mentioned` are the ARNs that the
// request names, if they are to tell what the credentials do not: the first that is well-formed
// says the account of a key that is none, and the region of a request without one.
Caller read_caller(const HttpRequest& request, const Options& options,
                   std::span<const std::string> mentioned = {});

}  // namespace carillon::api::protocol
