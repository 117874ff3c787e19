#include "api/protocol/validation.h"

#include <string>
#include <string_view>
#include <vector>

#include "api/limits.h"
#include "api/protocol/patterns.h"
#include "api/protocol/uri.h"

namespace carillon::api::protocol {
namespace {

// Where in the input we are: a chain of stack frames, rendered only when there is something to say.
struct Path {
  const Path* parent = nullptr;
  std::string_view name;     // a member or a map's key
  std::size_t position = 0;  // of a list's element, counted from 1; 0 otherwise

  std::string text() const {
    std::string result = parent == nullptr ? std::string() : parent->text() + ".";
    if (position > 0) return result + std::to_string(position) + ".member";
    return result.append(name);
  }
};

bool is_scalar(const Shape& shape) { return shape.kind < Kind::kList; }

json::Type json_type(Kind kind) {
  switch (kind) {
    case Kind::kString:
    case Kind::kTimestamp: return json::Type::kString;
    case Kind::kInteger: return json::Type::kNumber;
    case Kind::kBoolean: return json::Type::kBoolean;
    case Kind::kList: return json::Type::kArray;
    case Kind::kMap:
    case Kind::kStructure: break;
  }
  return json::Type::kObject;
}

// ---- Types

std::optional<Error> check_types(const Shape& shape, json::Value value, const Path& path);

std::optional<Error> check_element_types(const Shape& shape, json::Value value, const Path& path) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Path element{&path, {}, i + 1};
    if (value.at(i).is_null()) {
      return error::serialization("The member '" + element.text() + "' must not be null");
    }
    if (auto problem = check_types(*shape.element, value.at(i), element)) return problem;
  }
  return std::nullopt;
}

std::optional<Error> check_entry_types(const Shape& shape, json::Value value, const Path& path) {
  std::optional<Error> problem;
  value.for_each_member([&](std::string_view key, json::Value entry) {
    const Path entry_path{&path, key};
    if (!problem) problem = check_types(*shape.element, entry, entry_path);
  });
  return problem;
}

std::optional<Error> check_types(const Shape& shape, json::Value value, const Path& path) {
  if (value.is_null()) return std::nullopt;
  const json::Type expected = json_type(shape.kind);
  if (value.type() != expected) {
    return error::serialization("The member '" + path.text() + "' is " +
                                std::string(json::name(value.type())) + ", but must be " +
                                std::string(json::name(expected)));
  }
  switch (shape.kind) {
    case Kind::kInteger:
      if (!value.integer()) {
        return error::serialization("The member '" + path.text() + "' must be an integer");
      }
      return std::nullopt;
    case Kind::kList: return check_element_types(shape, value, path);
    case Kind::kMap: return check_entry_types(shape, value, path);
    case Kind::kStructure:
      for (const Member& member : shape.members) {
        const Path member_path{&path, member.path_name};
        if (auto problem = check_types(*member.shape, value.find(member.name), member_path)) {
          return problem;
        }
      }
      return std::nullopt;
    default: return std::nullopt;
  }
}

// ---- Constraints

std::string_view quantity(const Shape& shape) {
  return shape.kind == Kind::kInteger ? "value" : "length";
}

std::string max_clause(const Shape& shape) {
  return "Member must have " + std::string(quantity(shape)) + " less than or equal to " +
         std::to_string(shape.max);
}

std::string min_clause(const Shape& shape) {
  return "Member must have " + std::string(quantity(shape)) + " greater than or equal to " +
         std::to_string(shape.min);
}

std::string enum_clause(const Shape& shape) {
  std::string values;
  for (const std::string_view value : shape.enum_values) {
    values.append(values.empty() ? "" : ", ").append(value);
  }
  return "Member must satisfy enum value set: [" + values + "]";
}

std::string pattern_clause(const Shape& shape) {
  return "Member must satisfy regular expression pattern: " +
         std::string(pattern_texts()[static_cast<std::size_t>(shape.pattern)]);
}

// All constraints of a scalar shape, as the framework lists them for what is inside a collection.
std::string all_clauses(const Shape& shape) {
  std::string clauses;
  const auto add = [&](const std::string& clause) {
    clauses.append(clauses.empty() ? "" : ", ").append(clause);
  };
  if (shape.max != kNoLimit) add(max_clause(shape));
  if (shape.min != kNoLimit) add(min_clause(shape));
  if (!shape.enum_values.empty()) add(enum_clause(shape));
  if (shape.pattern != kNoPattern) add(pattern_clause(shape));
  return "[" + clauses + "]";
}

std::int64_t measure(const Shape& shape, json::Value value) {
  switch (shape.kind) {
    case Kind::kString: return static_cast<std::int64_t>(count_code_points(value.string()));
    case Kind::kInteger: return value.integer().value();
    default: return static_cast<std::int64_t>(value.size());
  }
}

bool has_range(const Shape& shape) { return shape.min != kNoLimit || shape.max != kNoLimit; }
bool too_large(const Shape& shape, std::int64_t size) {
  return shape.max != kNoLimit && size > shape.max;
}
bool too_small(const Shape& shape, std::int64_t size) {
  return shape.min != kNoLimit && size < shape.min;
}

bool in_enum(const Shape& shape, std::string_view value) {
  if (shape.enum_values.empty()) return true;
  for (const std::string_view allowed : shape.enum_values) {
    if (allowed == value) return true;
  }
  return false;
}

bool fits_pattern(const Shape& shape, std::string_view value) {
  return shape.pattern == kNoPattern || matches_pattern(shape.pattern, value);
}

