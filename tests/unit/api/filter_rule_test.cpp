#include "api/domain/filter_rule.h"

#include <string>

#include <gtest/gtest.h>

namespace carillon::api::domain {
namespace {

// What is wrong with the rule; empty if nothing is.
std::string refusal(std::string_view text) {
  const auto rule = parse_filter_rule(text);
  if (rule) return "";
  EXPECT_EQ(rule.error().kind, ErrorKind::kBadRequest);
  return rule.error().message;
}

bool matches(std::string_view rule, const AttributeTexts& attributes) {
  const auto parsed = parse_filter_rule(rule);
  EXPECT_TRUE(parsed) << rule;
  return parsed && matches(*parsed, attributes);
}

constexpr std::string_view kGuidesAnd = R"({"type":[{"anything-but":["Room"]}],"mention":["Bob"]})";
constexpr std::string_view kGuidesOr =
    R"({"$or":[{"mention":["Bob"]},{"type":[{"anything-but":["Room"]}]}]})";

TEST(FilterRule, TakesWhatTheGuideShows) {
  EXPECT_EQ(refusal(kGuidesAnd), "");
  EXPECT_EQ(refusal(kGuidesOr), "");
  EXPECT_EQ(refusal(R"({"senderId":[{"anything-but":["arn:aws:chime:x"]}]})"), "");
}

TEST(FilterRule, TakesMixedAndNested) {
  EXPECT_EQ(refusal(R"({"a":["b",{"anything-but":["c","d"]}],"$or":[{"e":["f"]}]})"), "");
  EXPECT_EQ(refusal(R"({"$or":[{"$or":[{"a":["b"]}]},{"c":["d"],"e":["f"]}]})"), "");
  EXPECT_EQ(refusal(" { \"a\" : [ \"\\u00e9\" ] } "), "");
}

TEST(FilterRule, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(refusal("{"), "The FilterRule is no JSON at byte 1: Missing a name for object member.");
  EXPECT_EQ(refusal("null"), "FilterRule: must be an object of attribute names, but is null.");
  EXPECT_EQ(refusal("[]"), "FilterRule: must be an object of attribute names, but is an array.");
  EXPECT_EQ(refusal("{}"), "FilterRule: is empty. Name at least one attribute, or \"$or\".");
  EXPECT_EQ(
      refusal(R"({"a":"b"})"),
      "FilterRule, key 1: must be an array of strings and {\"anything-but\": [...]}, but is a "
      "string.");
  EXPECT_EQ(refusal(R"({"a":["b"],"c":[]})"),
            "FilterRule, key 2: is an empty array. Give at least one value.");
  EXPECT_EQ(refusal(R"({"a":["b",true]})"),
            "FilterRule, key 1, value 2: must be a string or {\"anything-but\": [...]}, but is a "
            "boolean.");
  EXPECT_EQ(refusal(R"({"a":["b"],"a":["c"]})"),
            "FilterRule, key 2: stands in the same object twice.");
}

TEST(FilterRule, SaysWhatIsWrongWithAnythingBut) {
  const std::string nothing_else =
      "FilterRule, key 1, value 1: an object here must have \"anything-but\" and nothing else.";
  EXPECT_EQ(refusal(R"({"a":[{}]})"), nothing_else);
  EXPECT_EQ(refusal(R"({"a":[{"prefix":["b"]}]})"), nothing_else);
  EXPECT_EQ(refusal(R"({"a":[{"anything-but":["b"],"exists":[true]}]})"), nothing_else);
  EXPECT_EQ(refusal(R"({"a":[{"anything-but":null}]})"), nothing_else);
  EXPECT_EQ(refusal(R"({"a":[{"anything-but":"b"}]})"),
            "FilterRule, key 1, value 1: anything-but must be an array of strings, but is a "
            "string.");
  EXPECT_EQ(refusal(R"({"a":[{"anything-but":[]}]})"),
            "FilterRule, key 1, value 1: anything-but is an empty array. Give at least one "
            "string.");
  EXPECT_EQ(refusal(R"({"a":[{"anything-but":["b",1]}]})"),
            "FilterRule, key 1, value 1, anything-but 2: must be a string, but is a number.");
}

TEST(FilterRule, SaysWhatIsWrongWithOr) {
  EXPECT_EQ(refusal(R"({"$or":{"a":["b"]}})"),
            "FilterRule, key 1: $or must be an array of rules, but is an object.");
  EXPECT_EQ(refusal(R"({"$or":[]})"),
            "FilterRule, key 1: $or is an empty array. Give at least one rule.");
  EXPECT_EQ(refusal(R"({"a":["b"],"$or":[{"a":["b"]},{"a":[3]}]})"),
            "FilterRule, key 2, rule 2, key 1, value 1: must be a string or {\"anything-but\": "
            "[...]}, but is a number.");
  EXPECT_EQ(refusal(R"({"$or":[{}]})"),
            "FilterRule, key 1, rule 1: is empty. Name at least one attribute, or \"$or\".");
  const std::string five = R"({"a":["1"]},{"a":["2"]},{"a":["3"]},{"a":["4"]},{"a":["5"]})";
  EXPECT_EQ(refusal("{\"$or\":[" + five + "]}"), "");
  EXPECT_EQ(refusal("{\"$or\":[" + five + R"(,{"a":["6"]}]})"),
            "FilterRule, key 1: $or has at most 5 rules, not 6.");
}

std::string rule_of(int keys, int values_of_each) {
  std::string text = "{";
  for (int key = 0; key < keys; ++key) {
    text += (key > 0 ? ",\"" : "\"") + std::to_string(key) + "\":[";
    for (int value = 0; value < values_of_each; ++value) text += value > 0 ? ",\"v\"" : "\"v\"";
    text += "]";
  }
  return text + "}";
}

TEST(FilterRule, ComplexityIsKeysAndValues) {
  EXPECT_EQ(refusal(rule_of(10, 1)), "");
  EXPECT_EQ(refusal(rule_of(4, 4)), "");
  EXPECT_EQ(refusal(rule_of(11, 1)),
            "A FilterRule has a complexity of at most 20, not 22: keys (11) and values (11) "
            "together.");
  // Neither $or nor anything-but counts.
  EXPECT_EQ(refusal("{\"$or\":[" + rule_of(5, 1) + "," + rule_of(5, 1) + "]}"), "");
  EXPECT_EQ(refusal("{\"$or\":[" + rule_of(5, 1) + "," + rule_of(5, 1) + "],\"x\":[\"y\"]}"),
            "A FilterRule has a complexity of at most 20, not 22: keys (11) and values (11) "
            "together.");
  EXPECT_EQ(refusal(R"({"a":[{"anything-but":["1","2","3","4","5","6","7","8","9","10","11",)"
                    R"("12","13","14","15","16","17","18","19"]}]})"),
            "");
}

TEST(FilterRule, SizeIsInBytes) {
  const auto rule_of_bytes = [](std::size_t bytes) {
    return "{\"a\":[\"" + std::string(bytes - 10, 'x') + "\"]}";
  };
  EXPECT_EQ(refusal(rule_of_bytes(2'048)), "");
  EXPECT_EQ(refusal(rule_of_bytes(2'049)),
            "A FilterRule has at most 2048 bytes of UTF-8, not 2049.");
}

TEST(FilterRule, DepthIsBounded) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "{\"$or\":[";
  EXPECT_NE(refusal(text).find("The FilterRule "), std::string::npos);
}

TEST(FilterRule, MatchesExactTexts) {
  constexpr std::string_view kRule = R"({"mention":["Bob","Ann"]})";
  EXPECT_TRUE(matches(kRule, {{"mention", {"Bob", "Alice"}}}));
  EXPECT_TRUE(matches(kRule, {{"mention", {"Ann"}}, {"type", {"Room"}}}));
  EXPECT_FALSE(matches(kRule, {{"mention", {"Tom"}}}));
  EXPECT_FALSE(matches(kRule, {{"mention", {"bob"}}}));
  EXPECT_FALSE(matches(kRule, {{"mention", {"Bobby"}}}));
  EXPECT_FALSE(matches(kRule, {{"mention", {}}}));
  EXPECT_FALSE(matches(kRule, {{"Mention", {"Bob"}}}));
  EXPECT_FALSE(matches(kRule, {}));
}

TEST(FilterRule, AnythingButIsAllExceptThoseThatHaveIt) {
  constexpr std::string_view kRule = R"({"type":[{"anything-but":["Room","Hall"]}]})";
  EXPECT_TRUE(matches(kRule, {{"type", {"Conversation"}}}));
  EXPECT_FALSE(matches(kRule, {{"type", {"Room"}}}));
  EXPECT_FALSE(matches(kRule, {{"type", {"Conversation", "Hall"}}}));
  EXPECT_TRUE(matches(kRule, {}));
}

TEST(FilterRule, ValuesAreAlternativesAndKeysAreNot) {
  constexpr std::string_view kMixed = R"({"type":["Room",{"anything-but":["Hall"]}]})";
  EXPECT_TRUE(matches(kMixed, {{"type", {"Room", "Hall"}}}));
  EXPECT_FALSE(matches(kMixed, {{"type", {"Hall"}}}));
  EXPECT_TRUE(matches(kGuidesAnd, {{"mention", {"Bob"}}, {"type", {"Conversation"}}}));
  EXPECT_FALSE(matches(kGuidesAnd, {{"mention", {"Bob"}}, {"type", {"Room"}}}));
  EXPECT_FALSE(matches(kGuidesAnd, {{"type", {"Conversation"}}}));
}

TEST(FilterRule, OrIsOneOfItsRulesBesideTheOtherKeys) {
  EXPECT_TRUE(matches(kGuidesOr, {{"mention", {"Bob"}}, {"type", {"Room"}}}));
  EXPECT_TRUE(matches(kGuidesOr, {{"type", {"Conversation"}}}));
  EXPECT_FALSE(matches(kGuidesOr, {{"type", {"Room"}}}));
  constexpr std::string_view kBeside = R"({"a":["1"],"$or":[{"b":["2"],"c":["3"]},{"b":["4"]}]})";
  EXPECT_TRUE(matches(kBeside, {{"a", {"1"}}, {"b", {"4"}}}));
  EXPECT_TRUE(matches(kBeside, {{"a", {"1"}}, {"b", {"2"}}, {"c", {"3"}}}));
  EXPECT_FALSE(matches(kBeside, {{"a", {"1"}}, {"b", {"2"}}}));
  EXPECT_FALSE(matches(kBeside, {{"b", {"4"}}}));
}

}  // namespace
}  // namespace carillon::api::domain
