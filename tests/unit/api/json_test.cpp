#include "api/protocol/json.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "api/limits.h"
#include "api/protocol/codec.h"
#include "api/protocol/uri.h"

namespace carillon::api::json {
namespace {

// The reason why this text is refused; empty when it is not.
std::string refusal(std::string_view text) {
  const Document document(text);
  if (document.error()) {
    EXPECT_TRUE(document.root().is_null());
  }
  return document.error().value_or("");
}

std::string string_of(std::string_view text) {
  const Document document(text);
  EXPECT_FALSE(document.error()) << *document.error();
  return std::string(document.root().string());
}

std::string nested(std::size_t depth, char open, char close) {
  return std::string(depth, open) + std::string(depth, close);
}

TEST(Json, ReadsEveryTypeOfValue) {
  const Document document(R"( {"a":null,"b":true,"c":-7,"d":"x","e":[1,2.5],"f":{"g":1}} )");
  ASSERT_FALSE(document.error());
  const Value root = document.root();
  EXPECT_EQ(root.type(), Type::kObject);
  EXPECT_EQ(root.size(), 6U);
  EXPECT_TRUE(root.find("a").is_null());
  EXPECT_EQ(root.find("a").type(), Type::kNull);
  EXPECT_EQ(root.find("b").type(), Type::kBoolean);
  EXPECT_TRUE(root.find("b").boolean());
  EXPECT_EQ(root.find("c").integer(), -7);
  EXPECT_EQ(root.find("d").string(), "x");
  EXPECT_EQ(root.find("e").type(), Type::kArray);
  EXPECT_EQ(root.find("e").size(), 2U);
  EXPECT_EQ(root.find("e").at(1).type(), Type::kNumber);
  EXPECT_EQ(root.find("f").find("g").integer(), 1);
}

TEST(Json, ADefaultValueAndAMissingMemberAreNull) {
  EXPECT_TRUE(Value().is_null());
  EXPECT_EQ(Value().type(), Type::kNull);
  const Document document(R"({"a":1})");
  EXPECT_TRUE(document.root().find("b").is_null());
  EXPECT_TRUE(document.root().find("").is_null());
  EXPECT_TRUE(document.root().find("A").is_null());
}

TEST(Json, OfEqualNamesTheLastCounts) {
  const Document document(R"({"a":1,"b":0,"a":2,"\u0061":3})");
  ASSERT_FALSE(document.error());
  EXPECT_EQ(document.root().find("a").integer(), 3);
  std::vector<std::string> names;
  document.root().for_each_member([&](std::string_view name, Value) { names.emplace_back(name); });
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "a", "a"}));
}

TEST(Json, ALastNullAmongEqualNamesIsNull) {
  const Document document(R"({"a":1,"a":null})");
  EXPECT_TRUE(document.root().find("a").is_null());
}

TEST(Json, RefusesWhatIsNoJson) {
  for (const std::string_view text :
       {"",         " ",         "{",    "}",        "[",         "[1,]",   "{\"a\":1,}", "{a:1}",
        "{'a':1}",  "{\"a\" 1}", "nul",  "NaN",      "Infinity",  "-",      "01",         "1.",
        ".5",       "+1",        "0x10", "\"\\x\"",  "\"\\u12\"", "\"\t\"", "{} {}",      "{}x",
        "// x\n{}", "{}/* x */", "\"",   "{\"a\":}", "[1 2]",     "1e",     "tru"}) {
    const std::string reason = refusal(text);
    EXPECT_NE(reason.find("is no JSON at byte "), std::string::npos) << text << ": " << reason;
  }
}

TEST(Json, TellsWhereTheTextBreaks) {
  EXPECT_EQ(refusal(R"({"a":1 "b":2})").substr(0, 23), "is no JSON at byte 7: M");
}

TEST(Json, NestsAsDeepAsTheLimitAndNoDeeper) {
  EXPECT_EQ(refusal(nested(kJsonDepthMax, '[', ']')), "");
  EXPECT_EQ(refusal(nested(kJsonDepthMax + 1, '[', ']')), "nests deeper than 64 levels at byte 64");
  const std::string object = R"({"a":)";
  std::string deep;
  for (int i = 0; i <= kJsonDepthMax; ++i) deep += object;
  EXPECT_EQ(refusal(deep), "nests deeper than 64 levels at byte 320");
}

