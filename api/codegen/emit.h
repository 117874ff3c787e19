// What the generator writes, one function for each file.
#pragma once

#include <string>
#include <vector>

#include "api/codegen/model.h"

namespace carillon::codegen {

// Structs and enums of one service.
std::string emit_shapes_header(const Service& service);
// decode() of inputs, encode() of inputs and outputs, text of enums: declarations and definitions.
std::string emit_codec_header(const Service& service);
std::string emit_codec_source(const Service& service);
// One prototype for each operation that is not planned: a missing function fails at link time.
std::string emit_operations_header(const Service& service);
// The constant tables of protocol/model.h for all services.
std::string emit_tables_source(const std::vector<Service>& services);

}  // namespace carillon::codegen
