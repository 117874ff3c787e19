// The filter rules of membership preferences: of which messages, by their attributes, a member
// wants to be notified. Pure: any thread.
//
//   {"mention": ["Bob"], "type": [{"anything-but": ["Room"]}], "$or": [{...}, {...}]}
//
// Source: developer guide, "Using filter rules to filter messages". What it leaves open is our
// reading and listed in docs/fidelity.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/result.h"

namespace carillon::api::domain {

struct FilterRule;

// One entry of an attribute's list: a text that the attribute has, or texts that it has not.
struct FilterValue {
  bool anything_but = false;
  std::vector<std::string> texts;  // exactly one unless anything_but
};

// One key of a rule.
struct FilterCondition {
  std::string attribute;             // empty for $or
  std::vector<FilterValue> values;   // of the attribute: one of them must hold
  std::vector<FilterRule> any_rule;  // of $or: one of them must match
};

struct FilterRule {
  std::vector<FilterCondition> conditions;  // all of them must hold
};

// `text` is the FilterRule as the client gave it. BadRequest that says what is wrong and where;
// keys and values are counted from 1 and not repeated, as the model calls the rule sensitive.
Result<FilterRule> parse_filter_rule(std::string_view text);

// The attributes of a message: each has a list of texts.
using AttributeTexts = std::map<std::string, std::vector<std::string>, std::less<>>;

// An attribute that is absent holds for anything-but, and for nothing else.
bool matches(const FilterRule& rule, const AttributeTexts& attributes);

}  // namespace carillon::api::domain
