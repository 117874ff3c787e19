// SHA-256: to compare requests, guard paging tokens and check signatures. Pure: any thread.
#pragma once

#include <string>
#include <string_view>

namespace carillon::api::protocol {

// The first `bytes` (1..32) of the text's SHA-256, binary.
std::string digest(std::string_view text, std::size_t bytes);

// HMAC-SHA-256, 32 bytes, binary.
std::string hmac(std::string_view key, std::string_view text);

// Two lower-case digits for each byte.
std::string hex(std::string_view bytes);

// In a time that depends on the lengths alone: for what an attacker might guess byte by byte.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace carillon::api::protocol