bool scalar_is_valid(const Shape& shape, json::Value value) {
  if (has_range(shape)) {
    const std::int64_t size = measure(shape, value);
    if (too_large(shape, size) || too_small(shape, size)) return false;
  }
  return shape.kind != Kind::kString ||
         (in_enum(shape, value.string()) && fits_pattern(shape, value.string()));
}

std::string scalar_text(const Shape& shape, json::Value value) {
  switch (shape.kind) {
    case Kind::kInteger: return std::to_string(value.integer().value());
    case Kind::kBoolean: return value.boolean() ? "true" : "false";
    default: return std::string(value.string());
  }
}

// The value as the framework prints it, or empty when it must not be shown: sensitive values, and
// structures, for which the framework's form is not known.
std::optional<std::string> shown_value(const Shape& shape, json::Value value) {
  if (shape.sensitive || shape.kind == Kind::kStructure) return std::nullopt;
  if (is_scalar(shape)) return scalar_text(shape, value);
  if (shape.element->sensitive || !is_scalar(*shape.element)) return std::nullopt;
  if (shape.kind == Kind::kMap && shape.key->sensitive) return std::nullopt;
  std::string text;
  if (shape.kind == Kind::kList) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      text.append(i == 0 ? "" : ", ").append(scalar_text(*shape.element, value.at(i)));
    }
    return "[" + text + "]";
  }
  value.for_each_member([&](std::string_view key, json::Value entry) {
    text.append(text.empty() ? "" : ", ").append(key).append("=");
    text.append(entry.is_null() ? "null" : scalar_text(*shape.element, entry));
  });
  return "{" + text + "}";
}

class Validator {
 public:
  void check_member(const Member& member, json::Value value, const Path* parent) {
    const Path path{parent, member.path_name};
    if (value.is_null()) {
      if (member.required) add("Value null", path, "Member must not be null");
      return;
    }
    check(*member.shape, value, path);
  }

  std::optional<Error> error(ErrorKind kind) const {
    if (violations_ == 0) return std::nullopt;
    const std::string head = std::to_string(violations_) + " validation error" +
                             (violations_ == 1 ? "" : "s") + " detected: ";
    return error::validation(kind, head + text_);
  }

 private:
  void check(const Shape& shape, json::Value value, const Path& path) {
    if (has_range(shape)) {
      const std::int64_t size = measure(shape, value);
      if (too_large(shape, size)) violation(shape, value, path, max_clause(shape));
      if (too_small(shape, size)) violation(shape, value, path, min_clause(shape));
    }
    switch (shape.kind) {
      case Kind::kString:
        if (!in_enum(shape, value.string())) violation(shape, value, path, enum_clause(shape));
        if (!fits_pattern(shape, value.string())) {
          violation(shape, value, path, pattern_clause(shape));
        }
        return;
      case Kind::kList: return check_list(shape, value, path);
      case Kind::kMap: return check_map(shape, value, path);
      case Kind::kStructure:
        for (const Member& member : shape.members) {
          check_member(member, value.find(member.name), &path);
        }
        return;
      default: return;
    }
  }

  void check_list(const Shape& shape, json::Value value, const Path& path) {
    bool all_valid = true;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (is_scalar(*shape.element)) {
        all_valid = all_valid && scalar_is_valid(*shape.element, value.at(i));
      } else {
        check(*shape.element, value.at(i), Path{&path, {}, i + 1});
      }
    }
    if (!all_valid) {
      violation(shape, value, path,
                "Member must satisfy constraint: " + all_clauses(*shape.element));
    }
  }

  void check_map(const Shape& shape, json::Value value, const Path& path) {
    bool keys_valid = true;
    bool values_valid = true;
    value.for_each_member([&](std::string_view key, json::Value entry) {
      const json::Scalar key_value(key);
      keys_valid = keys_valid && scalar_is_valid(*shape.key, key_value.view());
      if (is_scalar(*shape.element) && !entry.is_null()) {
        values_valid = values_valid && scalar_is_valid(*shape.element, entry);
      }
    });
    if (!keys_valid) {
      violation(shape, value, path, "Map keys must satisfy constraint: " + all_clauses(*shape.key));
    }
    if (!values_valid) {
      violation(shape, value, path,
                "Map value must satisfy constraint: " + all_clauses(*shape.element));
    }
    if (is_scalar(*shape.element)) return;
    value.for_each_member([&](std::string_view key, json::Value entry) {
      const Path key_path{&path, key};
      if (!entry.is_null()) check(*shape.element, entry, Path{&key_path, "member"});
    });
  }

  void violation(const Shape& shape, json::Value value, const Path& path,
                 const std::string& constraint) {
    const std::optional<std::string> shown = shown_value(shape, value);
    add(shown ? "Value '" + *shown + "'" : "Value", path, constraint);
  }

  void add(const std::string& value, const Path& path, const std::string& constraint) {
    ++violations_;
    if (violations_ > kViolationsShownMax) return;
    if (violations_ > 1) text_ += "; ";
    text_ += value + " at '" + path.text() + "' failed to satisfy constraint: " + constraint;
  }

  int violations_ = 0;
  std::string text_;
};

}  // namespace

std::optional<Error> validate(const Shape& input, const BoundInput& bound, ErrorKind kind) {
  for (std::size_t i = 0; i < input.members.size(); ++i) {
    const Path path{nullptr, input.members[i].path_name};
    if (auto problem = check_types(*input.members[i].shape, bound.member(i), path)) return problem;
  }
  Validator validator;
  for (std::size_t i = 0; i < input.members.size(); ++i) {
    validator.check_member(input.members[i], bound.member(i), nullptr);
  }
  return validator.error(kind);
}

}  // namespace carillon::api::protocol