TEST(Json, BracketsInsideStringsDoNotNest) {
  EXPECT_EQ(string_of('"' + std::string(1'000, '[') + '"'), std::string(1'000, '['));
  EXPECT_EQ(refusal(R"(["\\",")" + std::string(1'000, '{') + R"(","\""])"), "");
  // A quote that is escaped does not end the string.
  EXPECT_EQ(string_of(R"("\"[[[[\\\"")"), R"("[[[[\")");
}

TEST(Json, AMebibyteOfBracketsIsRefusedWithoutRecursion) {
  const std::size_t mebibyte = 1'024 * 1'024;
  EXPECT_EQ(refusal(std::string(mebibyte, '[')), "nests deeper than 64 levels at byte 64");
  EXPECT_EQ(refusal(std::string(mebibyte, '{')), "nests deeper than 64 levels at byte 64");
  EXPECT_NE(refusal(std::string(mebibyte, ']')), "");
  EXPECT_NE(refusal(std::string(mebibyte, '"')), "");
  EXPECT_NE(refusal(std::string(mebibyte, '\\')), "");
}

TEST(Json, RefusesInvalidUtf8) {
  for (const std::string_view bytes :
       {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF", "\xE2\x82"}) {
    std::string text("\"");
    text.append(bytes).append("\"");
    EXPECT_NE(refusal(text), "") << ::testing::PrintToString(bytes);
    EXPECT_NE(refusal("{" + text + ":1}"), "") << ::testing::PrintToString(bytes);
  }
}

TEST(Json, RefusesLoneSurrogates) {
  for (const std::string_view text :
       {R"("\ud800")", R"("\udc00")", R"("\udfff")", R"("\ud83d\u0041")", R"("\ud83dx")",
        R"("\ude00\ud83d")", R"("\ud83d\ud83d")"}) {
    EXPECT_NE(refusal(text), "") << text;
  }
  EXPECT_EQ(string_of(R"("\ud83d\ude00")"), "\xF0\x9F\x98\x80");
}

TEST(Json, StringsMayHoldNul) {
  const std::string value = string_of(R"("a\u0000b")");
  EXPECT_EQ(value, std::string("a\0b", 3));
  Writer writer;
  writer.string(value);
  EXPECT_EQ(writer.take(), R"("a\u0000b")");
}

// RapidJSON takes a NUL byte for the end of the text.
TEST(Json, RefusesARawNulWhereverItStands) {
  for (const std::string_view text :
       {std::string_view("{}\0", 3), std::string_view("{}\0garbage", 10),
        std::string_view("\0{}", 3), std::string_view("{\"a\0b\":1}", 9),
        std::string_view("[1\0,2]", 6)}) {
    EXPECT_NE(refusal(text), "") << ::testing::PrintToString(text);
  }
  EXPECT_EQ(refusal(std::string_view("{}\0", 3)), "is no JSON at byte 2: A NUL byte");
}

TEST(Json, NumbersThatFitAreExact) {
  const Document document("[0,-0,9223372036854775807,-9223372036854775808]");
  EXPECT_EQ(document.root().at(0).integer(), 0);
  EXPECT_EQ(document.root().at(2).integer(), INT64_MAX);
  EXPECT_EQ(document.root().at(3).integer(), INT64_MIN);
}

TEST(Json, NumbersThatAreNoIntegersAreNone) {
  const Document document(
      "[1.0,1e2,9223372036854775808,-9223372036854775809,0.5,-0.0,123456789012345678901234567890]");
  ASSERT_FALSE(document.error());
  for (std::size_t i = 0; i < document.root().size(); ++i) {
    EXPECT_EQ(document.root().at(i).type(), Type::kNumber);
    EXPECT_FALSE(document.root().at(i).integer()) << i;
  }
}

TEST(Json, HugeNumbersAreRefusedOrRead) {
  EXPECT_NE(refusal("1e999"), "");
  EXPECT_NE(refusal("-1e99999999999999999999"), "");
  EXPECT_EQ(refusal("1e-99999999999999999999"), "");
  EXPECT_EQ(refusal("0." + std::string(1'000'000, '0') + "1"), "");
  EXPECT_NE(refusal(std::string(1'000'000, '9')), "");
}

TEST(Json, MisuseThrows) {
  const Document document(R"({"a":"x","b":[1]})");
  EXPECT_THROW(static_cast<void>(document.root().find("a").boolean()), Misuse);
  EXPECT_THROW(static_cast<void>(document.root().find("b").string()), Misuse);
  EXPECT_THROW(static_cast<void>(document.root().find("b").at(1)), Misuse);
  EXPECT_THROW(static_cast<void>(document.root().find("a").find("x")), Misuse);
}

TEST(Json, ScalarsAreValuesToo) {
  const Scalar text(std::string_view("a\0b", 3));
  EXPECT_EQ(text.view().type(), Type::kString);
  EXPECT_EQ(text.view().string(), std::string_view("a\0b", 3));
  EXPECT_EQ(Scalar(std::int64_t{5}).view().integer(), 5);
  EXPECT_TRUE(Scalar().view().is_null());
}

TEST(Json, NamesOfTypesFitIntoASentence) {
  EXPECT_EQ(name(Type::kNull), "null");
  EXPECT_EQ(name(Type::kBoolean), "a boolean");
  EXPECT_EQ(name(Type::kNumber), "a number");
  EXPECT_EQ(name(Type::kString), "a string");
  EXPECT_EQ(name(Type::kArray), "an array");
  EXPECT_EQ(name(Type::kObject), "an object");
}

TEST(JsonWriter, WritesEveryTypeOfValue) {
  Writer writer;
  writer.begin_object()
      .member("text", "x")
      .member("view", std::string_view("y"))
      .member("number", std::int64_t{-7})
      .member("flag", false);
  writer.key("list").begin_array().null().integer(1).number(2.5).boolean(true).end_array();
  writer.key("raw").raw(R"({"a":1})").member("empty", std::string_view());
  EXPECT_EQ(writer.end_object().take(), R"({"text":"x","view":"y","number":-7,"flag":false,)"
                                        R"("list":[null,1,2.5,true],"raw":{"a":1},"empty":""})");
}

TEST(JsonWriter, EscapesWhatMustBeEscapedAndNothingElse) {
  Writer writer;
  writer.string("\"\\/\b\f\n\r\t\x01\x7F \xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_EQ(writer.take(), "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7F \xC3\xA9\xF0\x9F\x98\x80\"");
}

// Eight bytes are looked at together: an escape must be found wherever in them it stands.
TEST(JsonWriter, FindsEscapesAtEveryPlace) {
  const auto written = [](std::string_view text) {
    Writer writer;
    return writer.string(text).take();
  };
  for (int byte = 0; byte < 0x100; ++byte) {
    const std::string alone(1, static_cast<char>(byte));
    const std::string escaped = written(alone).substr(1, written(alone).size() - 2);
    const bool is_escaped = byte < 0x20 || byte == '"' || byte == '\\';
    EXPECT_EQ(escaped != alone, is_escaped) << byte;
    for (std::size_t length = 1; length <= 17; ++length) {
      for (std::size_t place = 0; place < length; ++place) {
        std::string text(length, 'a');
        std::string expected(length, 'a');
        text[place] = static_cast<char>(byte);
        expected.replace(place, 1, escaped);
        EXPECT_EQ(written(text), '"' + expected + '"');
      }
    }
  }
}

TEST(JsonWriter, WritesTimesAsSecondsWithAFraction) {
  const auto written = [](std::int64_t milliseconds) {
    Writer writer;
    return writer.epoch_seconds(milliseconds).take();
  };
  EXPECT_EQ(written(0), "0");
  EXPECT_EQ(written(1'700'000'000'000), "1700000000");
  EXPECT_EQ(written(1'700'000'000'123), "1700000000.123");
  EXPECT_EQ(written(1'700'000'000'005), "1700000000.005");
  EXPECT_EQ(written(1'700'000'000'100), "1700000000.100");
  EXPECT_EQ(written(-1), "-0.001");
  EXPECT_EQ(written(-500), "-0.500");
  EXPECT_EQ(written(-1'500), "-1.500");
  EXPECT_EQ(written(-2'000), "-2");
}

TEST(JsonWriter, WritesTimesAsTextWhereThatIsAskedFor) {
  const auto written = [](TimeForm form) {
    Writer writer(form);
    protocol::encode(writer, protocol::Timestamp{1'700'000'000'005});
    return writer.take();
  };
  EXPECT_EQ(written(TimeForm::kEpochSeconds), "1700000000.005");
  EXPECT_EQ(written(TimeForm::kIso8601), "\"2023-11-14T22:13:20.005Z\"");
}

}  // namespace
}  // namespace carillon::api::json
