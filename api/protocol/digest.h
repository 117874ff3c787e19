// SHA-256, for comparing requests and guarding paging tokens. Pure: any thread.
#pragma once

#include <string>
#include <string_view>

namespace carillon::api::protocol {

// The first `bytes` (1..32) of the text's SHA-256, binary.
std::string digest(std::string_view text, std::size_t bytes);

}  // namespace carillon::api::protocol
