// Quotas in force: the store is filled up to one below a quota, then two requests are made.
#include <gtest/gtest.h>

#include "store/app_instances.h"
#include "store/channel_flows.h"
#include "store/channel_memberships.h"
#include "store/channel_moderators.h"
#include "store/channels.h"
#include "tests/component/conversation.h"

namespace carillon::tests {
namespace {

api::Options enforcing() {
  api::Options options;
  options.enforce_quotas = true;
  return options;
}

class QuotasTest : public ::testing::Test {
 protected:
  QuotasTest() {
    talk_.make("CreateAppInstance", R"({"Name": "n"})", "AppInstanceArn", "app_instance");
    for (const char* name : {"alice", "bob", "carol"}) {
      talk_.make("CreateAppInstanceUser",
                 R"({"AppInstanceArn": "${app_instance}", "Name": "n", "AppInstanceUserId": ")" +
                     std::string(name) + "\"}",
                 "AppInstanceUserArn", name);
    }
    talk_.make("CreateChannel",
               R"({"AppInstanceArn": "${app_instance}", "Name": "n", "ChimeBearer": "${alice}"})",
               "ChannelArn", "channel");
    talk_.service.write([&](api::Call&, store::WriteTx& tx) {
      app_instance_id_ = store::find_app_instance(tx, talk_.variables["app_instance"])->id;
      channel_id_ = store::find_channel(tx, talk_.variables["channel"])->id;
      alice_id_ = store::find_identity(tx, talk_.variables["alice"])->id;
    });
  }

  // Ids that nothing else has.
  template <typename Insert>
  void fill(int count, Insert insert) {
    talk_.service.write([&](api::Call&, store::WriteTx& tx) {
      for (int i = 0; i < count; ++i) insert(tx, 1'000'000 + i);
    });
  }

  api::HttpResponse call(std::string_view operation, std::string_view input) {
    talk_.service.advance(60'000);  // it is not the rate that is tested
    return talk_.call(operation, input);
  }
  void expect_taken(std::string_view operation, std::string_view input) {
    const api::HttpResponse response = call(operation, input);
    EXPECT_FALSE(response.is_error()) << response.body;
  }
  void expect_refused(std::string_view operation, std::string_view input,
                      const std::string& quota) {
    const api::HttpResponse response = call(operation, input);
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.error_type, "ResourceLimitExceededException");
    EXPECT_EQ(Conversation::text(response, "Message"),
              "The quota is exceeded: at most " + quota + ".");
  }

  Conversation talk_{enforcing()};
  store::RowId app_instance_id_ = 0;
  store::RowId channel_id_ = 0;
  store::RowId alice_id_ = 0;
};

std::string member(const std::string& name) {
  return R"({"ChannelArn": "${channel}", "Type": "DEFAULT", "ChimeBearer": "${alice}",)"
         R"("MemberArn": "${)" +
         name + "}\"}";
}

TEST_F(QuotasTest, AppInstancesOfAnAccountInARegion) {
  for (int i = 1; i < 100; ++i) expect_taken("CreateAppInstance", R"({"Name": "n"})");
  expect_refused("CreateAppInstance", R"({"Name": "n"})", "100 app instances in an account");
  talk_.make("DeleteAppInstance", R"({"AppInstanceArn": "${app_instance}"})");
  expect_taken("CreateAppInstance", R"({"Name": "n"})");
}

TEST_F(QuotasTest, UsersInAnAppInstance) {
  fill(100'000 - 3 - 1, [&](store::WriteTx& tx, store::RowId i) {
    store::IdentityRow row;
    row.app_instance_id = app_instance_id_;
    row.arn = std::to_string(i);
    store::insert_identity(tx, row);
  });
  const auto user = [](const std::string& id) {
    return R"({"AppInstanceArn": "${app_instance}", "Name": "n", "AppInstanceUserId": ")" + id +
           "\"}";
  };
  expect_taken("CreateAppInstanceUser", user("dave"));
  expect_refused("CreateAppInstanceUser", user("erin"), "100000 users in an app instance");
  // What else is wrong is told first.
  EXPECT_EQ(call("CreateAppInstanceUser", user("dave")).error_type, "ConflictException");
}

TEST_F(QuotasTest, Administrators) {
  fill(99, [&](store::WriteTx& tx, store::RowId i) {
    store::insert_admin(tx, app_instance_id_, i, 1);
  });
  const auto admin = [](const std::string& name) {
    return R"({"AppInstanceArn": "${app_instance}", "AppInstanceAdminArn": "${)" + name + "}\"}";
  };
  expect_taken("CreateAppInstanceAdmin", admin("alice"));
  expect_refused("CreateAppInstanceAdmin", admin("bob"), "100 administrators of an app instance");
}

TEST_F(QuotasTest, MembersOfAChannel) {
  fill(10'000 - 1 - 1, [&](store::WriteTx& tx, store::RowId i) {
    store::insert_membership(tx, channel_id_, i, "DEFAULT", alice_id_, 1);
  });
  expect_taken("CreateChannelMembership", member("bob"));
  expect_refused("CreateChannelMembership", member("carol"), "10000 members of a channel");
  EXPECT_EQ(call("CreateChannelMembership", member("bob")).error_type, "ConflictException");
}

TEST_F(QuotasTest, MembershipsOfAUser) {
  store::RowId carol_id = 0;
  talk_.service.write([&](api::Call&, store::WriteTx& tx) {
    carol_id = store::find_identity(tx, talk_.variables["carol"])->id;
  });
  fill(20'000, [&](store::WriteTx& tx, store::RowId i) {
    store::insert_membership(tx, i, carol_id, "DEFAULT", alice_id_, 1);
  });
  expect_refused("CreateChannelMembership", member("carol"), "20000 memberships of a user");
  expect_refused("CreateChannel",
                 R"({"AppInstanceArn": "${app_instance}", "Name": "n", "ChimeBearer": "${bob}",
                     "MemberArns": ["${carol}"]})",
                 "20000 memberships of a user");
}

