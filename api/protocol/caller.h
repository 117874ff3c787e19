// Whose request it is, as its credentials say. Nothing is verified here: see sigv4.h. Pure: any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "api/call.h"
#include "api/http.h"
#include "api/options.h"

namespace carillon::api::protocol {

// From "Authorization: AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/chime/aws4_request, ...", or
// from the query parameter X-Amz-Credential of a presigned URL.
Caller read_caller(const HttpRequest& request, const Options& options);

// Twelve digits.
bool is_account(std::string_view text);

// What may be the region of an ARN: "us-east-1".
bool is_region(std::string_view text);

}  // namespace carillon::api::protocol
