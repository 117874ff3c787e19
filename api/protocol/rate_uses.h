// Which of the published request rates a request counts against. Pure: any thread.
#pragma once

#include <vector>

#include "api/call.h"
#include "api/domain/token_buckets.h"
#include "api/protocol/binding.h"
#include "api/protocol/model.h"

namespace carillon::api::protocol {

// `bound` is a valid input of `operation`.
std::vector<domain::BucketUse> rate_uses(const Operation& operation, const BoundInput& bound,
                                         const Caller& caller);

}  // namespace carillon::api::protocol
