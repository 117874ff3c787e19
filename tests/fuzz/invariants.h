// What must hold for every answer, whatever was asked. For the fuzz targets.
#pragma once

#include <string_view>

#include "api/http.h"

namespace carillon::fuzz {

// Ends the process, which the fuzzer and the replay both report, unless the condition holds.
void require(bool condition, const char* what);

// An answer of prepare() or of an operation: a known status and error type, JSON in valid UTF-8
// with a code that fits the type, and not much longer than what brought it about.
void check_answer(const api::HttpResponse& response, std::size_t request_bytes);

}  // namespace carillon::fuzz
