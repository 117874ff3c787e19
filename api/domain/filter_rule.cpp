#include "api/domain/filter_rule.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "api/limits.h"
#include "api/protocol/json.h"

namespace carillon::api::domain {
namespace {

constexpr std::string_view kOr = "$or";
constexpr std::string_view kAnythingBut = "anything-but";

std::string but_is(json::Value value) {
  return ", but is " + std::string(json::name(value.type())) + ".";
}

// Recursion ends where json::kNestingDepthMax does.
class Parser {
 public:
  // `place` is where the value stands, ", key 1, value 2"; empty for the whole rule.
  Result<FilterRule> rule(json::Value value, const std::string& place);

  int keys() const { return keys_; }
  int values() const { return values_; }

 private:
  Result<FilterCondition> attribute(std::string_view name, json::Value value,
                                    const std::string& place);
  Result<FilterCondition> any_rule(json::Value value, const std::string& place);
  Result<FilterValue> entry(json::Value value, const std::string& place);
  Result<FilterValue> anything_but(json::Value value, const std::string& place);

  static Error wrong(const std::string& place, const std::string& problem) {
    return error::bad_request("FilterRule" + place + ": " + problem);
  }

  int keys_ = 0;
  int values_ = 0;
};

Result<FilterRule> Parser::rule(json::Value value, const std::string& place) {
  if (value.type() != json::Type::kObject) {
    return wrong(place, "must be an object of attribute names" + but_is(value));
  }
  if (value.size() == 0) return wrong(place, "is empty. Name at least one attribute, or \"$or\".");
  FilterRule rule;
  std::set<std::string_view> names;
  std::optional<Error> failure;
  value.for_each_member([&](std::string_view name, json::Value member) {
    if (failure) return;
    const std::string key_place = place + ", key " + std::to_string(names.size() + 1);
    if (!names.insert(name).second) {
      failure = wrong(key_place, "stands in the same object twice.");
      return;
    }
    auto condition = name == kOr ? any_rule(member, key_place) : attribute(name, member, key_place);
    if (condition) {
      rule.conditions.push_back(std::move(*condition));
    } else {
      failure = std::move(condition).error();
    }
  });
  if (failure) return std::move(*failure);
  return rule;
}

Result<FilterCondition> Parser::attribute(std::string_view name, json::Value value,
                                          const std::string& place) {
  ++keys_;
  if (value.type() != json::Type::kArray) {
    return wrong(place,
                 "must be an array of strings and {\"anything-but\": [...]}" + but_is(value));
  }
  if (value.size() == 0) return wrong(place, "is an empty array. Give at least one value.");
  FilterCondition condition;
  condition.attribute = name;
  for (std::size_t i = 0; i < value.size(); ++i) {
    TRY_ASSIGN(FilterValue next, entry(value.at(i), place + ", value " + std::to_string(i + 1)));
    condition.values.push_back(std::move(next));
  }
  return condition;
}

Result<FilterCondition> Parser::any_rule(json::Value value, const std::string& place) {
  if (value.type() != json::Type::kArray) {
    return wrong(place, "$or must be an array of rules" + but_is(value));
  }
  if (value.size() == 0) return wrong(place, "$or is an empty array. Give at least one rule.");
  if (value.size() > kFilterRuleAlternativesMax) {
    return wrong(place, "$or has at most " + std::to_string(kFilterRuleAlternativesMax) +
                            " rules, not " + std::to_string(value.size()) + ".");
  }
  FilterCondition condition;
  for (std::size_t i = 0; i < value.size(); ++i) {
    TRY_ASSIGN(FilterRule next, rule(value.at(i), place + ", rule " + std::to_string(i + 1)));
    condition.any_rule.push_back(std::move(next));
  }
  return condition;
}

Result<FilterValue> Parser::entry(json::Value value, const std::string& place) {
  if (value.type() == json::Type::kObject) return anything_but(value, place);
  if (value.type() != json::Type::kString) {
    return wrong(place, "must be a string or {\"anything-but\": [...]}" + but_is(value));
  }
  ++values_;
  return FilterValue{false, {std::string(value.string())}};
}

Result<FilterValue> Parser::anything_but(json::Value value, const std::string& place) {
  const json::Value texts = value.find(kAnythingBut);
  if (value.size() != 1 || texts.is_null()) {
    return wrong(place, "an object here must have \"anything-but\" and nothing else.");
  }
  if (texts.type() != json::Type::kArray) {
    return wrong(place, "anything-but must be an array of strings" + but_is(texts));
  }
  if (texts.size() == 0) {
    return wrong(place, "anything-but is an empty array. Give at least one string.");
  }
  FilterValue result{true, {}};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const json::Value text = texts.at(i);
    if (text.type() != json::Type::kString) {
      return wrong(place + ", anything-but " + std::to_string(i + 1),
                   "must be a string" + but_is(text));
    }
    ++values_;
    result.texts.emplace_back(text.string());
  }
  return result;
}

bool holds(const FilterValue& value, const std::vector<std::string>* texts) {
  const bool found =
      texts != nullptr && std::find_first_of(texts->begin(), texts->end(), value.texts.begin(),
                                             value.texts.end()) != texts->end();
  return found != value.anything_but;
}

bool holds(const FilterCondition& condition, const AttributeTexts& attributes) {
  if (!condition.any_rule.empty()) {
    return std::any_of(condition.any_rule.begin(), condition.any_rule.end(),
                       [&](const FilterRule& rule) { return matches(rule, attributes); });
  }
  const auto found = attributes.find(condition.attribute);
  const std::vector<std::string>* texts = found == attributes.end() ? nullptr : &found->second;
  return std::any_of(condition.values.begin(), condition.values.end(),
                     [&](const FilterValue& value) { return holds(value, texts); });
}

}  // namespace

Result<FilterRule> parse_filter_rule(std::string_view text) {
  if (text.size() > kFilterRuleBytesMax) {
    return error::bad_request("A FilterRule has at most " + std::to_string(kFilterRuleBytesMax) +
                              " bytes of UTF-8, not " + std::to_string(text.size()) + ".");
  }
  const json::Document document(text);
  if (document.error()) return error::bad_request("The FilterRule " + *document.error());
  Parser parser;
  TRY_ASSIGN(FilterRule rule, parser.rule(document.root(), ""));
  if (const int complexity = parser.keys() + parser.values();
      complexity > kFilterRuleComplexityMax) {
    return error::bad_request(
        "A FilterRule has a complexity of at most " + std::to_string(kFilterRuleComplexityMax) +
        ", not " + std::to_string(complexity) + ": keys (" + std::to_string(parser.keys()) +
        ") and values (" + std::to_string(parser.values()) + ") together.");
  }
  return rule;
}

bool matches(const FilterRule& rule, const AttributeTexts& attributes) {
  return std::all_of(
      rule.conditions.begin(), rule.conditions.end(),
      [&](const FilterCondition& condition) { return holds(condition, attributes); });
}

}  // namespace carillon::api::domain
