// JSON with ${name} in its strings: how cases refer to what an earlier step was answered.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "api/protocol/json.h"

namespace carillon::tests {

// A case is not what fixtures/operations/README.md allows, or the service answered otherwise than
// the case expects. Says what, where and why.
class CaseFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Strings without quotes; everything else as JSON.
using Variables = std::map<std::string, std::string, std::less<>>;

std::string to_json(api::json::Value value);

// The text with every ${name} replaced. Throws CaseFailure for a name that nothing has set.
std::string fill_in(std::string_view text, const Variables& variables);
// The value as JSON, its strings filled in.
std::string fill_in(api::json::Value value, const Variables& variables);

// "A.B.0.C" below `root`; null when there is no such place.
api::json::Value at_path(api::json::Value root, std::string_view path);

}  // namespace carillon::tests
