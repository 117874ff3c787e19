// The end of the server: what is under way is finished, what idles is closed, what hangs is cut.
#include <filesystem>
#include <future>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/http/flow_fixture.h"

namespace carillon::tests {
namespace {

using namespace std::chrono_literals;

class ShutdownTest : public FlowTest {
 protected:
  std::future<void> shut_down() {
    return std::async(std::launch::async, [this] { server_->shutdown(); });
  }
};

TEST_F(ShutdownTest, FinishesTheRequestsInFlight) {
  start();
  const std::uint16_t where = port();
  RawClient idle(where);
  ASSERT_TRUE(idle.send("GET /_carillon/health HTTP/1.1\r\n\r\n"));
  ASSERT_EQ(idle.read_answer()->status, 200);
  RawClient busy(where);
  const std::string body = R"({"Name":"n","ClientRequestToken":"token"})";
  ASSERT_TRUE(busy.send("POST /app-instances HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n"));
  ASSERT_EQ(busy.read_answer()->status, 100);

  auto ended = shut_down();
  EXPECT_TRUE(idle.closed_by_server());
  EXPECT_EQ(ended.wait_for(0s), std::future_status::timeout);
  ASSERT_TRUE(busy.send(body));
  const auto answer = busy.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201) << answer->body;
  EXPECT_EQ(answer->header("connection"), "close");
  busy.end_sending();
  EXPECT_EQ(ended.wait_for(kTestDeadline), std::future_status::ready);
  RawClient late(where);
  EXPECT_FALSE(late.send("GET / HTTP/1.1\r\n\r\n"));
}

TEST_F(ShutdownTest, CutsWhatHangs) {
  start([](server::Settings& settings) { settings.shutdown_timeout = 50ms; });
  RawClient hanging(port());
  ASSERT_TRUE(hanging.send("POST /app-instances HTTP/1.1\r\nContent-Length: 5\r\n\r\n"));
  EXPECT_TRUE(eventually([this] {
    return get("/_carillon/health").body.find("\"RequestsInFlight\":2") != std::string::npos;
  }));
  auto ended = shut_down();
  EXPECT_EQ(ended.wait_for(kTestDeadline), std::future_status::ready);
  EXPECT_TRUE(hanging.closed_by_server());
}

TEST_F(ShutdownTest, KeepsWhatIsPendingForTheNextStart) {
  const auto directory =
      std::filesystem::temp_directory_path() / ("carillon-http-test-" + std::to_string(::getpid()));
  std::filesystem::create_directories(directory);
  const auto with_data = [&](server::Settings& settings) { settings.data = directory; };
  start(with_data);
  make_channel("ABORT");
  const std::string message = send_message();
  EXPECT_EQ(status(message), "PENDING");
  start(with_data);
  EXPECT_EQ(status(message), "PENDING");
  const Answer answer = call_back(callback_text("CallbackId"), message, "changed");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(status(message), "SENT");
  server_.reset();
  std::filesystem::remove_all(directory);
}

TEST_F(ShutdownTest, RearmsDeadlinesAtTheNextStart) {
  const auto directory = std::filesystem::temp_directory_path() /
                         ("carillon-http-deadline-" + std::to_string(::getpid()));
  std::filesystem::create_directories(directory);
  const auto with_data = [&](server::Settings& settings) {
    settings.data = directory;
    settings.api.callback_timeout_ms = 300;
    settings.api.callback_expiry = api::CallbackExpiry::kApplyFallback;
  };
  start(with_data);
  make_channel("CONTINUE");
  const std::string message = send_message();
  start(with_data);
  EXPECT_TRUE(eventually([&] { return status(message) == "SENT"; }));
  server_.reset();
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace carillon::tests
