// The ARNs that a request names: the values of all members that the model says are ARNs of this
// service, however deep, and never what only looks like one in a text. Pure: any thread.
#pragma once

#include <string>
#include <vector>

#include "api/protocol/binding.h"
#include "api/protocol/model.h"

namespace carillon::api::protocol {

// In the order of the input's members, each once. Of a validated input.
std::vector<std::string> mentioned_arns(const Shape& input, const BoundInput& bound);

}  // namespace carillon::api::protocol
