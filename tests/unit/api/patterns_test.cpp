#include "api/protocol/patterns.h"

#include <string>

#include <gtest/gtest.h>

#include "api/limits.h"
#include "api/protocol/model.h"

namespace carillon::api::protocol {
namespace {

constexpr std::size_t kMebibyte = 1'024 * 1'024;
constexpr std::string_view kBell = "\xF0\x9F\x94\x94";

// The index of the pattern that begins so in the model.
int pattern(std::string_view beginning) {
  for (std::size_t i = 0; i < pattern_texts().size(); ++i) {
    if (pattern_texts()[i].substr(0, beginning.size()) == beginning) return static_cast<int>(i);
  }
  ADD_FAILURE() << "the model has no pattern " << beginning;
  return 0;
}

bool matches(std::string_view beginning, std::string_view text) {
  return matches_pattern(pattern(beginning), text);
}

TEST(Patterns, OfTheModelAllCompile) {
  ASSERT_GE(pattern_texts().size(), 10U);
  for (std::size_t i = 0; i < pattern_texts().size(); ++i) {
    EXPECT_NO_THROW(matches_pattern(static_cast<int>(i), "x")) << pattern_texts()[i];
  }
}

TEST(Patterns, MatchTheWholeText) {
  EXPECT_TRUE(matches("[-_a-zA-Z0-9]*", ""));
  EXPECT_TRUE(matches("[-_a-zA-Z0-9]*", "aZ0-_"));
  for (const std::string_view text : {"a b", "a\n", "\na", " a", "a ", "a.b", "\xC3\xA9"}) {
    EXPECT_FALSE(matches("[-_a-zA-Z0-9]*", text)) << text;
  }
  EXPECT_FALSE(matches("[-_a-zA-Z0-9]*", std::string_view("a\0", 2)));
}

TEST(Patterns, DoNotEndBeforeALineFeed) {
  EXPECT_TRUE(matches("^([A-Za-z]_?)+$", "Welcome_Intent"));
  EXPECT_FALSE(matches("^([A-Za-z]_?)+$", "Welcome_Intent\n"));
  EXPECT_FALSE(matches("^([A-Za-z]_?)+$", "Welcome__Intent"));
  EXPECT_FALSE(matches("^([A-Za-z]_?)+$", ""));
}

TEST(Patterns, NamesMayHoldWhateverCanBeWritten) {
  constexpr std::string_view kName = "[\\u0009";
  for (const std::string_view text :
       {"", "plain", "tab\tline\r\n", "\xC3\xA9\xE2\x82\xAC", "\xC2\x85\xC2\xA0", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xEF\xBF\xBD", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(matches(kName, text)) << ::testing::PrintToString(text);
  }
  EXPECT_TRUE(matches(kName, std::string("ring ").append(kBell)));
  for (const std::string_view text : {"\x01", "\x7F", "\xC2\x80", "\xC2\x9F", "\xEF\xBF\xBE"}) {
    EXPECT_FALSE(matches(kName, text)) << ::testing::PrintToString(text);
  }
  EXPECT_FALSE(matches(kName, std::string_view("\0", 1)));
}

TEST(Patterns, AnythingIsAnything) {
  EXPECT_TRUE(matches("[\\s\\S]*", ""));
  EXPECT_TRUE(matches("[\\s\\S]*", std::string_view("a\0\n\xC2\x80", 5)));
  EXPECT_TRUE(matches("[\\s\\S]*", std::string(kMebibyte, '\n')));
}

TEST(Patterns, ADotStopsAtALineEnd) {
  EXPECT_TRUE(matches(".*", "one line"));
  EXPECT_TRUE(matches(".*", ""));
  for (const std::string_view text : {"a\nb", "a\rb", "a\r\n", "\n",
                                      "a\xC2\x85"
                                      "b",
                                      "a\xE2\x80\xA8"
                                      "b",
                                      "\xE2\x80\xA9"}) {
    EXPECT_FALSE(matches(".*", text)) << ::testing::PrintToString(text);
  }
  // Line ends of some, but not of Java.
  EXPECT_TRUE(matches(".*", "a\vb\fc"));
  EXPECT_TRUE(matches(".*\\S.*", " x "));
  EXPECT_FALSE(matches(".*\\S.*", "   "));
}

TEST(Patterns, ArnsAreArns) {
  EXPECT_TRUE(matches("arn:[a-z0-9", "arn:aws:chime:us-east-1:111122223333:app-instance/a"));
  EXPECT_TRUE(matches("arn:[a-z0-9", "arn:aws::::x"));
  EXPECT_TRUE(
      matches("arn:[a-z0-9", std::string("arn:aws:chime:us-east-1:1:app-instance/").append(kBell)));
  for (const std::string_view text :
       {"", "arn", "arn:aws:chime:us-east-1:1:", "arn:aws:chime:us-east-1:1:/x",
        "arn::::::", "ARN:aws:chime:us-east-1:1:x", "arn:aws:chime:US:1:x",
        " arn:aws:chime:us-east-1:1:x", "arn:aws:chime:us-east-1:1:x\n"}) {
    EXPECT_FALSE(matches("arn:[a-z0-9", text)) << text;
  }
  const std::string most = "arn:aws:chime:us-east-1:1:x" + std::string(1'023, 'y');
  EXPECT_TRUE(matches("arn:[a-z0-9", most));
  EXPECT_FALSE(matches("arn:[a-z0-9", most + "y"));
}

TEST(Patterns, TheLambdaArnMayNameAVersion) {
  const std::string function = "arn:aws:lambda:us-east-1:111122223333:function:my-func_1.x";
  for (const std::string_view rest : {"", ":$LATEST", ":7", ":live"}) {
    EXPECT_TRUE(matches("arn:aws:lambda", function + std::string(rest))) << rest;
  }
  for (const std::string_view rest : {":", ":$OTHER", ":a:b", "/x", " "}) {
    EXPECT_FALSE(matches("arn:aws:lambda", function + std::string(rest))) << rest;
  }
}

// Whatever they answer: they answer, soon, and do not overflow the stack.
TEST(Patterns, SurviveLongText) {
  for (const std::size_t size : {kPatternTextBytesMax - 10, kMebibyte}) {
    const std::string texts[] = {
        std::string(size, 'a'),          std::string(size, ' '),
        std::string(size, '\n'),         std::string(size, ':'),
        "arn:" + std::string(size, 'a'), std::string(size, 'a') + "\n",
        std::string(size, ' ') + "\n",
    };
    for (std::size_t i = 0; i < pattern_texts().size(); ++i) {
      for (const std::string& text : texts) {
        static_cast<void>(matches_pattern(static_cast<int>(i), text));
      }
    }
  }
}

TEST(Patterns, DecideUpToTheirLimit) {
  const std::string most(kPatternTextBytesMax, 'a');
  EXPECT_TRUE(matches("[-_a-zA-Z0-9]*", most));
  EXPECT_TRUE(matches("^([A-Za-z]_?)+$", most));
  EXPECT_FALSE(matches("[-_a-zA-Z0-9]*", most.substr(1) + "\n"));
  EXPECT_FALSE(matches(".*\\S.*", most.substr(1) + "\n"));
  EXPECT_FALSE(matches("arn:[a-z0-9", most));
  std::string bells;
  while (bells.size() < kPatternTextBytesMax) bells += kBell;
  EXPECT_TRUE(matches("[\\u0009", bells));
  EXPECT_FALSE(matches("[-_a-zA-Z0-9]*", bells));
  EXPECT_TRUE(matches("[-_a-zA-Z0-9]*", most + "\n"));
}

void expect_limited(const Shape& shape) {
  if (shape.pattern != kNoPattern &&
      pattern_texts()[static_cast<std::size_t>(shape.pattern)] != std::string_view("[\\s\\S]*")) {
    EXPECT_LE(shape.max * 4, static_cast<std::int64_t>(kPatternTextBytesMax)) << shape.name;
    EXPECT_NE(shape.max, kNoLimit) << shape.name;
  }
  if (shape.element != nullptr) expect_limited(*shape.element);
  if (shape.key != nullptr) expect_limited(*shape.key);
  for (const Member& member : shape.members) expect_limited(*member.shape);
}

// What makes the limit right: whatever is longer breaks its length.
TEST(Patterns, StandOnlyBesideALengthWithinTheLimit) {
  for (const Operation& operation : operations()) expect_limited(*operation.input);
}

}  // namespace
}  // namespace carillon::api::protocol
