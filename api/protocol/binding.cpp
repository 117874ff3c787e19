#include "api/protocol/binding.h"

#include <algorithm>
#include <charconv>

#include "api/protocol/timestamp.h"

namespace carillon::api::protocol {
namespace {

std::string where(const Member& member) {
  const std::string name = "'" + std::string(member.path_name) + "'";
  switch (member.location) {
    case Location::kUri: return "The path segment for " + name;
    case Location::kQuery:
      return "The query parameter '" + std::string(member.wire_name) + "' for " + name;
    case Location::kHeader: return "The header '" + std::string(member.wire_name) + "' for " + name;
    case Location::kBody: break;
  }
  return "The member " + name;
}

}  // namespace

std::optional<Error> BoundInput::bind(const Operation& operation, const HttpRequest& request,
                                      const Target& target) {
  if (auto problem = bind_uri(operation, target)) return problem;
  if (auto problem = bind_query(*operation.input, target)) return problem;
  if (auto problem = bind_headers(*operation.input, request.headers)) return problem;
  return bind_body(*operation.input, request.body);
}

std::optional<Error> BoundInput::bind_uri(const Operation& operation, const Target& target) {
  for (std::size_t i = 0; i < operation.segments.size(); ++i) {
    const int index = operation.segments[i].member;
    if (index < 0) continue;
    const auto place = static_cast<std::size_t>(index);
    const Member& member = operation.input->members[place];
    if (auto problem = bind_text(place, member, percent_decode(target.segments[i]))) return problem;
  }
  return std::nullopt;
}

std::optional<Error> BoundInput::bind_query(const Shape& input, const Target& target) {
  if (target.query.empty()) return std::nullopt;
  for (const auto& [name, value] : split_query(target.query)) {
    for (std::size_t i = 0; i < input.members.size(); ++i) {
      const Member& member = input.members[i];
      if (member.location != Location::kQuery || member.wire_name != name) continue;
      if (auto problem = bind_text(i, member, percent_decode(value))) return problem;
    }
  }
  return std::nullopt;
}

std::optional<Error> BoundInput::bind_headers(const Shape& input, const RequestHeaders& headers) {
  for (std::size_t i = 0; i < input.members.size(); ++i) {
    const Member& member = input.members[i];
    if (member.location != Location::kHeader) continue;
    const std::optional<std::string_view> value = headers.find(member.wire_name);
    // A header without a value says nothing: SDKs leave such a header out.
    if (!value || value->empty()) continue;
    if (auto problem = bind_text(i, member, std::string(*value))) return problem;
  }
  return std::nullopt;
}

std::optional<Error> BoundInput::bind_body(const Shape& input, std::string_view body) {
  const bool has_body_members =
      std::any_of(input.members.begin(), input.members.end(),
                  [](const Member& member) { return member.location == Location::kBody; });
  if (!has_body_members || body.empty()) return std::nullopt;
  body_.emplace(body);
  if (body_->error()) return error::serialization("The request body " + *body_->error());
  const json::Value root = body_->root();
  if (root.type() != json::Type::kObject) {
    return error::serialization("The request body is " + std::string(json::name(root.type())) +
                                ", but must be an object");
  }
  for (std::size_t i = 0; i < input.members.size(); ++i) {
    const Member& member = input.members[i];
    if (member.location == Location::kBody) values_[i] = root.find(member.name);
  }
  return std::nullopt;
}

std::optional<Error> BoundInput::bind_text(std::size_t index, const Member& member,
                                           std::optional<std::string> text) {
  if (!text) {
    return error::serialization(where(member) +
                                " has a '%' that two hexadecimal digits do not follow");
  }
  if (!is_utf8(*text)) return error::serialization(where(member) + " is not valid UTF-8");
  texts_[index] = std::move(*text);
  const std::string& stored = texts_[index];
  if (member.shape->kind == Kind::kInteger) {
    std::int64_t number = 0;
    const auto [end, failure] =
        std::from_chars(stored.data(), stored.data() + stored.size(), number);
    if (failure != std::errc() || end != stored.data() + stored.size()) {
      return error::serialization(where(member) + " is '" + stored + "', but must be an integer");
    }
    scalars_[index] = json::Scalar(number);
  } else if (member.shape->kind == Kind::kTimestamp && !parse_iso8601(stored)) {
    return error::serialization(where(member) + " is '" + stored +
                                "', but must be a time such as 2024-01-02T03:04:05Z");
  } else {
    scalars_[index] = json::Scalar(std::string_view(stored));
  }
  values_[index] = scalars_[index].view();
  return std::nullopt;
}

}  // namespace carillon::api::protocol
