// How the generated code turns JSON into members and members into JSON. decode() is only called on
// what validation has passed, so it cannot fail; null leaves the member as it is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "api/protocol/json.h"
#include "api/protocol/timestamp.h"

namespace carillon::api::protocol {

inline void decode(json::Value value, std::string& out) {
  if (!value.is_null()) out.assign(value.string());
}
inline void decode(json::Value value, std::int64_t& out) {
  if (!value.is_null()) out = value.integer().value();
}
inline void decode(json::Value value, bool& out) {
  if (!value.is_null()) out = value.boolean();
}
// Only query parameters are timestamps on the way in: text.
inline void decode(json::Value value, Timestamp& out) {
  if (!value.is_null()) out = parse_iso8601(value.string()).value();
}
template <typename Enum>
std::enable_if_t<std::is_enum_v<Enum>> decode(json::Value value, Enum& out) {
  if (!value.is_null()) from_text(value.string(), out);
}
template <typename T>
void decode(json::Value value, std::optional<T>& out);
template <typename T>
void decode(json::Value value, std::map<std::string, T>& out);
template <typename T>
void decode(json::Value value, std::vector<T>& out) {
  if (value.is_null()) return;
  out.resize(value.size());
  for (std::size_t i = 0; i < out.size(); ++i) decode(value.at(i), out[i]);
}
template <typename T>
void decode(json::Value value, std::map<std::string, T>& out) {
  if (value.is_null()) return;
  value.for_each_member([&](std::string_view key, json::Value entry) {
    // Of equal keys the last counts, also when it is null.
    if (entry.is_null()) {
      out.erase(std::string(key));
      return;
    }
    T decoded{};
    decode(entry, decoded);
    out.insert_or_assign(std::string(key), std::move(decoded));
  });
}
template <typename T>
void decode(json::Value value, std::optional<T>& out) {
  if (!value.is_null()) decode(value, out.emplace());
}

inline void encode(json::Writer& writer, const std::string& value) { writer.string(value); }
inline void encode(json::Writer& writer, std::int64_t value) { writer.integer(value); }
inline void encode(json::Writer& writer, bool value) { writer.boolean(value); }
inline void encode(json::Writer& writer, Timestamp value) {
  if (writer.time_form() == json::TimeForm::kIso8601) {
    writer.string(format_iso8601(value.ms));
  } else {
    writer.epoch_seconds(value.ms);
  }
}
template <typename Enum>
std::enable_if_t<std::is_enum_v<Enum>> encode(json::Writer& writer, Enum value) {
  writer.string(to_text(value));
}
template <typename T>
void encode(json::Writer& writer, const std::map<std::string, T>& value);
template <typename T>
void encode(json::Writer& writer, const std::vector<T>& value) {
  writer.begin_array();
  for (const T& element : value) encode(writer, element);
  writer.end_array();
}
template <typename T>
void encode(json::Writer& writer, const std::map<std::string, T>& value) {
  writer.begin_object();
  for (const auto& [key, entry] : value) {
    writer.key(key);
    encode(writer, entry);
  }
  writer.end_object();
}

template <typename T>
void encode_member(json::Writer& writer, std::string_view name, const T& value) {
  writer.key(name);
  encode(writer, value);
}
// What is absent is left out, never written as null.
template <typename T>
void encode_member(json::Writer& writer, std::string_view name, const std::optional<T>& value) {
  if (value) encode_member(writer, name, *value);
}

}  // namespace carillon::api::protocol
