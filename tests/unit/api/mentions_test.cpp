// The ARNs that a request names: by the model's shapes alone.
#include "api/protocol/mentions.h"

#include <gtest/gtest.h>

#include "tests/unit/api/ask.h"

namespace carillon::api::protocol {
namespace {

using Arns = std::vector<std::string>;
using tests::HeaderMap;

Arns mentioned_in(std::string_view operation_name, const std::string& target, std::string_view body,
                  const HeaderMap& headers = {}) {
  const Operation& operation = tests::operation_named(operation_name);
  BoundInput bound;
  EXPECT_FALSE(bound.bind(operation, {"", target, headers, body}, split_target(target)));
  return mentioned_arns(*operation.input, bound);
}

TEST(Mentions, AreInThePathTheQueryTheHeaderAndTheBody) {
  EXPECT_EQ(mentioned_in("CreateChannelMembership", "/channels/arn%3Ac/memberships",
                         R"({"MemberArn": "arn:m", "Type": "DEFAULT"})",
                         {{"x-amz-chime-bearer", "arn:b"}}),
            (Arns{"arn:c", "arn:m", "arn:b"}));
  EXPECT_EQ(mentioned_in("ListChannels", "/channels?app-instance-arn=arn%3Aa", ""),
            (Arns{"arn:a"}));
}

TEST(Mentions, AreFoundInListsEachOnce) {
  EXPECT_EQ(mentioned_in("BatchCreateChannelMembership", "/channels/arn%3Ac/memberships",
                         R"({"MemberArns": ["arn:m", "arn:n", "arn:m", null, "arn:c"]})"),
            (Arns{"arn:c", "arn:m", "arn:n"}));
  EXPECT_EQ(mentioned_in("SendChannelMessage", "/channels/arn%3Ac/messages",
                         R"({"Target": [{"MemberArn": "arn:t"}]})"),
            (Arns{"arn:c", "arn:t"}));
}

TEST(Mentions, AreNotInTexts) {
  EXPECT_EQ(mentioned_in("SendChannelMessage", "/channels/arn%3Ac/messages",
                         R"({"Content": "arn:x", "Metadata": "arn:x", "Unknown": "arn:x",)"
                         R"( "MessageAttributes": {"arn:x": {"StringValues": ["arn:x"]}}})"),
            (Arns{"arn:c"}));
  // Nor is a Lambda function one of ours.
  EXPECT_EQ(mentioned_in("CreateChannelFlow", "/channel-flows",
                         R"({"AppInstanceArn": "arn:a", "Processors": [{"Configuration":)"
                         R"( {"Lambda": {"ResourceArn": "arn:l"}}}]})"),
            (Arns{"arn:a"}));
}

}  // namespace
}  // namespace carillon::api::protocol
