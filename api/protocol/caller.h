// Whose request it is, as its credentials say. Nothing is verified here. Pure: any thread.
#pragma once

#include "api/call.h"
#include "api/http.h"
#include "api/options.h"

namespace carillon::api::protocol {

// From "Authorization: AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/chime/aws4_request, ...".
Caller read_caller(const RequestHeaders& headers, const Options& options);

}  // namespace carillon::api::protocol
