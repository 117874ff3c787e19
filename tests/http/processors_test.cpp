// Processors at endpoints of every kind, and what becomes of the messages.

#include <gtest/gtest.h>

#include "tests/http/fake_endpoint.h"
#include "tests/http/flow_fixture.h"

namespace carillon::tests {
namespace {

using namespace std::chrono_literals;

class ProcessorsTest : public FlowTest {
 protected:
  void start_with_endpoint(const std::string& url,
                           const std::function<void(server::Settings&)>& change = {}) {
    start([&](server::Settings& settings) {
      settings.lambda_endpoint = *server::parse_endpoint_url(url);
      if (change) change(settings);
    });
  }
  bool becomes(const std::string& message, const std::string& expected) {
    return eventually([&] { return status(message) == expected; });
  }
};

TEST_F(ProcessorsTest, AreInvokedWithTheEventAndCallBack) {
  FakeEndpoint endpoint(accepted);
  start_with_endpoint(endpoint.url() + "/prefix");
  make_channel("ABORT");
  const std::string message = send_message("hello");
  ASSERT_TRUE(eventually([&] { return endpoint.count() == 1; }));
  const Invocation invocation = endpoint.invocations()[0];
  EXPECT_EQ(invocation.request_line, "POST /prefix/2015-03-31/functions/mask/invocations HTTP/1.1");
  EXPECT_NE(invocation.header.find("X-Amz-Invocation-Type: Event\r\n"), std::string::npos);
  EXPECT_NE(invocation.header.find("Content-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(invocation.header.find("Host: 127.0.0.1:" + std::to_string(endpoint.port()) + "\r\n"),
            std::string::npos);
  EXPECT_NE(invocation.header.find("User-Agent: carillon/"), std::string::npos);
  EXPECT_NE(get("/_carillon/callbacks").body.find("\"Event\":" + invocation.body),
            std::string::npos);
  const api::json::Document event(invocation.body);
  ASSERT_FALSE(event.error()) << invocation.body;
  EXPECT_EQ(event.root().find("ChannelMessage").find("MessageId").string(), message);

  EXPECT_EQ(status(message), "PENDING");
  const Answer answer =
      call_back(std::string(event.root().find("CallbackId").string()), message, "h***o");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(status(message), "SENT");
}

TEST_F(ProcessorsTest, AreNamedAsTheEndpointKnowsThem) {
  FakeEndpoint endpoint(accepted);
  start_with_endpoint(endpoint.url(), [](server::Settings& settings) {
    settings.lambda_name_form = *server::parse_name_form("arn");
    settings.lambda_invocation_type = server::InvocationType::kRequestResponse;
  });
  make_channel("ABORT");
  send_message();
  ASSERT_TRUE(eventually([&] { return endpoint.count() == 1; }));
  EXPECT_EQ(endpoint.invocations()[0].request_line,
            "POST /2015-03-31/functions/" + encoded(kProcessor) + "/invocations HTTP/1.1");
  EXPECT_NE(endpoint.invocations()[0].header.find("X-Amz-Invocation-Type: RequestResponse\r\n"),
            std::string::npos);
}

TEST_F(ProcessorsTest, ThatRanAndFailedAreReached) {
  FakeEndpoint endpoint([](const Invocation&) {
    return "HTTP/1.1 200 OK\r\nX-Amz-Function-Error: Unhandled\r\nContent-Length: 2\r\n\r\n{}";
  });
  start_with_endpoint(endpoint.url());
  make_channel("CONTINUE");
  const std::string message = send_message();
  ASSERT_TRUE(eventually([&] { return callback_text("Invocation") == "ACCEPTED"; }))
      << get("/_carillon/callbacks").body;
  EXPECT_EQ(status(message), "PENDING");
}

// An endpoint that cannot be reached: ABORT fails the message, CONTINUE sends it.
struct Unreachable {
  const char* name;
  const char* answer;  // null: the endpoint is gone
  const char* reason;
};
class UnreachableTest : public ProcessorsTest, public ::testing::WithParamInterface<Unreachable> {};

TEST_P(UnreachableTest, FallbackActionDecides) {
  for (const auto& [fallback, expected] :
       {std::pair("ABORT", "FAILED"), std::pair("CONTINUE", "SENT")}) {
    const char* answer = GetParam().answer;
    auto endpoint = std::make_unique<FakeEndpoint>(
        [answer](const Invocation&) { return std::string(answer == nullptr ? "" : answer); });
    const std::string url = endpoint->url();
    if (answer == nullptr) endpoint.reset();
    start_with_endpoint(url, [](server::Settings& settings) {
      settings.processor_answer_timeout = 100ms;
      settings.processor_connect_timeout = 500ms;
    });
    make_channel(fallback);
    const std::string message = send_message();
    EXPECT_TRUE(becomes(message, expected)) << status(message);
    const Answer callbacks = get("/_carillon/callbacks");
    EXPECT_NE(callbacks.body.find(GetParam().reason), std::string::npos) << callbacks.body;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Endpoints, UnreachableTest,
    ::testing::Values(
        Unreachable{"Gone", nullptr, "Connection refused by 127.0.0.1:"},
        Unreachable{"Silent", "", "No answer within 100ms"},
        Unreachable{"NotFound", "HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\n\r\nno function\n",
                    "HTTP 404 from http://127.0.0.1:"},
        Unreachable{"Broken", "HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n", "HTTP 500 from"},
        Unreachable{"ClosesMidAnswer", "HTTP/1.1 202 Accepted\r\nX: Connection: close",
                    "closed in the middle of the answer"},
        Unreachable{"NoHttp", "SSH-2.0-OpenSSH\r\n\r\n", "not valid HTTP"}),
    [](const auto& test) { return test.param.name; });

TEST_F(ProcessorsTest, AtANameThatDoesNotExistAreUnreachable) {
  start_with_endpoint("http://no-such-host.invalid:9000",
                      [](server::Settings& settings) { settings.processor_connect_timeout = 5s; });
  make_channel("ABORT");
  EXPECT_TRUE(becomes(send_message(), "FAILED"));
  const std::string body = get("/_carillon/callbacks").body;
  EXPECT_TRUE(body.find("no-such-host.invalid") != std::string::npos) << body;
}

TEST_F(ProcessorsTest, KeepConnectionsAndSurviveTheirClosing) {
  FakeEndpoint endpoint(accepted);
  start_with_endpoint(endpoint.url(),
                      [](server::Settings& settings) { settings.processor_concurrency = 1; });
  make_channel("ABORT");
  for (std::size_t i = 1; i <= 3; ++i) {
    send_message();
    ASSERT_TRUE(eventually([&] { return endpoint.count() == i; }));
    ASSERT_TRUE(eventually([&] { return callback_text("Invocation") == "ACCEPTED"; }));
  }
  EXPECT_EQ(endpoint.connections(), 1);
  endpoint.close_after_answer();
  for (std::size_t i = 4; i <= 8; ++i) {
    const std::string message = send_message();
    ASSERT_TRUE(eventually([&] { return endpoint.count() == i; }));
    ASSERT_TRUE(eventually([&] { return callback_text("Invocation") == "ACCEPTED"; }))
        << get("/_carillon/callbacks").body;
    EXPECT_EQ(status(message), "PENDING");
  }
}

TEST_F(ProcessorsTest, AreInvokedNoMoreAtATimeThanAllowed) {
  Gate gate;
  FakeEndpoint endpoint([&](const Invocation& invocation) { return gate.accept(invocation); });
  start_with_endpoint(endpoint.url(),
                      [](server::Settings& settings) { settings.processor_concurrency = 2; });
  make_channel("ABORT");
  for (int i = 0; i < 6; ++i) send_message();
  ASSERT_TRUE(eventually([&] { return endpoint.count() == 2; }));
  expect_alive();
  gate.open();
  EXPECT_TRUE(eventually([&] { return endpoint.count() == 6; }));
  EXPECT_LE(endpoint.concurrent_max(), 2);
}

TEST_F(ProcessorsTest, AreInvokedNoMoreAtATimeWhenTheirTargetIsPutAgain) {
  Gate gate;
  FakeEndpoint endpoint([&](const Invocation& invocation) { return gate.accept(invocation); });
  start();
  make_channel("ABORT");
  const auto put = [&] {
    return ask(port(), "PUT", "/_carillon/processors/mask",
               R"({"Url":")" + endpoint.url() + R"(","Concurrency":1})")
        .status;
  };
  ASSERT_EQ(put(), 200);
  for (int i = 0; i < 3; ++i) send_message();
  ASSERT_TRUE(eventually([&] { return endpoint.count() == 1; }));
  ASSERT_EQ(put(), 200);
  send_message();
  gate.open();
  EXPECT_TRUE(eventually([&] { return endpoint.count() == 4; }));
  EXPECT_EQ(endpoint.concurrent_max(), 1);
}

TEST_F(ProcessorsTest, ThatAreHeldAreInvokedOnceTheyHaveATarget) {
  FakeEndpoint endpoint(accepted);
  start();
  make_channel("ABORT");
  for (int i = 0; i < 300; ++i) send_message();  // more than one page of the database
  EXPECT_EQ(endpoint.count(), 0U);
  const Answer put = ask(port(), "PUT", "/_carillon/processors/" + encoded(kProcessor),
                         R"({"Url":")" + endpoint.url() + R"(","Concurrency":4})");
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_TRUE(eventually([&] { return endpoint.count() == 300; })) << endpoint.count();
  EXPECT_EQ(ask(port(), "DELETE", "/_carillon/processors/" + encoded(kProcessor)).status, 204);
  // A message sent now is held again, and none was invoked twice.
  send_message();
  EXPECT_TRUE(eventually([&] { return callback_text("Invocation") == "HELD"; }))
      << get("/_carillon/callbacks").body;
  EXPECT_EQ(endpoint.count(), 300U);
}

TEST_F(ProcessorsTest, MissNothingWhenTheQueueOverflows) {
  Gate gate;
  FakeEndpoint endpoint([&](const Invocation& invocation) { return gate.accept(invocation); });
  start_with_endpoint(endpoint.url(),
                      [](server::Settings& settings) { settings.processor_concurrency = 8; });
  make_channel("ABORT");
  const int messages = static_cast<int>(server::kInvocationQueueMax) + 200;
  for (int i = 0; i < messages; ++i) send_message();
  gate.open();
  EXPECT_TRUE(eventually([&] { return endpoint.count() >= static_cast<std::size_t>(messages); }))
      << endpoint.count();
  EXPECT_EQ(endpoint.count(), static_cast<std::size_t>(messages));
}

}  // namespace
}  // namespace carillon::tests
