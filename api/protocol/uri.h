// Request targets: splitting the raw path, percent-decoding, query strings; and the UTF-8 check
// that everything that does not come through the JSON parser needs. Pure: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::api::protocol {

struct Target {
  std::vector<std::string_view> segments;  // raw; empty ones (doubled slashes) are left out
  std::string_view query;                  // raw, without the question mark
};

// "/a/b%2Fc?x=1" -> {"a", "b%2Fc"}, "x=1". The absolute form "http://host/..." loses its authority.
// ARNs come as one segment with %2F inside, so nothing is decoded before it is split.
Target split_target(std::string_view target);

// Empty when an escape is incomplete or not hexadecimal. '+' stays '+': no SDK writes a space so.
std::optional<std::string> percent_decode(std::string_view text);

// The bytes that are not unreserved as %XX: an ARN becomes one path segment.
std::string percent_encode(std::string_view text);

// Name and value pairs in their order, still encoded.
std::vector<std::pair<std::string_view, std::string_view>> split_query(std::string_view query);

// HOST or HOST:PORT, the host a name, an IPv4 address or an IPv6 address in brackets; no scheme,
// user or path.
bool is_authority(std::string_view text);

bool is_utf8(std::string_view text);

// The text with U+FFFD in the place of each byte that is no part of valid UTF-8.
std::string repair_utf8(std::string_view text);

// The number of code points of valid UTF-8.
std::size_t count_code_points(std::string_view text);

// The longest beginning of valid UTF-8 that has at most `count` code points.
std::string first_code_points(std::string_view text, std::size_t count);

}  // namespace carillon::api::protocol
