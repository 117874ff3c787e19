// What is recorded of push notifications: for whom, why not, and in steps where a channel is large.
#include "api/push_notifications.h"

#include <gtest/gtest.h>

#include "api/admin/listings.h"
#include "api/flow_events.h"
#include "api/limits.h"
#include "store/app_instance_user_endpoints.h"
#include "store/app_instances.h"
#include "store/channel_memberships.h"
#include "store/channels.h"
#include "store/push_notifications.h"
#include "tests/component/conversation.h"
#include "tests/support/header_map.h"

namespace carillon::tests {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view kPush = R"({"Title": "Hi", "Body": "there", "Type": "DEFAULT"})";

class PushNotificationsTest : public ::testing::Test {
 protected:
  PushNotificationsTest() {
    talk_.make("CreateAppInstance", R"({"Name": "n"})", "AppInstanceArn", "app_instance");
    for (const char* name : {"alice", "bob", "carol"}) make_user(name);
    talk_.make("CreateChannel",
               R"({"AppInstanceArn": "${app_instance}", "Name": "n", "ChimeBearer": "${alice}"})",
               "ChannelArn", "channel");
    for (const char* name : {"bob", "carol"}) add_member(name);
  }

  void make_user(const std::string& name) {
    talk_.make("CreateAppInstanceUser",
               R"({"AppInstanceArn": "${app_instance}", "Name": "n", "AppInstanceUserId": ")" +
                   name + "\"}",
               "AppInstanceUserArn", name);
  }
  void add_member(const std::string& name, const std::string& type = "DEFAULT") {
    talk_.make("CreateChannelMembership", R"({"ChannelArn": "${channel}", "MemberArn": "${)" +
                                              name + R"(}", "Type": ")" + type +
                                              R"(", "ChimeBearer": "${alice}"})");
  }
  // Its id becomes the variable "<user>_<device>".
  void add_endpoint(const std::string& user, const std::string& device,
                    const std::string& type = "GCM", const std::string& more_attributes = "") {
    talk_.make("RegisterAppInstanceUserEndpoint",
               R"({"AppInstanceUserArn": "${)" + user + R"(}", "Type": ")" + type +
                   R"(", "ResourceArn": "arn:aws:mobiletargeting:us-east-1:1:apps/a",)" +
                   R"( "EndpointAttributes": {"DeviceToken": ")" + user + " " + device + "\"" +
                   more_attributes + "}}",
               "EndpointId", user + "_" + device);
  }
  void prefer(const std::string& user, const std::string& preferences) {
    talk_.make("PutChannelMembershipPreferences",
               R"({"ChannelArn": "${channel}", "MemberArn": "${)" + user +
                   R"(}", "ChimeBearer": "${)" + user +
                   R"(}", "Preferences": {"PushNotifications": )" + preferences + "}}");
  }
  // Sends as alice; `more` are further members. Its id becomes the variable "message".
  void send(const std::string& more, const std::string& persistence = "PERSISTENT") {
    talk_.make(
        "SendChannelMessage",
        R"({"ChannelArn": "${channel}", "Content": "c", "Type": "STANDARD", "Persistence": ")" +
            persistence + R"(", "ChimeBearer": "${alice}")" + more + "}",
        "MessageId", "message");
  }
  static std::string with_push(std::string_view push = kPush) {
    return R"(, "PushNotification": )" + std::string(push);
  }

  api::HttpResponse list(const std::string& query = "") {
    api::HttpResponse response;
    const std::string target = "/_carillon/push-notifications" + fill_in(query, talk_.variables);
    talk_.service.write([&](api::Call&, store::WriteTx& tx) {
      response = api::admin::list_push_notifications(tx, {"GET", target, HeaderMap(), ""});
    });
    return response;
  }
  // Of all that is recorded, oldest first: the token of the device, which begins with the user's
  // name, and the reason if it was suppressed.
  Texts outcomes(const std::string& query = "") {
    const api::HttpResponse response = list(query);
    EXPECT_EQ(response.status, 200) << response.body;
    const api::json::Document document(response.body);
    const auto rows = document.root().find("PushNotifications");
    Texts result;
    for (std::size_t i = rows.size(); i-- > 0;) {
      const auto row = rows.at(i);
      const auto token = row.find("Endpoint").find("DeviceToken");
      std::string text(token.is_null() ? "-" : token.string());
      const bool sent = row.find("Outcome").string() == "SENT";
      EXPECT_EQ(sent, row.find("Reason").is_null()) << response.body;
      if (!sent) text.append(": ").append(row.find("Reason").string());
      result.push_back(text);
    }
    return result;
  }

  // A flow of `processors` processors for the channel.
  void associate_flow(int processors = 1) {
    std::string list;
    for (int i = 1; i <= processors; ++i) {
      list += std::string(i == 1 ? "" : ", ") + R"({"Name": "p", "ExecutionOrder": )" +
              std::to_string(i) +
              R"(, "FallbackAction": "ABORT", "Configuration": {"Lambda": {"InvocationType": )" +
              R"("ASYNC", "ResourceArn": "arn:aws:lambda:us-east-1:111122223333:function:p"}}})";
    }
    talk_.make(
        "CreateChannelFlow",
        R"({"AppInstanceArn": "${app_instance}", "Name": "f", "Processors": [)" + list + "]}",
        "ChannelFlowArn", "flow");
    talk_.make("AssociateChannelFlow",
               R"({"ChannelArn": "${channel}", "ChannelFlowArn": "${flow}", )"
               R"("ChimeBearer": "${alice}"})");
  }
  std::string next_callback_id() {
    for (const api::Effect& effect : talk_.service.take_effects()) {
      if (const auto* invocation = std::get_if<api::InvokeProcessor>(&effect)) {
        return invocation->callback_id;
      }
    }
    ADD_FAILURE() << "no processor was invoked";
    return "";
  }
  void call_back(const std::string& message_members = "", const std::string& more = "") {
    talk_.variables["callback"] = next_callback_id();
    talk_.make("ChannelFlowCallback",
               R"({"CallbackId": "${callback}", "ChannelArn": "${channel}")" + more +
                   R"(, "ChannelMessage": {"MessageId": "${message}")" + message_members + "}}");
  }

  // `count` more members with an endpoint each, past the operations.
  void add_crowd(int count) {
    talk_.service.write([&](api::Call& call, store::WriteTx& tx) {
      const auto channel = store::find_channel(tx, talk_.variables["channel"]);
      const auto alice = store::find_identity(tx, talk_.variables["alice"]);
      for (int i = 0; i < count; ++i) {
        store::IdentityRow member = *alice;
        member.arn = alice->arn + std::to_string(i);
        const store::RowId id = store::insert_identity(tx, member);
        store::insert_membership(tx, channel->id, id, "DEFAULT", alice->id, call.now_ms);
        store::EndpointRow endpoint;
        endpoint.user_id = id;
        endpoint.endpoint_id = "e" + std::to_string(i);
        endpoint.type = "GCM";
        endpoint.attributes = R"({"DeviceToken": "crowd"})";
        endpoint.allow_messages = "ALL";
        store::insert_endpoint(tx, endpoint);
      }
    });
  }
  std::size_t recorded() {
    std::size_t rows = 0;
    talk_.service.write([&](api::Call&, store::WriteTx& tx) {
      rows = store::list_push_notifications(tx, {.limit = 100'000}).size();
    });
    return rows;
  }
  bool pending() {
    bool result = false;
    talk_.service.write(
        [&](api::Call&, store::WriteTx& tx) { result = api::push_notifications_pending(tx); });
    return result;
  }
  bool step() {
    bool more = false;
    talk_.service.write(
        [&](api::Call&, store::WriteTx& tx) { more = api::record_push_notifications(tx); });
    return more;
  }
  bool asked_for_steps() {
    bool asked = false;
    for (const api::Effect& effect : talk_.service.take_effects()) {
      asked |= std::holds_alternative<api::RecordPushNotifications>(effect);
    }
    return asked;
  }

  Conversation talk_;
};

TEST_F(PushNotificationsTest, NothingIsRecordedWithoutAnEndpoint) {
  send(with_push());
  EXPECT_EQ(outcomes(), Texts{});
  EXPECT_FALSE(asked_for_steps());
}

TEST_F(PushNotificationsTest, NothingIsRecordedWithoutAPushNotification) {
  add_endpoint("bob", "phone");
  send("");
  EXPECT_EQ(outcomes(), Texts{});
  EXPECT_FALSE(pending());
}

TEST_F(PushNotificationsTest, TellsAllThatThereIsToTell) {
  add_endpoint("bob", "phone");
  talk_.service.advance(5'000);
  send(with_push());
  const api::HttpResponse response = list();
  EXPECT_EQ(response.body,
            fill_in(R"({"PushNotifications":[{"ChannelArn":"${channel}","MessageId":"${message}",)"
                    R"("MemberArn":"${bob}","Endpoint":{"EndpointId":"${bob_phone}","Type":"GCM",)"
                    R"("ResourceArn":"arn:aws:mobiletargeting:us-east-1:1:apps/a",)"
                    R"("DeviceToken":"bob phone"},"Outcome":"SENT","PushNotification":)"
                    R"({"Title":"Hi","Body":"there","Type":"DEFAULT"},"Data":)"
                    R"({"chime.message_id":"${message}","chime.channel_arn":"${channel}"},)"
                    R"("CreatedTimestamp":1704067205}]})",
                    talk_.variables));
}

// Documented: the sender as well.
TEST_F(PushNotificationsTest, GoesToEveryEndpointOfEveryMember) {
  make_user("dave");
  make_user("erin");
  add_member("erin", "HIDDEN");
  for (const char* user : {"alice", "bob", "dave", "erin"}) add_endpoint(user, "phone");
  add_endpoint("bob", "watch", "APNS");
  send(with_push());
  EXPECT_EQ(outcomes(), (Texts{"alice phone", "bob phone", "bob watch", "erin phone"}));
}

TEST_F(PushNotificationsTest, WhoLeftOrWasBannedGetsNone) {
  add_endpoint("bob", "phone");
  add_endpoint("carol", "phone");
  talk_.make("DeleteChannelMembership",
             R"({"ChannelArn": "${channel}", "MemberArn": "${bob}", "ChimeBearer": "${alice}"})");
  talk_.make("CreateChannelBan",
             R"({"ChannelArn": "${channel}", "MemberArn": "${carol}", "ChimeBearer": "${alice}"})");
  send(with_push());
  EXPECT_EQ(outcomes(), Texts{});
}

TEST_F(PushNotificationsTest, AnEndpointMayAllowNone) {
  add_endpoint("bob", "phone");
  add_endpoint("bob", "watch");
  talk_.make("UpdateAppInstanceUserEndpoint",
             R"({"AppInstanceUserArn": "${bob}", "EndpointId": "${bob_phone}",)"
             R"( "AllowMessages": "NONE"})");
  send(with_push());
  EXPECT_EQ(outcomes(), (Texts{"bob phone: ENDPOINT_ALLOW_MESSAGES_NONE", "bob watch"}));
}

TEST_F(PushNotificationsTest, PreferencesCount) {
  for (const char* user : {"alice", "bob", "carol"}) add_endpoint(user, "phone");
  prefer("alice", R"({"AllowNotifications": "NONE"})");
  prefer("bob", R"({"AllowNotifications": "ALL", "FilterRule": "{\"mention\": [\"Bob\"]}"})");
  talk_.make("PutChannelMembershipPreferences",
             R"({"ChannelArn": "${channel}", "MemberArn": "${carol}",)"
             R"( "ChimeBearer": "${carol}", "Preferences": {}})");
  send(with_push());
  EXPECT_EQ(outcomes(), (Texts{"alice phone: PREFERENCES_NONE", "bob phone", "carol phone"}));
}

TEST_F(PushNotificationsTest, FilterRulesLookAtTheMessagesAttributes) {
  add_endpoint("bob", "phone");
  add_endpoint("bob", "watch");
  add_endpoint("carol", "phone");
  prefer("bob", R"({"AllowNotifications": "FILTERED", "FilterRule": "{\"mention\": [\"Bob\"]}"})");
  prefer("carol", R"({"AllowNotifications": "FILTERED",)"
                  R"( "FilterRule": "{\"mention\": [{\"anything-but\": [\"Bob\"]}]}"})");
  const Texts to_bob{"bob phone", "bob watch", "carol phone: FILTER_RULE"};
  const Texts to_carol{"bob phone: FILTER_RULE", "bob watch: FILTER_RULE", "carol phone"};
  const std::string of_message = "?message-id=${message}";
  send(with_push() + R"(, "MessageAttributes": {"mention": {"StringValues": ["Al", "Bob"]}})");
  EXPECT_EQ(outcomes(of_message), to_bob);
  send(with_push() + R"(, "MessageAttributes": {"mention": {"StringValues": ["Al"]}})");
  EXPECT_EQ(outcomes(of_message), to_carol);
  send(with_push() + R"(, "MessageAttributes": {"mention": {}})");
  EXPECT_EQ(outcomes(of_message), to_carol);
  send(with_push());
  EXPECT_EQ(outcomes(of_message), to_carol);
}

TEST_F(PushNotificationsTest, ATargetedMessageGoesToItsTargetAlone) {
  for (const char* user : {"alice", "bob", "carol"}) add_endpoint(user, "phone");
  add_endpoint("carol", "watch");
  send(with_push() + R"(, "Target": [{"MemberArn": "${carol}"}])");
  EXPECT_EQ(outcomes(), (Texts{"carol phone", "carol watch"}));
}

TEST_F(PushNotificationsTest, VoipGoesToADeviceTokenOfItsOwn) {
  add_endpoint("bob", "phone", "APNS", R"(, "VoipDeviceToken": "bob voip")");
  add_endpoint("bob", "pad", "APNS_SANDBOX");
  add_endpoint("bob", "robot", "GCM");
  send(with_push(R"({"Type": "VOIP"})"));
  EXPECT_EQ(outcomes(), (Texts{"bob voip", "-: NO_VOIP_DEVICE_TOKEN", "bob robot"}));
  send(with_push("{}"));
  EXPECT_EQ(outcomes("?message-id=${message}"), (Texts{"bob phone", "bob pad", "bob robot"}));
}

TEST_F(PushNotificationsTest, AMessageThatIsNotKeptIsNotifiedOfAsWell) {
  add_endpoint("bob", "phone");
  send(with_push(), "NON_PERSISTENT");
  EXPECT_EQ(outcomes("?message-id=${message}"), Texts{"bob phone"});
  associate_flow();
  send(with_push(), "NON_PERSISTENT");
  EXPECT_EQ(outcomes("?message-id=${message}"), Texts{});
  call_back();
  EXPECT_EQ(outcomes("?message-id=${message}"), Texts{"bob phone"});
}

TEST_F(PushNotificationsTest, OnlyTheFirstDeliveryCounts) {
  add_endpoint("bob", "phone");
  const std::string update =
      R"({"ChannelArn": "${channel}", "MessageId": "${message}", "Content": "new",)"
      R"( "ChimeBearer": "${alice}"})";
  send(with_push());
  talk_.make("UpdateChannelMessage", update);
  associate_flow();
  talk_.make("UpdateChannelMessage", update);
  call_back(with_push());
  EXPECT_EQ(outcomes(), Texts{"bob phone"});
  talk_.make("RedactChannelMessage", R"({"ChannelArn": "${channel}", "MessageId": "${message}",)"
                                     R"( "ChimeBearer": "${alice}"})");
  EXPECT_EQ(outcomes(), Texts{"bob phone"});
}

TEST_F(PushNotificationsTest, AFlowDeliversWhatItsProcessorsLeft) {
  add_endpoint("bob", "phone");
  prefer("bob", R"({"AllowNotifications": "FILTERED", "FilterRule": "{\"kind\": [\"ok\"]}"})");
  associate_flow(2);
  send(with_push());
  EXPECT_EQ(outcomes(), Texts{});
  call_back(R"(, "PushNotification": {"Title": "Masked"})"
            R"(, "MessageAttributes": {"kind": {"StringValues": ["ok"]}})");
  EXPECT_EQ(outcomes(), Texts{});
  talk_.service.advance(7'000);
  call_back();
  EXPECT_EQ(outcomes(), Texts{"bob phone"});
  const api::HttpResponse response = list();
  EXPECT_EQ(Conversation::text(response, "PushNotifications.0.PushNotification.Title"), "Masked");
  EXPECT_EQ(Conversation::text(response, "PushNotifications.0.PushNotification.Body"), "");
  EXPECT_NE(response.body.find(R"("CreatedTimestamp":1704067207)"), std::string::npos);
}

TEST_F(PushNotificationsTest, AProcessorMayAddAPushNotification) {
  add_endpoint("bob", "phone");
  associate_flow();
  send("");
  call_back(with_push());
  EXPECT_EQ(outcomes(), Texts{"bob phone"});
}

TEST_F(PushNotificationsTest, WhatIsDeniedOrFailsIsNotNotifiedOf) {
  add_endpoint("bob", "phone");
  associate_flow();
  send(with_push());
  call_back(with_push(), R"(, "DeleteResource": true)");
  send(with_push());
  const std::string callback_id = next_callback_id();
  talk_.service.write([&](api::Call& call, store::WriteTx& tx) {
    api::report_processor_unreachable(call, tx, callback_id, "refused");
  });
  EXPECT_EQ(outcomes(), Texts{});
}

TEST_F(PushNotificationsTest, ARepeatedRequestIsNotNotifiedOfAgain) {
  add_endpoint("bob", "phone");
  for (int i = 0; i < 2; ++i) send(with_push() + R"(, "ClientRequestToken": "once")");
  EXPECT_EQ(outcomes(), Texts{"bob phone"});
}

TEST_F(PushNotificationsTest, ARequestGoesThroughAFewAndTheRestFollows) {
  add_crowd(600);
  send(with_push());
  // Alice, bob and carol have no endpoint, but are looked at.
  EXPECT_EQ(recorded(), api::kPushReceiversPerStep - 3u);
  EXPECT_TRUE(asked_for_steps());
  const std::string first = talk_.variables["message"];
  send(with_push());
  EXPECT_EQ(recorded(), 2 * (api::kPushReceiversPerStep - 3u));

  // All that a restart finds is in the database.
  EXPECT_TRUE(pending());
  int steps = 1;
  for (; step(); ++steps) EXPECT_LT(steps, 10);
  EXPECT_GE(steps, 4);
  EXPECT_FALSE(pending());
  EXPECT_FALSE(step());
  EXPECT_EQ(recorded(), 1'200u);
  talk_.variables["first"] = first;
  for (const char* query :
       {"?max-results=1000&message-id=${first}", "?max-results=1000&message-id=${message}"}) {
    EXPECT_EQ(outcomes(query), Texts(600, "crowd"));
  }
}

// One member with as many endpoints as nobody has does not make a step larger either.
TEST_F(PushNotificationsTest, ManyEndpointsOfOneMemberAreGoneThroughInStepsToo) {
  for (int i = 0; i < 600; ++i) add_endpoint("bob", "phone");
  add_endpoint("carol", "phone");
  send(with_push() + R"(, "Target": [{"MemberArn": "${bob}"}])");
  EXPECT_EQ(recorded(), static_cast<std::size_t>(api::kPushReceiversPerStep));
  while (step()) {
  }
  EXPECT_EQ(outcomes("?max-results=1000"), Texts(600, "bob phone"));
}

TEST_F(PushNotificationsTest, WhatWaitsEndsWithItsChannel) {
  add_crowd(600);
  send(with_push());
  talk_.make("DeleteChannel", R"({"ChannelArn": "${channel}", "ChimeBearer": "${alice}"})");
  EXPECT_FALSE(step());
  EXPECT_FALSE(pending());
  EXPECT_EQ(outcomes(), Texts{});
}

TEST_F(PushNotificationsTest, TheListTakesFiltersAndPages) {
  for (const char* user : {"alice", "bob", "carol"}) add_endpoint(user, "phone");
  send(with_push());
  const Texts all{"alice phone", "bob phone", "carol phone"};
  EXPECT_EQ(outcomes("?channel-arn=${channel}"), all);
  EXPECT_EQ(outcomes("?member-arn=${bob}"), Texts{"bob phone"});
  EXPECT_EQ(outcomes("?member-arn=${bob}&message-id=${message}&channel-arn=${channel}"),
            Texts{"bob phone"});
  EXPECT_EQ(outcomes("?message-id=other"), Texts{});

  EXPECT_EQ(outcomes("?max-results=2"), (Texts{"bob phone", "carol phone"}));
  talk_.variables["token"] = Conversation::text(list("?max-results=2"), "NextToken");
  EXPECT_EQ(outcomes("?max-results=2&next-token=${token}"), Texts{"alice phone"});
  EXPECT_EQ(Conversation::text(list("?max-results=3"), "NextToken"), "");

  EXPECT_EQ(list("?next-token=${token}&member-arn=${bob}").status, 400);
  EXPECT_EQ(list("?status=SENT").status, 400);
  EXPECT_EQ(list("?member-arn=${channel}").status, 400);
  EXPECT_EQ(list("?channel-arn=${bob}").status, 400);
  EXPECT_EQ(list("?member-arn=${bob}y").status, 404);
  EXPECT_EQ(list("?channel-arn=${channel}y").status, 404);
}

}  // namespace
}  // namespace carillon::tests
