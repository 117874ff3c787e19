// Checks an input against everything that the model says of it, and reports all violations at once
// in the wording of the service's own framework (the form is known from other AWS services; that
// this service words it the same is our reading). Pure: any thread.
#pragma once

#include <optional>

#include "api/error.h"
#include "api/protocol/binding.h"
#include "api/protocol/model.h"

namespace carillon::api::protocol {

// Types first: a value of another JSON type is a SerializationException that names the member. Then
// the constraints. `kind` is what violations are called: kBadRequest or kValidation.
std::optional<Error> validate(const Shape& input, const BoundInput& bound, ErrorKind kind);

}  // namespace carillon::api::protocol
