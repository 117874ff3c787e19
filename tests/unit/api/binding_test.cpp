#include "api/protocol/binding.h"

#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/unit/api/ask.h"

namespace carillon::api::protocol {
namespace {

using tests::HeaderMap;

// What binding made of a request for this operation.
struct Bound {
  Bound(std::string_view name, const std::string& target, const HeaderMap& headers = {},
        std::string_view body = {})
      : operation(tests::operation_named(name)) {
    const Target split = split_target(target);
    if (const auto problem = input.bind(operation, {"", target, headers, body}, split)) {
      EXPECT_EQ(problem->kind, ErrorKind::kSerialization);
      error = problem->message;
    }
  }

  json::Value member(std::string_view name) const {
    for (std::size_t i = 0; i < operation.input->members.size(); ++i) {
      if (operation.input->members[i].name == name) return input.member(i);
    }
    ADD_FAILURE() << operation.name << " has no member " << name;
    return {};
  }

  const Operation& operation;
  BoundInput input;
  std::string error;
};

std::string messages(std::string_view query) {
  return "/channels/" + std::string(tests::kChannelLabel) + "/messages" + std::string(query);
}

TEST(Binding, GathersFromEveryPlace) {
  const Bound list("ListChannelMessages",
                   messages("?max-results=7&not-before=2024-01-02T03%3A04%3A05Z&next-token=a%2Bb"),
                   {{"X-Amz-Chime-Bearer", "arn:b"}});
  EXPECT_EQ(list.error, "");
  EXPECT_EQ(list.member("ChannelArn").string(),
            "arn:aws:chime:us-east-1:111122223333:app-instance/a/channel/c");
  EXPECT_EQ(list.member("MaxResults").integer(), 7);
  EXPECT_EQ(list.member("NotBefore").string(), "2024-01-02T03:04:05Z");
  EXPECT_EQ(list.member("NextToken").string(), "a+b");
  EXPECT_EQ(list.member("ChimeBearer").string(), "arn:b");
  EXPECT_TRUE(list.member("NotAfter").is_null());

  const Bound send("SendChannelMessage", messages(""), {}, R"({"Content":"hi","Metadata":null})");
  EXPECT_EQ(send.error, "");
  EXPECT_EQ(send.member("Content").string(), "hi");
  EXPECT_TRUE(send.member("Metadata").is_null());
  EXPECT_TRUE(send.member("ChimeBearer").is_null());
}

TEST(Binding, PassesOverWhatItDoesNotKnow) {
  const Bound bound("SendChannelMessage", messages("?sub-channel-id=x&x&=y&%zz=1"),
                    {{"x-amz-date", "20240102T030405Z"}, {"x-other", "\xFF"}},
                    R"({"Other":[{}],"content":"lower","Content":"hi"})");
  EXPECT_EQ(bound.error, "");
  EXPECT_EQ(bound.member("Content").string(), "hi");
}

// A member has one place; elsewhere its name means nothing.
TEST(Binding, ReadsAMemberOnlyWhereTheModelPutsIt) {
  const Bound bound("SendChannelMessage", messages("?Content=q"), {{"Content", "h"}},
                    R"({"ChimeBearer":"b","ChannelArn":"c"})");
  EXPECT_TRUE(bound.member("Content").is_null());
  EXPECT_TRUE(bound.member("ChimeBearer").is_null());
  EXPECT_NE(bound.member("ChannelArn").string(), "c");
}

TEST(Binding, OfRepeatedParametersTheLastCounts) {
  const Bound bound("ListChannelMessages", messages("?max-results=1&max-results=2"));
  EXPECT_EQ(bound.member("MaxResults").integer(), 2);
  const Bound token("ListChannelMessages", messages("?next-token=long%20enough&next-token="));
  EXPECT_EQ(token.member("NextToken").string(), "");
}

TEST(Binding, AnEmptyHeaderIsNone) {
  const Bound bound("ListChannelMessages", messages(""), {{"x-amz-chime-bearer", ""}});
  EXPECT_TRUE(bound.member("ChimeBearer").is_null());
}

TEST(Binding, RefusesBadEscapesByPlace) {
  EXPECT_EQ(Bound("DescribeChannel", "/channels/a%2").error,
            "The path segment for 'channelArn' has a '%' that two hexadecimal digits do not "
            "follow");
  EXPECT_EQ(Bound("ListChannelMessages", messages("?next-token=%zz")).error,
            "The query parameter 'next-token' for 'nextToken' has a '%' that two hexadecimal "
            "digits do not follow");
}

TEST(Binding, RefusesInvalidUtf8ByPlace) {
  EXPECT_EQ(Bound("DescribeChannel", "/channels/%FF").error,
            "The path segment for 'channelArn' is not valid UTF-8");
  EXPECT_EQ(Bound("DescribeChannel", "/channels/\xC3").error,
            "The path segment for 'channelArn' is not valid UTF-8");
  EXPECT_EQ(Bound("ListChannelMessages", messages("?next-token=%ED%A0%80")).error,
            "The query parameter 'next-token' for 'nextToken' is not valid UTF-8");
  EXPECT_EQ(Bound("DescribeChannel", "/channels/a", {{"x-amz-chime-bearer", "\x80"}}).error,
            "The header 'x-amz-chime-bearer' for 'chimeBearer' is not valid UTF-8");
}

TEST(Binding, NumbersInQueriesArePlainIntegers) {
  for (const std::string_view text : {"", "+5", "%205", "5%20", "0x5", "5.0", "1e1", "ten", "--5",
                                      "99999999999999999999", "%EF%BC%95"}) {
    const Bound bound("ListChannelMessages", messages("?max-results=" + std::string(text)));
    EXPECT_NE(bound.error.find("The query parameter 'max-results' for 'maxResults' is '"),
              std::string::npos)
        << text << ": " << bound.error;
    EXPECT_NE(bound.error.find("', but must be an integer"), std::string::npos) << text;
  }
  EXPECT_EQ(
      Bound("ListChannelMessages", messages("?max-results=-5")).member("MaxResults").integer(), -5);
  EXPECT_EQ(
      Bound("ListChannelMessages", messages("?max-results=007")).member("MaxResults").integer(), 7);
}

TEST(Binding, TimesInQueriesAreIso8601) {
  EXPECT_EQ(Bound("ListChannelMessages", messages("?not-after=1704164645")).error,
            "The query parameter 'not-after' for 'notAfter' is '1704164645', but must be a time "
            "such as 2024-01-02T03:04:05Z");
}

TEST(Binding, TheBodyIsAnObject) {
  const auto error = [](std::string_view body) {
    return Bound("SendChannelMessage", messages(""), {}, body).error;
  };
  EXPECT_EQ(error("{}"), "");
  EXPECT_EQ(error(""), "");
  EXPECT_EQ(error("[]"), "The request body is an array, but must be an object");
  EXPECT_EQ(error("null"), "The request body is null, but must be an object");
  EXPECT_EQ(error("\"x\""), "The request body is a string, but must be an object");
  EXPECT_EQ(error("1"), "The request body is a number, but must be an object");
  EXPECT_EQ(error("true"), "The request body is a boolean, but must be an object");
  EXPECT_EQ(error("{\"").substr(0, 33), "The request body is no JSON at by");
  EXPECT_EQ(error(std::string(100, '[')),
            "The request body nests deeper than 64 levels at byte 64");
}

// GET and DELETE requests of some clients carry a body; it says nothing.
TEST(Binding, TheBodyOfAnOperationWithoutOneIsNotRead) {
  EXPECT_EQ(Bound("DescribeChannel", "/channels/a", {}, "no JSON").error, "");
}

TEST(Binding, EveryInputFits) {
  for (const Operation& operation : operations()) {
    EXPECT_LE(operation.input->members.size(), kInputMembersMax) << operation.name;
  }
}

}  // namespace
}  // namespace carillon::api::protocol
