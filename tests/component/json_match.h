// Compares an answer with what a case expects of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/protocol/json.h"
#include "tests/component/json_template.h"

namespace carillon::tests {

enum class Members {
  kSubset,  // the answer may have members that the case does not mention
  kExact,
};

// One line for each difference, with its path; empty when all is as expected. `expected` is a
// template: its ${names} are filled in, and strings that begin with $ are matchers (see
// fixtures/operations/README.md), of which "$save:name" sets a variable.
std::vector<std::string> differences(api::json::Value expected, api::json::Value got,
                                     Members members, Variables& variables);

}  // namespace carillon::tests
