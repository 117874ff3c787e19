// Messaging sessions on the wire: what is let in and what is refused, by which code; that nothing a
// client does harms another session.
#include <atomic>
#include <future>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "api/limits.h"
#include "server/limits.h"
#include "tests/http/flow_fixture.h"
#include "tests/http/session_client.h"

namespace carillon::tests {
namespace {

using namespace std::chrono_literals;

const std::string kEstablished = R"({"Headers":{"x-amz-chime-event-type":"SESSION_ESTABLISHED",)"
                                 R"("x-amz-chime-message-type":"SYSTEM"}})";

class SessionsTest : public FlowTest {
 protected:
  void start_with_channel(const std::function<void(server::Settings&)>& change = {}) {
    start(change);
    make_channel("ABORT");
    ask(port(), "DELETE", "/channels/" + encoded(channel_) + "/channel-flow/" + encoded(flow_arn()),
        {}, user_);
  }
  std::string flow_arn() {
    const Answer answer = ask(port(), "GET", "/channels/" + encoded(channel_), {}, user_);
    const api::json::Document document(answer.body);
    return std::string(document.root().find("Channel").find("ChannelFlowArn").string());
  }
  SessionClient connect(const std::string& more = {}, int receive_bytes = 0) {
    return SessionClient(port(), connect_target(user_, more), receive_bytes);
  }
  // Connected, and told so.
  SessionClient listen() {
    SessionClient client = connect();
    EXPECT_EQ(client.read_text(), kEstablished);
    return client;
  }
  std::string message_request(const std::string& content) {
    static std::atomic<int> token{0};
    const std::string body = R"({"Type":"STANDARD","Persistence":"PERSISTENT","Content":")" +
                             content + R"(","ClientRequestToken":"request-)" +
                             std::to_string(++token) + "\"}";
    return "POST /channels/" + encoded(channel_) + "/messages HTTP/1.1\r\nHost: h\r\n" +
           "x-amz-chime-bearer: " + user_ + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
  void expect_refused(const std::string& target, int code, const std::string& part) {
    SessionClient client(port(), target);
    EXPECT_EQ(client.status(), 101) << target;
    std::string reason;
    EXPECT_EQ(client.read_close(&reason), code) << target;
    EXPECT_NE(reason.find(part), std::string::npos) << reason;
    EXPECT_TRUE(client.raw().closed_by_server());
  }
  std::string health() { return get("/_carillon/health").body; }
};

TEST_F(SessionsTest, TellsEverySessionOfAMember) {
  start_with_channel();
  SessionClient first = listen();
  SessionClient second = listen();
  const std::string id = send_message("hello");
  for (SessionClient* client : {&first, &second}) {
    const std::string text = client->read_text();
    const api::json::Document frame(text);
    EXPECT_EQ(frame.root().find("Headers").find("x-amz-chime-event-type").string(),
              "CREATE_CHANNEL_MESSAGE");
    const api::json::Document payload(frame.root().find("Payload").string());
    EXPECT_EQ(payload.root().find("MessageId").string(), id);
  }
}

TEST_F(SessionsTest, RefusesByAReadableCloseFrame) {
  start_with_channel();
  const std::string nobody = user_ + "nobody";
  expect_refused("/connect", 4401, "userArn");
  expect_refused("/connect?userArn=" + encoded(user_), 4401, "sessionId");
  expect_refused(connect_target(user_, "&prefetch-on=always"), 4401, "prefetch-on");
  expect_refused(connect_target(nobody), 4003, "");
  expect_refused(connect_target("nonsense"), 4003, "");
  expect_refused(connect_target(user_,
                                "&X-Amz-Credential=999999999999%2F20261122%2Fus-east-1%2Fchime"
                                "%2Faws4_request"),
                 4003, "");
  expect_refused(connect_target(user_,
                                "&X-Amz-Credential=k%2F20261122%2Feu-central-1%2Fchime"
                                "%2Faws4_request"),
                 4003, "");
}

TEST_F(SessionsTest, RefusesWhatIsNotSignedAsItMustBe) {
  start_with_channel();
  const std::string user = user_;
  start([](server::Settings& settings) {
    settings.sigv4 = server::SigV4::kEnforce;
    settings.credentials["key"] = {"secret", {}};
  });
  expect_refused(connect_target(user), 4401, "");
  expect_refused(
      connect_target(user,
                     "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=key%2F20200101%2F"
                     "us-east-1%2Fchime%2Faws4_request&X-Amz-Date=20200101T000000Z&X-Amz-Expires=10"
                     "&X-Amz-SignedHeaders=host&X-Amz-Signature=" +
                         std::string(64, '0')),
      4401, "");
}

TEST_F(SessionsTest, AnswersWhatIsNoUpgradeByHttp) {
  start();
  const auto answer_to = [this](const std::string& request) {
    RawClient client(port());
    client.send(request);
    return client.read_answer(request.compare(0, 4, "HEAD") == 0).value_or(Answer{});
  };
  const std::string target = "GET /connect?userArn=u&sessionId=s HTTP/1.1\r\n";
  const Answer plain = answer_to(target + "Host: test\r\n\r\n");
  EXPECT_EQ(plain.status, 426);
  EXPECT_EQ(plain.header("upgrade"), "websocket");
  EXPECT_NE(plain.text("Message").find("ws://"), std::string::npos);
  std::string fields = upgrade_fields();
  fields.replace(fields.find("13"), 2, "12");
  const Answer old = answer_to(target + fields + "\r\n");
  EXPECT_EQ(old.status, 426);
  EXPECT_EQ(old.header("sec-websocket-version"), "13");
  fields = upgrade_fields();
  fields.replace(fields.find("dGhl"), 4, "");
  EXPECT_EQ(answer_to(target + fields + "\r\n").status, 400);
  EXPECT_EQ(
      answer_to(target + upgrade_fields() + "\r\n" + SessionClient::frame(1, "too early")).status,
      400);
  fields = upgrade_fields();
  fields.replace(fields.find("dGhl"), 4, "@@@@");
  EXPECT_EQ(answer_to(target + fields + "\r\n").status, 400);
  EXPECT_EQ(answer_to("POST /connect HTTP/1.1\r\n" + upgrade_fields() + "\r\n").status, 404);
  EXPECT_EQ(answer_to("GET /elsewhere HTTP/1.1\r\n" + upgrade_fields() + "\r\n").status, 404);
  EXPECT_EQ(answer_to("HEAD /connect HTTP/1.1\r\n" + upgrade_fields() + "\r\n").status, 400);
  expect_alive();
}

TEST_F(SessionsTest, AnswersRequestsThatCameBeforeTheUpgrade) {
  start_with_channel();
  RawClient client(port());
  client.send("GET /_carillon/health HTTP/1.1\r\n\r\nGET " + connect_target(user_) +
              " HTTP/1.1\r\n" + upgrade_fields() + "\r\n");
  EXPECT_EQ(client.read_answer()->status, 200);
  EXPECT_EQ(client.read_answer()->status, 101);
  EXPECT_TRUE(client.read_bytes(2));
}

// By the code that the protocol, or docs/fidelity.md, has for it; and others go on.
TEST_F(SessionsTest, EndsSessionsThatSendWhatTheyMustNot) {
  start_with_channel();
  SessionClient other = listen();
  using Frame = WebSocketFrame;
  const std::string huge_length = std::string("\x81\xFF\0\0\0\0\x7F\0\0\0mask", 14);
  const std::string long_ping = "\x89\xFE" + std::string("\x01\0mask", 6);
  const struct {
    const char* what;
    std::string bytes;
    int code;
  } cases[] = {
      {"a text", SessionClient::frame(Frame::kText, "hello"), 1003},
      {"an empty text", SessionClient::frame(Frame::kText, ""), 1003},
      {"a binary frame", SessionClient::frame(Frame::kBinary, "hello"), 1003},
      {"the first piece of a text", SessionClient::frame(Frame::kText, "hel", false), 1003},
      {"a text that claims to be huge", huge_length, 1009},
      {"a frame without mask", std::string("\x81\x02hi"), 1002},
      {"an opcode that is none", SessionClient::frame(3, "x"), 1002},
      {"a reserved bit", std::string("\xC1\x80mask"), 1002},
      {"a continuation of nothing", SessionClient::frame(0, "x"), 1002},
      {"a ping in pieces", SessionClient::frame(Frame::kPing, "x", false), 1002},
      {"a ping that is too long", long_ping, 1002},
      {"a text that is not UTF-8", SessionClient::frame(Frame::kText, "\xFF\xFE"), 1007},
      {"a close frame with half a code", SessionClient::frame(Frame::kClose, "x"), 1002},
      {"a close code that is none", SessionClient::frame(Frame::kClose, "\x03\xED"), 1002},
      {"a close reason that is not UTF-8", SessionClient::frame(Frame::kClose, "\x03\xE8\xFF"),
       1002},
  };
  for (const auto& given : cases) {
    SCOPED_TRACE(given.what);
    SessionClient client = listen();
    ASSERT_TRUE(client.raw().send(given.bytes));
    EXPECT_EQ(client.read_close(), given.code);
  }
  send_message("still there");
  EXPECT_NE(other.read_text().find("still there"), std::string::npos);
}

// Beast does not end the closing handshake that the first frame began when the second one fails.
TEST_F(SessionsTest, EndWithTwoMistakesAtOnce) {
  start_with_channel();
  using Frame = WebSocketFrame;
  const std::string text = SessionClient::frame(Frame::kText, "hello");
  const std::string begun = SessionClient::frame(Frame::kText, "hel", false);
  for (const std::string& bytes :
       {text + SessionClient::frame(3, "x"), begun + text, text + std::string("\x81\x02hi")}) {
    SessionClient client = listen();
    ASSERT_TRUE(client.raw().send(bytes));
    EXPECT_EQ(client.read_close(), 1003);
  }
  EXPECT_TRUE(eventually([this] { return health().find("\"Sessions\":0") != std::string::npos; }));
}

// A clock at which a thread can be held: whoever asks next waits.
class HoldingClock final : public server::Clock {
 public:
  std::int64_t now_ms() override {
    if (armed_.exchange(false)) {
      held_.set_value();
      released_.get_future().wait();
    }
    return clock_.now_ms();
  }
  std::chrono::milliseconds until(std::int64_t wall_ms) override { return clock_.until(wall_ms); }

