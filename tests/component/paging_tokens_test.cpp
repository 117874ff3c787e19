// NextTokens that are foreign, altered or of another operation: for every operation of the model
// that has one. A new List operation is in this test as soon as it is implemented.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "api/protocol/model.h"
#include "tests/component/conversation.h"

namespace carillon::tests {
namespace {

using api::protocol::Operation;

// Elastic channels have no sub-channels yet.
constexpr std::string_view kNeverTwoRows = "ListSubChannels";

bool has_member(const Operation& operation, std::string_view name) {
  return std::any_of(operation.input->members.begin(), operation.input->members.end(),
                     [&](const auto& member) { return member.name == name; });
}

std::vector<const Operation*> paging_operations() {
  std::vector<const Operation*> found;
  for (const Operation& operation : api::protocol::operations()) {
    if (operation.make_invocation != nullptr && has_member(operation, "NextToken")) {
      found.push_back(&operation);
    }
  }
  return found;
}

// Two of everything that can be listed, in each of two app instances.
class ListsInMemory : public Conversation {
 public:
  ListsInMemory() {
    fill_app_instance("");
    fill_app_instance("other_");
  }

  // A valid input of the operation, about the one or the other app instance, as text without the
  // closing brace.
  static std::string input(const Operation& operation, const std::string& which) {
    static const std::vector<std::pair<std::string_view, std::string>> kValues{
        {"AppInstanceArn", "\"${app_instance}\""},
        {"AppInstanceUserArn", "\"${admin}\""},
        {"ChannelArn", "\"${channel}\""},
        {"ChannelFlowArn", "\"${flow}\""},
        {"ChimeBearer", "\"${admin}\""},
        {"Fields", R"([{"Key": "MEMBERS", "Operator": "INCLUDES", "Values": ["${admin}"]}])"},
    };
    std::string text = R"({"MaxResults": 1)";
    for (const auto& [name, value] : kValues) {
      if (!has_member(operation, name)) continue;
      std::string named = value;
      if (operation.name == kNeverTwoRows && name == "ChannelArn") named = "\"${elastic_channel}\"";
      if (const auto at = named.find("${"); at != std::string::npos) named.insert(at + 2, which);
      text += ", \"" + std::string(name) + "\": " + named;
    }
    return text;
  }

 private:
  // Operations that are planned make nothing.
  void make_if_it_can(std::string_view operation, const std::string& input) {
    const auto known = api::protocol::operations();
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const Operation& it) { return it.name == operation; });
    if (found != known.end() && found->make_invocation != nullptr) {
      make(operation, input);
    }
  }

