// A server in this process, and what a channel flow needs: app instance, user, flow, channel.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "server/clock.h"
#include "server/log.h"
#include "server/server.h"
#include "tests/http/raw_client.h"

namespace carillon::tests {

class ServerTest : public ::testing::Test {
 protected:
  // Starts the server anew; `change` has the last word on its settings.
  void start(const std::function<void(server::Settings&)>& change = {});
  std::uint16_t port() const { return server_->port(); }
  Answer get(const std::string& target) { return ask(port(), "GET", target); }
  // Health, by a connection of its own: the server still works.
  void expect_alive();

  virtual server::Clock& clock() { return clock_; }

  server::SystemClock clock_;
  server::Log log_{server::LogLevel::kOff, server::LogFormat::kText};
  std::unique_ptr<server::Server> server_;
};

class FlowTest : public ServerTest {
 protected:
  static constexpr const char* kProcessor =
      "arn:aws:lambda:us-east-1:111122223333:function:mask:live";

  // Needs a started server. Makes an app instance with a user and a channel with a channel flow of
  // one processor.
  void make_channel(const std::string& fallback_action);
  // Returns the message's id.
  std::string send_message(const std::string& content = "hello");
  // SENT, PENDING, FAILED or "" when there is no such message.
  std::string status(const std::string& message_id);
  // The first of the admin endpoint's callbacks, a string member of it.
  std::string callback_text(std::string_view member);
  Answer call_back(const std::string& callback_id, const std::string& message_id,
                   const std::string& content);

  std::string user_;
  std::string channel_;
};

std::string encoded(const std::string& arn);

}  // namespace carillon::tests
