// HTTP as clients may speak it: each gets a correct answer.
#include <gtest/gtest.h>

#include "tests/http/flow_fixture.h"

namespace carillon::tests {
namespace {

constexpr const char* kHealth = "GET /_carillon/health HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr const char* kCreate =
    "POST /app-instances HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";

class ProtocolTest : public ServerTest {
 protected:
  void SetUp() override { start(); }
};

TEST_F(ProtocolTest, EveryAnswerHasRequestIdJsonAndCors) {
  for (const char* target : {"/_carillon/health", "/nowhere", "/_carillon/nowhere", "/channels"}) {
    const Answer answer = get(target);
    EXPECT_EQ(answer.header("x-amzn-requestid").size(), 36U) << target;
    EXPECT_EQ(answer.header("content-type"), "application/json") << target;
    EXPECT_EQ(answer.header("access-control-allow-origin"), "*") << target;
    EXPECT_NE(answer.header("access-control-expose-headers").find("x-amzn-ErrorType"),
              std::string::npos);
    EXPECT_TRUE(answer.body.starts_with('{')) << answer.body;
  }
}

TEST_F(ProtocolTest, KeepsTheConnection) {
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send(kHealth));
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->header("connection"), "");
  }
}

TEST_F(ProtocolTest, TheSessionEndpointIsWhereTheCallerFoundUs) {
  RawClient client(port());
  const std::string host = "chime.example.test:" + std::to_string(port());
  ASSERT_TRUE(
      client.send("GET /endpoints/messaging-session HTTP/1.1\r\nhost:  " + host + " \r\n\r\n"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, R"({"Endpoint":{"Url":")" + host + "\"}}");
}

TEST_F(ProtocolTest, AnswersPipelinedRequestsInOrder) {
  RawClient client(port());
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += "GET /number-" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    // A write goes by way of another thread; what follows must still wait for it.
    const std::string body =
        R"({"Name":"n","ClientRequestToken":"token-)" + std::to_string(i) + "\"}";
    requests += kCreate + ("Content-Length: " + std::to_string(body.size())) + "\r\n\r\n" + body;
  }
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 200; ++i) {
    const auto unknown = client.read_answer();
    ASSERT_TRUE(unknown);
    EXPECT_EQ(unknown->status, 404);
    EXPECT_NE(unknown->body.find("/number-" + std::to_string(i)), std::string::npos);
    const auto created = client.read_answer();
    ASSERT_TRUE(created);
    EXPECT_EQ(created->status, 201) << created->body;
  }
}

TEST_F(ProtocolTest, SendsContinueWhenAskedTo) {
  RawClient client(port());
  const std::string body = R"({"Name":"n","ClientRequestToken":"token"})";
  ASSERT_TRUE(client.send(
      kCreate + ("Expect: 100-continue\r\nContent-Length: " + std::to_string(body.size())) +
      "\r\n\r\n"));
  const auto interim = client.read_answer();
  ASSERT_TRUE(interim);
  EXPECT_EQ(interim->status, 100);
  ASSERT_TRUE(client.send(body));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201);
}

TEST_F(ProtocolTest, RefusesOtherExpectations) {
  RawClient client(port());
  ASSERT_TRUE(client.send(kCreate + std::string("Expect: miracles\r\nContent-Length: 5\r\n\r\n")));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 417);
}

TEST_F(ProtocolTest, TakesChunkedBodies) {
  RawClient client(port());
  ASSERT_TRUE(client.send(kCreate + std::string("Transfer-Encoding: chunked\r\n\r\n"
                                                "8\r\n{\"Name\":\r\n"
                                                "20\r\n\"n\",\"ClientRequestToken\":\"token\"\r\n"
                                                "1\r\n}\r\n0\r\n\r\n")));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201) << answer->body;
}

TEST_F(ProtocolTest, ClosesAfterHttp10UnlessAskedToKeep) {
  RawClient closing(port());
  ASSERT_TRUE(closing.send("GET /_carillon/health HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(closing.read_answer()->header("connection"), "close");
  EXPECT_TRUE(closing.closed_by_server());

  RawClient keeping(port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(keeping.send("GET /_carillon/health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    EXPECT_EQ(keeping.read_answer()->header("connection"), "keep-alive");
  }
}

TEST_F(ProtocolTest, ClosesWhenAskedTo) {
  RawClient client(port());
  ASSERT_TRUE(client.send("GET /_carillon/health HTTP/1.1\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(client.read_answer()->header("connection"), "close");
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ProtocolTest, AnswersAClientThatHasEndedSending) {
  RawClient client(port());
  ASSERT_TRUE(client.send(std::string(kHealth) + kHealth));
  client.end_sending();
  EXPECT_EQ(client.read_answer()->status, 200);
  EXPECT_EQ(client.read_answer()->status, 200);
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ProtocolTest, AnswersHeadWithoutBody) {
  RawClient client(port());
  ASSERT_TRUE(client.send("HEAD /_carillon/health HTTP/1.1\r\n\r\n" + std::string(kHealth)));
  const auto head = client.read_answer(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_GT(std::stoi(head->header("content-length")), 20);
  const auto next = client.read_answer();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->text("Status"), "ok");
}

TEST_F(ProtocolTest, AnswersPreflights) {
  RawClient client(port());
  ASSERT_TRUE(
      client.send("OPTIONS /channels HTTP/1.1\r\nOrigin: http://app.test\r\n"
                  "Access-Control-Request-Method: POST\r\n"
                  "Access-Control-Request-Headers: x-amz-chime-bearer,x-other\r\n\r\n"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(answer->header("access-control-allow-origin"), "*");
  EXPECT_TRUE(answer->header("access-control-allow-headers").starts_with("authorization"));
  EXPECT_TRUE(answer->header("access-control-allow-headers").ends_with("x-other"));
  EXPECT_NE(answer->header("access-control-allow-methods").find("DELETE"), std::string::npos);
  EXPECT_NE(answer->header("access-control-max-age"), "");
  EXPECT_EQ(answer->body, "");
}

TEST_F(ProtocolTest, TakesTheAbsoluteForm) {
  RawClient client(port());
  ASSERT_TRUE(client.send("GET http://h:1/_carillon/health HTTP/1.1\r\nHost: h:1\r\n\r\n"));
  EXPECT_EQ(client.read_answer()->status, 200);
  ASSERT_TRUE(client.send("GET * HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(client.read_answer()->status, 400);
  ASSERT_TRUE(client.send("CONNECT h:443 HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(client.read_answer()->status, 400);
}

TEST_F(ProtocolTest, NamesTheUnknownOperation) {
  const Answer answer = ask(port(), "BREW", "/coffee%2Fpot?x=1");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.header("x-amzn-errortype"), "UnknownOperationException");
  EXPECT_NE(answer.text("Message").find("BREW /coffee%2Fpot"), std::string::npos);
}

TEST_F(ProtocolTest, SurvivesClientsThatGoAway) {
  for (int i = 0; i < 50; ++i) {
    RawClient client(port());
    client.send(std::string(kCreate) + "Content-Length: 41\r\n\r\n" +
                R"({"Name":"n","ClientRequestToken":"token"})");
    client.reset();
  }
  expect_alive();
}

}  // namespace
}  // namespace carillon::tests
