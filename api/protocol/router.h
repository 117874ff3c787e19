// Which operation a request is for. Pure, over the generated table; any thread.
#pragma once

#include <string_view>

#include "api/protocol/model.h"
#include "api/protocol/uri.h"

namespace carillon::api::protocol {

// Null when no operation has this method and path. The tag operations have the same route in both
// services: this finds messaging's, and `other_service` (if not null) gets identity's, for binding
// to choose by the ARN.
const Operation* route(std::string_view method, const Target& target,
                       const Operation** other_service);

// Whether a resource is identity's: an app instance, a user or a bot. Channels and channel flows,
// and what is no ARN at all, are messaging's.
bool is_identity_resource(std::string_view arn);

}  // namespace carillon::api::protocol
