// --sigv4 over sockets: who gets in, and what the log says of those who do not.
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

#include "tests/http/flow_fixture.h"
#include "tests/support/captured_request.h"

namespace carillon::tests {
namespace {

// The time at which the captured request was made: 2026-11-22T14:48:29Z.
class ClockOfTheCapture final : public server::Clock {
 public:
  std::int64_t now_ms() override { return 1'795'358'909'000; }
  std::chrono::milliseconds until(std::int64_t wall_ms) override {
    return std::chrono::milliseconds(std::max<std::int64_t>(0, wall_ms - now_ms()));
  }
};

class AuthenticationTest : public ::testing::Test {
 protected:
  void start(server::SigV4 sigv4) {
    server::Settings settings;
    settings.port = 0;
    settings.sigv4 = sigv4;
    settings.credentials = {{"AKIDEXAMPLE", {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", {}}}};
    log_ = std::make_unique<server::Log>(server::LogLevel::kDebug, server::LogFormat::kText,
                                         ::fileno(log_file_), ::fileno(log_file_));
    server_ = std::make_unique<server::Server>(settings, clock_, *log_, 42);
  }
  ~AuthenticationTest() override {
    server_.reset();
    log_.reset();
    std::fclose(log_file_);
  }

  std::string stop_and_read_log() {
    server_.reset();
    log_.reset();
    std::rewind(log_file_);
    std::string text;
    char buffer[4'096];
    for (std::size_t size; (size = std::fread(buffer, 1, sizeof(buffer), log_file_)) > 0;) {
      text.append(buffer, size);
    }
    return text;
  }

  Answer send_capture(const std::string& body_change = {}) {
    const auto requests = captured_requests(std::string(CARILLON_CAPTURES) +
                                            "/boto3-pyenv-1.43.11__SendChannelMessage.txt");
    const CapturedRequest& request = requests.at(0);
    std::string bytes = request.method + " " + request.target + " HTTP/1.1\r\n";
    for (const std::string& name : request.header_names) {
      bytes += name + ": " + std::string(*request.headers.find(name)) + "\r\n";
    }
    bytes += "\r\n" + request.body;
    if (!body_change.empty()) bytes.replace(bytes.find("STANDARD"), 8, body_change);
    RawClient client(server_->port());
    EXPECT_TRUE(client.send(bytes));
    return client.read_answer().value_or(Answer{});
  }

  ClockOfTheCapture clock_;
  std::FILE* log_file_ = std::tmpfile();
  std::unique_ptr<server::Log> log_;
  std::unique_ptr<server::Server> server_;
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_F(AuthenticationTest, EnforcedLetsInWhatIsSigned) {
  start(server::SigV4::kEnforce);
  // The user that it names does not exist, but the signature is right.
  EXPECT_EQ(send_capture().header("x-amzn-errortype"), "ForbiddenException");
  const Answer altered = send_capture("CONTROL!");
  EXPECT_EQ(altered.status, 403);
  EXPECT_EQ(altered.header("x-amzn-errortype"), "InvalidSignatureException");
  const Answer unsigned_request = ask(server_->port(), "GET", "/app-instances");
  EXPECT_EQ(unsigned_request.status, 403);
  EXPECT_EQ(unsigned_request.header("x-amzn-errortype"), "MissingAuthenticationTokenException");
  EXPECT_EQ(unsigned_request.text("Message"), "Missing Authentication Token");
  // An unknown route does not tell a stranger either that it is unknown.
  EXPECT_EQ(ask(server_->port(), "GET", "/nothing").status, 403);
  // Browsers ask without credentials, and the admin endpoint needs none.
  EXPECT_EQ(ask(server_->port(), "OPTIONS", "/channels").status, 204);
  EXPECT_EQ(ask(server_->port(), "GET", "/_carillon/health").status, 200);

  const std::string log = stop_and_read_log();
  EXPECT_TRUE(contains(log, "canonical_request=\"POST\\n/channels/arn%253Aaws")) << log;
  EXPECT_TRUE(contains(log, "string_to_sign=\"AWS4-HMAC-SHA256\\n20261122T144829Z\\n")) << log;
  EXPECT_FALSE(contains(log, "wJalrXUtnFEMI"));
}

TEST_F(AuthenticationTest, WithAWarningEverybodyIsLetIn) {
  start(server::SigV4::kWarn);
  EXPECT_EQ(send_capture().header("x-amzn-errortype"), "ForbiddenException");
  EXPECT_EQ(ask(server_->port(), "GET", "/app-instances").status, 200);
  const std::string log = stop_and_read_log();
  EXPECT_TRUE(contains(log, "warning a request is not signed as it should be")) << log;
  EXPECT_TRUE(contains(log, "error=MissingAuthenticationTokenException")) << log;
}

TEST_F(AuthenticationTest, OffLooksAtNothing) {
  start(server::SigV4::kOff);
  EXPECT_EQ(send_capture("CONTROL!").header("x-amzn-errortype"), "BadRequestException");
  EXPECT_FALSE(contains(stop_and_read_log(), "signed"));
}

}  // namespace
}  // namespace carillon::tests
