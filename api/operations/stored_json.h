// Values that are stored as they came and given back as they are, because the store need not
// understand them: structures as JSON, e.g. ExpirationSettings, and enums as text. Any thread.
#pragma once

#include <optional>
#include <string_view>

#include "api/protocol/json.h"
#include "store/rows.h"

namespace carillon::api {

// `Shape` is one of the service model's structures; include its service's codec.h.
template <typename Shape>
store::OptionalText to_stored_json(const std::optional<Shape>& shape) {
  if (!shape) return std::nullopt;
  json::Writer writer;
  encode(writer, *shape);
  return writer.take();
}

template <typename Shape>
std::optional<Shape> from_stored_json(const store::OptionalText& stored) {
  if (!stored) return std::nullopt;
  const json::Document document(*stored);
  Shape shape;
  decode(document.root(), shape);
  return shape;
}

// `text` is what to_text(Enum) made.
template <typename Enum>
Enum from_stored_text(std::string_view text) {
  Enum value{};
  from_text(text, value);
  return value;
}

}  // namespace carillon::api