TEST_F(QuotasTest, ModeratorsOfAChannel) {
  fill(999 - 1, [&](store::WriteTx& tx, store::RowId i) {
    store::insert_moderator(tx, channel_id_, i, alice_id_, 1);
  });
  const auto moderator = [](const std::string& name) {
    return R"({"ChannelArn": "${channel}", "ChimeBearer": "${alice}",)"
           R"("ChannelModeratorArn": "${)" +
           name + "}\"}";
  };
  expect_taken("CreateChannelModerator", moderator("bob"));
  expect_refused("CreateChannelModerator", moderator("carol"), "1000 moderators of a channel");
}

TEST_F(QuotasTest, EndpointsOfAUser) {
  const std::string endpoint =
      R"({"AppInstanceUserArn": "${alice}", "Type": "APNS", "ResourceArn":
          "arn:aws:mobiletargeting:us-east-1:000000000000:apps/a/channels/apns",
          "EndpointAttributes": {"DeviceToken": "t"}})";
  for (int i = 0; i < 10; ++i) expect_taken("RegisterAppInstanceUserEndpoint", endpoint);
  expect_refused("RegisterAppInstanceUserEndpoint", endpoint, "10 endpoints of a user");
}

// A batch takes those for whom there is room.
TEST_F(QuotasTest, ABatchStopsAtTheQuota) {
  fill(10'000 - 1 - 1, [&](store::WriteTx& tx, store::RowId i) {
    store::insert_membership(tx, channel_id_, i, "DEFAULT", alice_id_, 1);
  });
  const api::HttpResponse response =
      call("BatchCreateChannelMembership",
           R"({"ChannelArn": "${channel}", "MemberArns": ["${bob}", "${carol}"],)"
           R"("ChimeBearer": "${alice}"})");
  EXPECT_FALSE(response.is_error()) << response.body;
  EXPECT_EQ(Conversation::text(response, "BatchChannelMemberships.Members.0.Arn"),
            talk_.variables["bob"]);
  EXPECT_EQ(Conversation::text(response, "BatchChannelMemberships.Members.1.Arn"), "");
  EXPECT_EQ(Conversation::text(response, "Errors.0.MemberArn"), talk_.variables["carol"]);
  EXPECT_EQ(Conversation::text(response, "Errors.0.ErrorCode"), "ResourceLimitExceeded");
  // The one too many is no member.
  EXPECT_TRUE(call("DescribeChannelMembership",
                   R"({"ChannelArn": "${channel}", "MemberArn": "${carol}",)"
                   R"("ChimeBearer": "${alice}"})")
                  .is_error());
}

std::string flow(int processors) {
  std::string list;
  for (int i = 1; i <= processors; ++i) {
    list += std::string(i > 1 ? "," : "") + R"({"Name": "p", "ExecutionOrder": )" +
            std::to_string(i) +
            R"(, "FallbackAction": "ABORT", "Configuration": {"Lambda": {"InvocationType": "ASYNC",
               "ResourceArn": "arn:aws:lambda:us-east-1:000000000000:function:f"}}})";
  }
  return R"("Name": "n", "Processors": [)" + list + "]}";
}

TEST_F(QuotasTest, ChannelFlowsAndTheirProcessors) {
  const std::string app_instance = R"({"AppInstanceArn": "${app_instance}", )";
  talk_.make("CreateChannelFlow", app_instance + flow(1), "ChannelFlowArn", "flow");
  fill(98, [&](store::WriteTx& tx, store::RowId i) {
    store::ChannelFlowRow row;
    row.app_instance_id = app_instance_id_;
    row.arn = std::to_string(i);
    store::insert_channel_flow(tx, row, {});
  });
  expect_taken("CreateChannelFlow", app_instance + flow(1));
  expect_refused("CreateChannelFlow", app_instance + flow(1),
                 "100 channel flows in an app instance");
  expect_refused("CreateChannelFlow", app_instance + flow(2), "1 processors of a channel flow");
  // It does not model ResourceLimitExceeded.
  const auto update = call("UpdateChannelFlow", R"({"ChannelFlowArn": "${flow}", )" + flow(2));
  EXPECT_EQ(update.error_type, "BadRequestException");
}

// A request that is throttled changes nothing, and counts against nothing.
TEST_F(QuotasTest, RatesAreKept) {
  talk_.service.advance(60'000);
  const std::string message =
      R"({"ChannelArn": "${channel}", "Content": "hello", "Type": "STANDARD",)"
      R"("Persistence": "PERSISTENT", "ChimeBearer": "${alice}"})";
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(talk_.call("SendChannelMessage", message).is_error());
  const api::HttpResponse refused = talk_.call("SendChannelMessage", message);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.error_type, "ThrottledClientException");
  EXPECT_EQ(Conversation::text(refused, "Code"), "Throttled");
  EXPECT_EQ(Conversation::text(refused, "Message"),
            "Rate exceeded: at most 10 a second, of requests of one ChimeBearer.");
  talk_.service.advance(100);
  EXPECT_FALSE(talk_.call("SendChannelMessage", message).is_error());
  EXPECT_TRUE(talk_.call("SendChannelMessage", message).is_error());
}

TEST(QuotasOff, NothingIsLimited) {
  Conversation talk;
  for (int i = 0; i < 101; ++i) {
    EXPECT_FALSE(talk.call("CreateAppInstance", R"({"Name": "n"})").is_error());
  }
}

}  // namespace
}  // namespace carillon::tests
