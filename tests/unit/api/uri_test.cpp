#include "api/protocol/uri.h"

#include <gtest/gtest.h>

namespace carillon::api::protocol {
namespace {

using Segments = std::vector<std::string_view>;
using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

TEST(Uri, SplitsBeforeItDecodes) {
  const Target target = split_target("/channels/arn%3Aaws%2Fchannel%2Fc1/messages?max-results=5&x");
  EXPECT_EQ(target.segments, (Segments{"channels", "arn%3Aaws%2Fchannel%2Fc1", "messages"}));
  EXPECT_EQ(target.query, "max-results=5&x");
}

TEST(Uri, KeepsTheRawColonsOfTheCppSdk) {
  EXPECT_EQ(split_target("/channels/arn:aws:chime:r:1:app-instance%2Fa").segments,
            (Segments{"channels", "arn:aws:chime:r:1:app-instance%2Fa"}));
}

TEST(Uri, LeavesOutEmptySegments) {
  EXPECT_EQ(split_target("//channels///a//").segments, (Segments{"channels", "a"}));
  EXPECT_TRUE(split_target("/").segments.empty());
  EXPECT_TRUE(split_target("").segments.empty());
  EXPECT_TRUE(split_target("?a=b").segments.empty());
}

TEST(Uri, TheAbsoluteFormLosesItsAuthority) {
  const Target target = split_target("http://localhost:7464/channels?x=1");
  EXPECT_EQ(target.segments, (Segments{"channels"}));
  EXPECT_EQ(target.query, "x=1");
  EXPECT_TRUE(split_target("http://localhost:7464").segments.empty());
  EXPECT_EQ(split_target("http://localhost?x=1").query, "x=1");
  // A path that only mentions a scheme is a path.
  EXPECT_EQ(split_target("/a://b").segments, (Segments{"a:", "b"}));
  EXPECT_EQ(split_target("/a?u=http://b/c").query, "u=http://b/c");
}

TEST(Uri, AFragmentIsNoPartOfThePath) {
  EXPECT_EQ(split_target("/a/b#c?d").segments, (Segments{"a", "b"}));
  EXPECT_EQ(split_target("/a?b=1#c").query, "b=1");
}

TEST(Uri, OnlyTheFirstQuestionMarkDivides) {
  const Target target = split_target("/a?b=?c");
  EXPECT_EQ(target.segments, (Segments{"a"}));
  EXPECT_EQ(target.query, "b=?c");
}

TEST(Uri, Decodes) {
  EXPECT_EQ(percent_decode(""), "");
  EXPECT_EQ(percent_decode("a%2Fb%2fc%3A"), "a/b/c:");
  EXPECT_EQ(percent_decode("%C3%A9%00x"), std::string("\xC3\xA9\0x", 4));
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("%2541"), "%41");
}

TEST(Uri, RefusesBadEscapes) {
  for (const std::string_view text : {"%", "a%", "%4", "%zz", "%4g", "%g4", "%%41", "%-1", "% 1"}) {
    EXPECT_FALSE(percent_decode(text)) << text;
  }
}

TEST(Uri, EncodesWhatIsNotUnreserved) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a/b:c @+é%"), "a%2Fb%3Ac%20%40%2B%C3%A9%25");
}

TEST(Uri, DecodingUndoesEncoding) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<char>(byte));
  EXPECT_EQ(percent_decode(percent_encode(every_byte)), every_byte);
}

TEST(Uri, SplitsQueries) {
  EXPECT_EQ(split_query("a=1&b=&c&=d&&e=f=g"),
            (Pairs{{"a", "1"}, {"b", ""}, {"c", ""}, {"", "d"}, {"e", "f=g"}}));
  EXPECT_TRUE(split_query("").empty());
  EXPECT_TRUE(split_query("&&&").empty());
}

TEST(Utf8, KnowsValidText) {
  for (const std::string_view text :
       {"", "plain", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text)) << ::testing::PrintToString(text);
  }
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, KnowsInvalidText) {
  for (const std::string_view text : {"\x80",
                                      "\xBF",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC2",
                                      "\xC2\x20",
                                      "\xC2\xC2",
                                      "\xE0\x80\x80",
                                      "\xE0\x9F\xBF",
                                      "\xE1\x80",
                                      "\xE1\x80\x20",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xF0\x80\x80\x80",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF1\x80\x80",
                                      "\xF1\x80\x80\x20",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xFE",
                                      "\xFF",
                                      "ok\xFF",
                                      "\xE2\x82"}) {
    EXPECT_FALSE(is_utf8(text)) << ::testing::PrintToString(text);
  }
}

TEST(Authority, IsAHostAndPerhapsAPort) {
  for (const std::string_view text : {"a", "localhost:7464", "chime.example.test", "127.0.0.1:1",
                                      "my_host:65535", "[::1]", "[2001:db8::1]:7464"}) {
    EXPECT_TRUE(is_authority(text)) << text;
  }
  for (const std::string_view text :
       {"", ":1", "a:", "a:0", "a:65536", "a:-1", "a:1x", "a:1:2", "::1", "[::1", "[]", "[::1]x",
        "[::1]:", "http://a", "a/b", "a?b", "me@a", "a b", "a\xC3\xA9"}) {
    EXPECT_FALSE(is_authority(text)) << text;
  }
  EXPECT_TRUE(is_authority(std::string(255, 'a')));
  EXPECT_FALSE(is_authority(std::string(300, 'a')));
}

TEST(Utf8, CountsCodePoints) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("abc"), 3U);
  EXPECT_EQ(count_code_points("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 3U);
  // Composed and joined forms are as many as are written.
  EXPECT_EQ(count_code_points("e\xCC\x81"), 2U);
}

}  // namespace
}  // namespace carillon::api::protocol