  void hold_next() { armed_ = true; }
  bool holds() { return held_.get_future().wait_for(kTestDeadline) == std::future_status::ready; }
  void release() {
    if (!std::exchange(is_released_, true)) released_.set_value();
  }

 private:
  server::SystemClock clock_;
  bool is_released_ = false;
  std::atomic<bool> armed_{false};
  std::promise<void> held_;
  std::promise<void> released_;
};

class HeldSessionsTest : public SessionsTest {
 protected:
  server::Clock& clock() override { return holding_clock_; }
  void TearDown() override {
    holding_clock_.release();
    server_.reset();
  }

  // The two connections are on the server's two threads; the first one's thread is held.
  void hold(RawClient& held, RawClient& free) {
    for (RawClient* client : {&held, &free}) {
      ASSERT_TRUE(client->send("GET /_carillon/health HTTP/1.1\r\n\r\n"));
      ASSERT_EQ(client->read_answer().value_or(Answer{}).status, 200);
    }
    holding_clock_.hold_next();
    ASSERT_TRUE(held.send("GET /_carillon/health HTTP/1.1\r\n\r\n"));
    ASSERT_TRUE(holding_clock_.holds());
  }

  HoldingClock holding_clock_;
};

// A close frame that is being sent while the reading side fails: in Beast both then wait for each
// other. The thread is held until both are about to happen.
TEST_F(HeldSessionsTest, EndWhenTheServerClosesAndTheClientFails) {
  start_with_channel();
  std::vector<SessionClient> sessions;
  for (int i = 0; i < 8; ++i) sessions.push_back(listen());
  RawClient held(port());
  RawClient free(port());
  ASSERT_NO_FATAL_FAILURE(hold(held, free));
  EXPECT_TRUE(
      free.send("DELETE /app-instance-users/" + encoded(user_) + " HTTP/1.1\r\nHost: h\r\n\r\n"));
  const auto deleted = free.read_answer();
  for (SessionClient& session : sessions) session.raw().send(SessionClient::frame(3, "no opcode"));
  holding_clock_.release();
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->status, 204) << deleted->body;
  EXPECT_TRUE(eventually([this] { return health().find("\"Sessions\":0") != std::string::npos; }));
}

TEST_F(HeldSessionsTest, WhoeverWritesWaitsForTheThreadThatIsFurthestBehind) {
  start_with_channel();
  SessionClient session = listen();
  RawClient held(port());
  RawClient free(port());
  RawClient with_held(port());  // takes the held thread's turn
  RawClient with_free(port());
  ASSERT_NO_FATAL_FAILURE(hold(held, free));
  for (std::size_t i = 0; i < server::kHubBacklogPause; ++i) {
    ASSERT_TRUE(free.send(message_request("message " + std::to_string(i))));
    ASSERT_EQ(free.read_answer().value_or(Answer{}).status, 201) << i;
  }
  ASSERT_TRUE(free.send(message_request("one too many")));
  auto answer = std::async(std::launch::async, [&] { return free.read_answer(); });
  // It is written.
  EXPECT_TRUE(eventually([&] {
    with_free.send("GET /channels/" + encoded(channel_) + "/messages HTTP/1.1\r\nHost: h\r\n" +
                   "x-amz-chime-bearer: " + user_ + "\r\n\r\n");
    return with_free.read_answer().value_or(Answer{}).body.find("too many") != std::string::npos;
  }));
  EXPECT_EQ(answer.wait_for(0s), std::future_status::timeout);
  holding_clock_.release();
  EXPECT_EQ(answer.get().value_or(Answer{}).status, 201);
}

TEST_F(SessionsTest, SpeaksTheProtocolsControlFrames) {
  start_with_channel();
  SessionClient client = listen();
  ASSERT_TRUE(client.send(WebSocketFrame::kPing, "are you there?"));
  const auto pong = client.read();
  ASSERT_TRUE(pong);
  EXPECT_EQ(pong->opcode, WebSocketFrame::kPong);
  EXPECT_EQ(pong->payload, "are you there?");
  ASSERT_TRUE(client.send(WebSocketFrame::kPong, "unasked"));
  ASSERT_TRUE(client.send(WebSocketFrame::kClose, "\x03\xE8"));
  EXPECT_EQ(client.read_close(), 1000);
  EXPECT_TRUE(client.raw().closed_by_server());
}

TEST_F(SessionsTest, EndsTheSessionsThatAnswerNoPing) {
  start_with_channel([](server::Settings& settings) { settings.session_idle_timeout = 300ms; });
  SessionClient silent = listen();
  SessionClient alive = listen();
  auto answering = std::async(std::launch::async, [&alive] { return alive.read_text(); });
  const auto ping = silent.read();
  ASSERT_TRUE(ping);
  EXPECT_EQ(ping->opcode, WebSocketFrame::kPing);
  // Further pings may come; then the connection ends without a close frame.
  EXPECT_EQ(silent.read_close(), 1006);
  send_message("for who is alive");
  EXPECT_NE(answering.get().find("for who is alive"), std::string::npos);
}

TEST_F(SessionsTest, AUserHasAtMostTen) {
  start_with_channel();
  std::vector<std::unique_ptr<SessionClient>> clients;
  for (int i = 0; i < api::kSessionsOfUserMax; ++i) {
    clients.push_back(std::make_unique<SessionClient>(port(), connect_target(user_)));
    ASSERT_EQ(clients.back()->read_text(), kEstablished);
  }
  expect_refused(connect_target(user_), 4003, "10 sessions");
  clients.pop_back();
  // The server has to notice first.
  EXPECT_TRUE(eventually([this] { return connect().read_text() == kEstablished; }));
}

TEST_F(SessionsTest, EndWithTheirUserAndWithEverything) {
  start_with_channel();
  SessionClient client = listen();
  const std::string user = user_;
  ASSERT_EQ(ask(port(), "DELETE", "/app-instance-users/" + encoded(user_)).status, 204);
  EXPECT_EQ(client.read_close(), 4003);
  expect_refused(connect_target(user), 4003, "");
  start_with_channel();
  SessionClient again = listen();
  ASSERT_EQ(ask(port(), "POST", "/_carillon/reset").status, 200);
  EXPECT_EQ(again.read_close(), 4003);
}

TEST_F(SessionsTest, EndWithTheServerByACodeThatMeansComeBack) {
  start_with_channel();
  SessionClient client = listen();
  SessionClient hanging = listen();
  auto ended = std::async(std::launch::async, [this] { server_->shutdown(); });
  EXPECT_EQ(client.read_close(), 1012);
  // One that does not answer the close frame is not waited for long.
  EXPECT_EQ(ended.wait_for(kTestDeadline), std::future_status::ready);
}

TEST_F(SessionsTest, WhoSaysGoodbyeAndDoesNotReadIsNotWaitedFor) {
  start_with_channel();
  SessionClient client = connect({}, 4 * 1024);
  ASSERT_TRUE(eventually([this] { return health().find("\"Sessions\":1") != std::string::npos; }));
  // More than the sockets hold, less than makes it a slow client.
  for (int i = 0; i < 850; ++i) send_message(std::string(4'000, 'x'));
  ASSERT_TRUE(client.send(WebSocketFrame::kClose, std::string("\x03\xe8", 2)));
  EXPECT_TRUE(eventually([this] { return health().find("\"Sessions\":0") != std::string::npos; }));
  EXPECT_NE(health().find("\"SlowSessionsEnded\":0"), std::string::npos);
}

// Writers that are faster than the server can tell wait for it; who reads is no slow client.
TEST_F(SessionsTest, NobodyIsSlowBecauseManyWrite) {
  start_with_channel([](server::Settings& settings) { settings.io_threads = 1; });
  constexpr int kWriters = 24;
  constexpr int kMessagesOfEach = 60;
  std::vector<SessionClient> sessions;
  for (int i = 0; i < 10; ++i) sessions.push_back(listen());
  const std::string content(4'000, 'x');
  const auto write = [&] {
    std::string requests;
    for (int i = 0; i < kMessagesOfEach; ++i) requests += message_request(content);
    RawClient client(port());
    int answered = 0;
    if (!client.send(requests)) return answered;
    for (auto answer = client.read_answer(); answer; answer = client.read_answer()) {
      if (answer->status == 201 && ++answered == kMessagesOfEach) break;
    }
    return answered;
  };
  std::vector<std::future<int>> writers;
  for (int i = 0; i < kWriters; ++i) writers.push_back(std::async(std::launch::async, write));
  for (int i = 0; i < kWriters * kMessagesOfEach; ++i) {
    const std::string event = sessions.front().read_text();
    ASSERT_NE(event.find("CREATE_CHANNEL_MESSAGE"), std::string::npos) << i << " " << event;
    for (std::size_t other = 1; other < sessions.size(); ++other) {
      ASSERT_EQ(sessions[other].read_text(), event) << i;
    }
  }
  for (auto& writer : writers) EXPECT_EQ(writer.get(), kMessagesOfEach);
  EXPECT_NE(health().find("\"SlowSessionsEnded\":0"), std::string::npos);
}

TEST_F(SessionsTest, WhoReadsTooSlowlyIsClosedAndCountedAndNobodyElseWaits) {
  start_with_channel();
  SessionClient slow = connect({}, 4 * 1024);
  SessionClient fast = listen();
  ASSERT_NE(health().find("\"SlowSessionsEnded\":0"), std::string::npos);
  const std::string content(4'000, 'x');
  std::vector<std::string> sent;
  while (health().find("\"SlowSessionsEnded\":1") == std::string::npos) {
    ASSERT_LT(sent.size(), 20'000U);
    for (int i = 0; i < 100; ++i) {
      sent.push_back(send_message(content));
      ASSERT_NE(fast.read_text().find(sent.back()), std::string::npos);
    }
  }
  // What it had not taken is gone; what it reads is a beginning of all, without a gap.
  std::size_t read = 0;
  ASSERT_EQ(slow.read_text(), kEstablished);
  for (auto frame = slow.read(); frame && frame->opcode == WebSocketFrame::kText;
       frame = slow.read()) {
    ASSERT_NE(frame->payload.find(sent.at(read++)), std::string::npos);
  }
  EXPECT_LT(read, sent.size());
}

// Of many users, in waves, while messages are sent: some say goodbye, some are just gone.
TEST_F(SessionsTest, ThousandsComeAndGo) {
  constexpr int kSessions = 5'000;
  constexpr int kWave = 500;
  start_with_channel();
  std::vector<std::string> users{user_};
  const std::string app_instance = user_.substr(0, user_.find("/user/"));
  while (users.size() < kWave / api::kSessionsOfUserMax) {
    const std::string name = "u" + std::to_string(users.size());
    users.push_back(ask(port(), "POST", "/app-instance-users",
                        R"({"Name":"n","ClientRequestToken":"token-)" + name +
                            R"(","AppInstanceUserId":")" + name + R"(","AppInstanceArn":")" +
                            app_instance + "\"}")
                        .text("AppInstanceUserArn"));
    ASSERT_EQ(ask(port(), "POST", "/channels/" + encoded(channel_) + "/memberships",
                  R"({"Type":"DEFAULT","MemberArn":")" + users.back() + "\"}", user_)
                  .status,
              201);
  }
  for (int begun = 0; begun < kSessions; begun += kWave) {
    std::vector<std::unique_ptr<SessionClient>> wave;
    for (int i = 0; i < kWave; ++i) {
      wave.push_back(std::make_unique<SessionClient>(
          port(), connect_target(users[static_cast<std::size_t>(i) % users.size()])));
    }
    for (const auto& client : wave) ASSERT_EQ(client->read_text(), kEstablished);
    const std::string id = send_message("wave");
    for (std::size_t i = 0; i < wave.size(); ++i) {
      if (i % 3 == 0) {
        ASSERT_NE(wave[i]->read_text().find(id), std::string::npos);
        wave[i]->send(WebSocketFrame::kClose, "\x03\xE8");
      } else if (i % 3 == 1) {
        wave[i]->raw().reset();
      }
    }
    wave.clear();
    ASSERT_TRUE(
        eventually([this] { return health().find("\"Sessions\":0") != std::string::npos; }));
  }
}

}  // namespace
}  // namespace carillon::tests
