#include "tests/http/flow_fixture.h"

#include "api/protocol/uri.h"

namespace carillon::tests {

std::string encoded(const std::string& arn) { return api::protocol::percent_encode(arn); }

void ServerTest::start(const std::function<void(server::Settings&)>& change) {
  server::Settings settings;
  settings.port = 0;
  settings.io_threads = 2;
  settings.shutdown_timeout = std::chrono::seconds(10);
  if (change) change(settings);
  server_.reset();
  server_ = std::make_unique<server::Server>(settings, clock(), log_, 42);
}

void ServerTest::expect_alive() {
  const Answer answer = get("/_carillon/health");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.text("Status"), "ok");
}

void FlowTest::make_channel(const std::string& fallback_action) {
  const std::string app_instance =
      ask(port(), "POST", "/app-instances", R"({"Name":"a","ClientRequestToken":"app-token"})")
          .text("AppInstanceArn");
  ASSERT_NE(app_instance, "");
  user_ = ask(port(), "POST", "/app-instance-users",
              R"({"AppInstanceUserId":"u","Name":"u","ClientRequestToken":"user-token",)"
              R"("AppInstanceArn":")" +
                  app_instance + "\"}")
              .text("AppInstanceUserArn");
  ASSERT_NE(user_, "");
  const std::string flow =
      ask(port(), "POST", "/channel-flows",
          R"({"Name":"f","ClientRequestToken":"flow-token","AppInstanceArn":")" + app_instance +
              R"(","Processors":[{"Name":"p","ExecutionOrder":1,"FallbackAction":")" +
              fallback_action + R"(","Configuration":{"Lambda":{"ResourceArn":")" + kProcessor +
              R"(","InvocationType":"ASYNC"}}}]})")
          .text("ChannelFlowArn");
  ASSERT_NE(flow, "");
  channel_ = ask(port(), "POST", "/channels",
                 R"({"Name":"c","ClientRequestToken":"channel-token","AppInstanceArn":")" +
                     app_instance + "\"}",
                 user_)
                 .text("ChannelArn");
  ASSERT_NE(channel_, "");
  const Answer associated = ask(port(), "PUT", "/channels/" + encoded(channel_) + "/channel-flow",
                                R"({"ChannelFlowArn":")" + flow + "\"}", user_);
  ASSERT_EQ(associated.status, 200) << associated.body;
}

std::string FlowTest::send_message(const std::string& content) {
  static int token = 0;
  const Answer answer =
      ask(port(), "POST", "/channels/" + encoded(channel_) + "/messages",
          R"({"Type":"STANDARD","Persistence":"PERSISTENT","ClientRequestToken":"token-)" +
              std::to_string(++token) + R"(","Content":")" + content + "\"}",
          user_);
  EXPECT_EQ(answer.status, 201) << answer.body;
  return answer.text("MessageId");
}

std::string FlowTest::status(const std::string& message_id) {
  const Answer answer =
      ask(port(), "GET",
          "/channels/" + encoded(channel_) + "/messages/" + message_id + "?scope=message-status",
          {}, user_);
  const api::json::Document document(answer.body);
  if (answer.status != 200) return "";
  return std::string(document.root().find("Status").find("Value").string());
}

std::string FlowTest::callback_text(std::string_view member) {
  const Answer answer = get("/_carillon/callbacks");
  const api::json::Document document(answer.body);
  const auto callbacks = document.root().find("Callbacks");
  if (callbacks.is_null() || callbacks.size() == 0) return "";
  const auto value = callbacks.at(0).find(member);
  return value.type() == api::json::Type::kString ? std::string(value.string()) : "";
}

Answer FlowTest::call_back(const std::string& callback_id, const std::string& message_id,
                           const std::string& content) {
  return ask(port(), "POST", "/channels/" + encoded(channel_) + "?operation=channel-flow-callback",
             R"({"CallbackId":")" + callback_id + R"(","ChannelMessage":{"MessageId":")" +
                 message_id + R"(","Content":")" + content + "\"}}");
}

}  // namespace carillon::tests
