// Structures that are stored as they came and given back as they are, e.g. ExpirationSettings: kept
// as JSON, because the store need not understand them. Any thread.
#pragma once

#include <optional>

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

}  // namespace carillon::api