  void fill_app_instance(const std::string& which) {
    const auto named = [&](std::string text) {
      for (auto at = text.find("${"); at != std::string::npos; at = text.find("${", at + 2)) {
        text.insert(at + 2, which);
      }
      return text;
    };
    make("CreateAppInstance", R"({"Name": "n"})", "AppInstanceArn", which + "app_instance");
    for (const char* user : {"admin", "bob", "carol", "dave", "erin"}) {
      make("CreateAppInstanceUser",
           named(R"({"AppInstanceArn": "${app_instance}", "Name": "n", "AppInstanceUserId": ")") +
               user + "\"}",
           "AppInstanceUserArn", which + user);
    }
    for (const char* admin : {"admin", "bob"}) {
      make("CreateAppInstanceAdmin",
           named(R"({"AppInstanceArn": "${app_instance}", "AppInstanceAdminArn": "${)" +
                 std::string(admin) + "}\"}"));
    }
    for (int i = 1; i <= 2; ++i) {
      make_if_it_can("CreateAppInstanceBot", named(R"({"AppInstanceArn": "${app_instance}",
          "Name": "n", "Configuration": {"Lex": {"LocaleId": "en_US", "LexBotAliasArn":
          "arn:aws:lex:us-east-1:000000000000:bot-alias/AAAAAAAAAA/BBBBBBBBBB"}}})"));
      make_if_it_can("RegisterAppInstanceUserEndpoint",
                     named(R"({"AppInstanceUserArn": "${admin}", "Type": "APNS", "ResourceArn":
          "arn:aws:mobiletargeting:us-east-1:000000000000:apps/a/channels/apns",
          "EndpointAttributes": {"DeviceToken": "t)" +
                           std::to_string(i) + R"("}})"));
      make("CreateChannelFlow", named(R"({"AppInstanceArn": "${app_instance}", "Name": "n",
          "Processors": [{"Name": "p", "ExecutionOrder": 1, "FallbackAction": "ABORT",
          "Configuration": {"Lambda": {"InvocationType": "ASYNC", "ResourceArn":
          "arn:aws:lambda:us-east-1:000000000000:function:f"}}}]})"),
           "ChannelFlowArn", which + "flow");
    }
    for (int i = 1; i <= 2; ++i) {
      make("CreateChannel", named(R"({"AppInstanceArn": "${app_instance}", "Name": "n",
          "ChimeBearer": "${admin}", "MemberArns": ["${bob}"], "ModeratorArns": ["${bob}"]})"),
           "ChannelArn", which + "channel");
      make("AssociateChannelFlow", named(R"({"ChannelArn": "${channel}", "ChannelFlowArn":
          "${flow}", "ChimeBearer": "${admin}"})"));
      make("SendChannelMessage", named(R"({"ChannelArn": "${channel}", "Content": "hello",
          "Type": "STANDARD", "Persistence": "PERSISTENT", "ChimeBearer": "${admin}"})"));
      make("SendChannelMessage", named(R"({"ChannelArn": "${channel}", "Content": "again",
          "Type": "STANDARD", "Persistence": "PERSISTENT", "ChimeBearer": "${admin}"})"));
    }
    make("CreateChannel", named(R"({"AppInstanceArn": "${app_instance}", "Name": "n",
        "ChimeBearer": "${admin}", "ElasticChannelConfiguration": {"MaximumSubChannels": 2,
        "TargetMembershipsPerSubChannel": 2, "MinimumMembershipPercentage": 20}})"),
         "ChannelArn", which + "elastic_channel");
    for (const char* banned : {"carol", "dave"}) {
      make_if_it_can("CreateChannelBan",
                     named(R"({"ChannelArn": "${channel}", "ChimeBearer": "${admin}",)"
                           R"("MemberArn": "${)" +
                           std::string(banned) + "}\"}"));
    }
  }
};

class PagingTokens : public ::testing::TestWithParam<const Operation*> {
 protected:
  api::HttpResponse list(const Operation& operation, const std::string& which,
                         const std::string& token = {}) {
    std::string input = ListsInMemory::input(operation, which);
    if (!token.empty()) input += ", \"NextToken\": \"" + token + "\"";
    return lists_.call(operation.name, input + "}");
  }

  void expect_bad(const std::string& token) {
    const api::HttpResponse response = list(*GetParam(), "", token);
    EXPECT_EQ(response.status, 400) << "token " << token;
    EXPECT_EQ(response.error_type, "BadRequestException");
    EXPECT_EQ(Conversation::text(response, "Message"),
              "The NextToken is not one that this operation gave for this list. Start again "
              "without it.");
  }

  ListsInMemory lists_;
};

TEST_P(PagingTokens, OfAnotherListOrAlteredAreRefused) {
  const Operation& operation = *GetParam();
  const api::HttpResponse first = list(operation, "");
  ASSERT_EQ(first.status, 200) << first.body;
  const std::string token = Conversation::text(first, "NextToken");
  if (operation.name != kNeverTwoRows) {
    ASSERT_NE(token, "") << first.body;
    const api::HttpResponse second = list(operation, "", token);
    EXPECT_EQ(second.status, 200) << second.body;
    EXPECT_NE(second.body, first.body);
    for (std::size_t i = 0; i < token.size(); ++i) {
      std::string altered = token;
      altered[i] = altered[i] == '0' ? '1' : '0';
      expect_bad(altered);
    }
    expect_bad(token + "0");
    expect_bad(token.substr(0, token.size() - 1));
  }
  expect_bad("x");
  expect_bad(std::string(2'048, 'a'));
  for (const Operation* other : paging_operations()) {
    const bool same = other->name == operation.name;
    // The app instances themselves are one list, whoever asks.
    if (same && operation.name == "ListAppInstances") continue;
    const std::string foreign = Conversation::text(list(*other, same ? "other_" : ""), "NextToken");
    if (!foreign.empty()) expect_bad(foreign);
  }
}

INSTANTIATE_TEST_SUITE_P(All, PagingTokens, ::testing::ValuesIn(paging_operations()),
                         [](const auto& operation) { return std::string(operation.param->name); });

}  // namespace
}  // namespace carillon::tests
