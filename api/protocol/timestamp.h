// Times on the wire. Inside, a time is milliseconds since the Unix epoch; the REST answers write it
// as a JSON number of seconds; processors, sessions and queries use ISO 8601. Pure: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::api::protocol {

struct Timestamp {
  std::int64_t ms = 0;
};

// "2024-01-02T03:04:05Z", with up to nine digits of fraction (cut to milliseconds) and with Z or an
// offset like +01:00: every form that the SDKs send. Empty for anything else.
std::optional<Timestamp> parse_iso8601(std::string_view text);

// "2024-01-02T03:04:05.678Z".
std::string format_iso8601(std::int64_t ms);

}  // namespace carillon::api::protocol
