// Clients that dawdle: each wait of the server has an end.
#include <thread>

#include <gtest/gtest.h>

#include "tests/http/flow_fixture.h"

namespace carillon::tests {
namespace {

using namespace std::chrono_literals;

class SlowClientTest : public ServerTest {};

TEST_F(SlowClientTest, GetsItsAnswerWhenTheRequestDripsInTime) {
  start();
  RawClient client(port());
  for (const char c : std::string("GET /_carillon/health HTTP/1.1\r\nHost: h\r\n\r\n")) {
    ASSERT_TRUE(client.send({&c, 1}));
  }
  EXPECT_EQ(client.read_answer()->status, 200);
}

TEST_F(SlowClientTest, IsToldWhenTheRequestDripsForTooLong) {
  start([](server::Settings& settings) { settings.read_timeout = 100ms; });
  RawClient client(port());
  const auto begin = std::chrono::steady_clock::now();
  // A byte now and then must not extend the deadline.
  std::optional<Answer> answer;
  while (client.send("G") && std::chrono::steady_clock::now() - begin < 400ms) pause_briefly();
  answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  EXPECT_NE(answer->text("Message").find("100ms"), std::string::npos) << answer->body;
}

TEST_F(SlowClientTest, IsToldWhenTheBodyDoesNotCome) {
  start([](server::Settings& settings) { settings.read_timeout = 50ms; });
  RawClient client(port());
  ASSERT_TRUE(client.send("POST /app-instances HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  client.end_sending();
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(get("/_carillon/health").status, 200);
}

TEST_F(SlowClientTest, HasTheWholeTimeAfterABlankLineBetweenRequests) {
  start([](server::Settings& settings) { settings.read_timeout = 300ms; });
  RawClient client(port());
  ASSERT_TRUE(client.send("GET /_carillon/health HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(client.read_answer()->status, 200);
  ASSERT_TRUE(client.send("\r\n"));
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < 400ms) pause_briefly();
  ASSERT_TRUE(client.send("GET /_carillon/health "));
  pause_briefly();
  ASSERT_TRUE(client.send("HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(client.read_answer()->status, 200);
}

TEST_F(SlowClientTest, IsClosedQuietlyWhenIdle) {
  start([](server::Settings& settings) { settings.idle_timeout = 50ms; });
  RawClient fresh(port());
  EXPECT_TRUE(fresh.closed_by_server());
  RawClient used(port());
  ASSERT_TRUE(used.send("GET /_carillon/health HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(used.read_answer()->status, 200);
  EXPECT_TRUE(used.closed_by_server());
}

TEST_F(SlowClientTest, DoesNotHoldUpOthers) {
  start([](server::Settings& settings) {
    settings.io_threads = 1;
    settings.shutdown_timeout = 200ms;
  });
  RawClient dawdling(port());
  ASSERT_TRUE(dawdling.send("POST /app-instances HTTP/1.1\r\nContent-Length: 5\r\n\r\n"));
  // Takes none of its answers: what it asks for fills the socket's buffers.
  RawClient deaf(port());
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "GET /_carillon/nowhere HTTP/1.1\r\n\r\n";
  std::thread sender([&] { deaf.send(many); });
  for (int i = 0; i < 20; ++i) expect_alive();
  server_.reset();  // and does not hold up the end
  sender.join();
}

}  // namespace
}  // namespace carillon::tests
