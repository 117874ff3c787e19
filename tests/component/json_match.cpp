#include "tests/component/json_match.h"

#include <algorithm>
#include <array>

#include "api/protocol/timestamp.h"

namespace carillon::tests {

namespace json = api::json;

namespace {

// Whether `text` has the form of `pattern`, in which x is a lower-case hexadecimal digit and
// everything else stands for itself.
bool has_form(std::string_view text, std::string_view pattern) {
  static constexpr std::string_view kHexDigits = "0123456789abcdef";
  return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(),
                    [](char c, char form) {
                      return form == 'x' ? kHexDigits.find(c) != std::string_view::npos : c == form;
                    });
}

bool is_uuid(json::Value got) {
  return has_form(got.string(), "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
}

bool is_message_id(json::Value got) { return has_form(got.string(), std::string(64, 'x')); }

bool is_string(json::Value got) { return got.type() == json::Type::kString; }

// A matcher without argument.
struct Matcher {
  std::string_view name;
  bool (*accepts)(json::Value got);
};
constexpr std::array<Matcher, 6> kMatchers{{
    {"$any", [](json::Value got) { return !got.is_null(); }},
    {"$string", [](json::Value got) { return is_string(got); }},
    {"$timestamp", [](json::Value got) { return got.type() == json::Type::kNumber; }},
    {"$iso8601",
     [](json::Value got) {
       return is_string(got) && api::protocol::parse_iso8601(got.string()).has_value();
     }},
    {"$uuid", [](json::Value got) { return is_string(got) && is_uuid(got); }},
    {"$message_id", [](json::Value got) { return is_string(got) && is_message_id(got); }},
}};

// The argument of "$contains:some text" when `prefix` is "$contains:".
bool has_prefix(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

class Comparison {
 public:
  Comparison(Members members, Variables& variables) : members_(members), variables_(variables) {}

  void compare(json::Value expected, json::Value got, const std::string& path);
  std::vector<std::string> take() { return std::move(found_); }

 private:
  void compare_string(std::string_view expected, json::Value got, const std::string& path);
  // Whether `expected` is a matcher; then it has been applied.
  bool apply_matcher(const std::string& expected, json::Value got, const std::string& path);
  void compare_arrays(json::Value expected, json::Value got, const std::string& path);
  void compare_objects(json::Value expected, json::Value got, const std::string& path);
  void report(const std::string& path, const std::string& expected, json::Value got) {
    found_.push_back((path.empty() ? "the whole" : path) + ": expected " + expected + ", got " +
                     to_json(got));
  }

  Members members_;
  Variables& variables_;
  std::vector<std::string> found_;
};

void Comparison::compare(json::Value expected, json::Value got, const std::string& path) {
  if (expected.type() == json::Type::kString) {
    compare_string(expected.string(), got, path);
  } else if (expected.type() != got.type()) {
    report(path, to_json(expected), got);
  } else if (expected.type() == json::Type::kArray) {
    compare_arrays(expected, got, path);
  } else if (expected.type() == json::Type::kObject) {
    compare_objects(expected, got, path);
  } else if (to_json(expected) != to_json(got)) {
    report(path, to_json(expected), got);
  }
}

void Comparison::compare_string(std::string_view expected, json::Value got,
                                const std::string& path) {
  const std::string filled = fill_in(expected, variables_);
  if (apply_matcher(filled, got, path)) return;
  if (!is_string(got) || got.string() != filled) report(path, '"' + filled + '"', got);
}

bool Comparison::apply_matcher(const std::string& expected, json::Value got,
                               const std::string& path) {
  static constexpr std::string_view kSave = "$save:";
  static constexpr std::string_view kContains = "$contains:";
  for (const Matcher& matcher : kMatchers) {
    if (expected != matcher.name) continue;
    if (!matcher.accepts(got)) report(path, expected, got);
    return true;
  }
  if (has_prefix(expected, kSave)) {
    if (!is_string(got)) report(path, "a string to save", got);
    if (is_string(got)) variables_[expected.substr(kSave.size())] = got.string();
    return true;
  }
  if (has_prefix(expected, kContains)) {
    const bool holds =
        is_string(got) && got.string().find(expected.substr(kContains.size())) != std::string::npos;
    if (!holds) report(path, expected, got);
    return true;
  }
  if (expected == "$absent") {
    if (!got.is_null()) report(path, "nothing", got);
    return true;
  }
  if (has_prefix(expected, "$")) throw CaseFailure("there is no matcher " + expected);
  return false;
}

// Arrays are compared whole: order and number count.
void Comparison::compare_arrays(json::Value expected, json::Value got, const std::string& path) {
  if (expected.size() != got.size()) {
    report(path, std::to_string(expected.size()) + " elements: " + to_json(expected), got);
    return;
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    compare(expected.at(i), got.at(i), path + "[" + std::to_string(i) + "]");
  }
}

void Comparison::compare_objects(json::Value expected, json::Value got, const std::string& path) {
  const auto below = [&](std::string_view name) {
    return (path.empty() ? path : path + ".") + std::string(name);
  };
  expected.for_each_member([&](std::string_view name, json::Value member) {
    compare(member, got.find(name), below(name));
  });
  if (members_ == Members::kSubset) return;
  got.for_each_member([&](std::string_view name, json::Value member) {
    bool mentioned = false;
    expected.for_each_member(
        [&](std::string_view known, json::Value) { mentioned |= known == name; });
    if (!mentioned) report(below(name), "nothing", member);
  });
}

}  // namespace

std::vector<std::string> differences(json::Value expected, json::Value got, Members members,
                                     Variables& variables) {
  Comparison comparison(members, variables);
  comparison.compare(expected, got, "");
  return comparison.take();
}

}  // namespace carillon::tests
