// Push notifications of large channels: what a request leaves is recorded in the background, and at
// the next start if the server ended meanwhile.
#include "store/push_notifications.h"

#include <filesystem>
#include <unistd.h>

#include <gtest/gtest.h>

#include "store/app_instance_user_endpoints.h"
#include "store/app_instances.h"
#include "store/channel_memberships.h"
#include "store/channels.h"
#include "store/connection.h"
#include "store/database.h"
#include "tests/http/flow_fixture.h"

namespace carillon::tests {
namespace {

constexpr int kMembers = 600;

class PushNotificationsTest : public ServerTest {
 protected:
  PushNotificationsTest() { std::filesystem::create_directories(directory_); }
  ~PushNotificationsTest() override {
    server_.reset();
    std::filesystem::remove_all(directory_);
  }

  // A channel whose members have an endpoint each, made while no server runs.
  void fill(bool with_waiting_message) {
    auto database = store::Database::open(directory_);
    store::Connection& connection = database.writer_connection();
    store::WriteTx tx(connection, 1);
    connection.begin_immediate();
    store::AppInstanceRow app_instance;
    app_instance.arn = "arn:aws:chime:us-east-1:000000000000:app-instance/a";
    const store::RowId app_instance_id = store::insert_app_instance(tx, app_instance);
    store::ChannelRow channel;
    channel.app_instance_id = app_instance_id;
    channel.arn = channel_ = app_instance.arn + "/channel/c";
    channel.mode = "UNRESTRICTED";
    channel.privacy = "PUBLIC";
    store::RowId channel_id = 0;
    for (int i = 0; i < kMembers; ++i) {
      store::IdentityRow member;
      member.app_instance_id = app_instance_id;
      member.arn = app_instance.arn + "/user/u" + std::to_string(i);
      const store::RowId id = store::insert_identity(tx, member);
      if (i == 0) {
        sender_ = channel.created_by_arn = member.arn;
        channel_id = store::insert_channel(tx, channel);
      }
      store::insert_membership(tx, channel_id, id, "DEFAULT", id, 1);
      store::EndpointRow endpoint;
      endpoint.user_id = id;
      endpoint.endpoint_id = "e";
      endpoint.type = "GCM";
      endpoint.attributes = R"({"DeviceToken":"t"})";
      endpoint.allow_messages = "ALL";
      store::insert_endpoint(tx, endpoint);
    }
    if (with_waiting_message) {
      store::PushFanOutRow message;
      message.channel_id = channel_id;
      message.message_id = "m";
      message.push_notification = R"({"Title":"t"})";
      store::insert_push_fan_out(tx, message);
    }
    connection.commit();
  }

  void start_with_data() {
    start([this](server::Settings& settings) { settings.data = directory_; });
  }
  std::size_t recorded(const std::string& query) {
    const Answer answer = get("/_carillon/push-notifications?max-results=1000" + query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const api::json::Document document(answer.body);
    return document.root().find("PushNotifications").size();
  }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("carillon-http-push-" + std::to_string(::getpid()));
  std::string channel_;
  std::string sender_;
};

TEST_F(PushNotificationsTest, AreRecordedForAllMembersOfALargeChannel) {
  fill(false);
  start_with_data();
  for (const std::string token : {"first", "second"}) {
    const Answer answer = ask(port(), "POST", "/channels/" + encoded(channel_) + "/messages",
                              R"({"Type":"STANDARD","Persistence":"NON_PERSISTENT","Content":"c",)"
                              R"("PushNotification":{"Title":"t"},"ClientRequestToken":")" +
                                  token + "\"}",
                              sender_);
    ASSERT_EQ(answer.status, 201) << answer.body;
    const std::string query = "&message-id=" + answer.text("MessageId");
    EXPECT_GT(recorded(query), 0u);
    EXPECT_TRUE(eventually([&] { return recorded(query) == kMembers; }));
  }
}

TEST_F(PushNotificationsTest, AreTakenUpWhereTheServerLeftThem) {
  fill(true);
  start_with_data();
  EXPECT_TRUE(eventually([&] { return recorded("&message-id=m") == kMembers; }));
  EXPECT_EQ(recorded("&channel-arn=" + encoded(channel_) + "&member-arn=" + encoded(sender_)), 1u);
}

TEST_F(PushNotificationsTest, AreGoneAfterAReset) {
  fill(true);
  start_with_data();
  ASSERT_TRUE(eventually([&] { return recorded("&message-id=m") == kMembers; }));
  EXPECT_EQ(ask(port(), "POST", "/_carillon/reset").status, 200);
  EXPECT_EQ(recorded(""), 0u);
}

}  // namespace
}  // namespace carillon::tests
