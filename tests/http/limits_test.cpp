// What is too large, too much or no HTTP at all: a clear error in the documented form, then the end
// of the connection.
#include "server/limits.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/http/flow_fixture.h"

namespace carillon::tests {
namespace {

class LimitsTest : public ServerTest {
 protected:
  // Sends `input`; expects this error, and that the connection ends.
  void expect_refused(const std::string& input, int status, const std::string& type,
                      const std::string& part) {
    RawClient client(port());
    client.send(input);
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << part;
    EXPECT_EQ(answer->status, status) << answer->body;
    EXPECT_EQ(answer->header("x-amzn-errortype"), type);
    EXPECT_EQ(answer->header("connection"), "close");
    EXPECT_NE(answer->text("Code"), "");
    EXPECT_NE(answer->text("Message").find(part), std::string::npos) << answer->body;
    EXPECT_TRUE(client.closed_by_server());
  }
};

TEST_F(LimitsTest, RefusesOversizedHeaders) {
  start();
  expect_refused(
      "GET / HTTP/1.1\r\nA: " + std::string(server::kRequestHeaderBytesMax, 'a') + "\r\n\r\n", 431,
      "BadRequestException", "16384");
  expect_refused("GET /" + std::string(server::kTargetBytesMax, 'a') + " HTTP/1.1\r\n\r\n", 414,
                 "BadRequestException", "15360");
  expect_alive();
}

TEST_F(LimitsTest, RefusesOversizedBodiesWithAnAnswerThatCanBeRead) {
  start();
  const std::string body(server::kRequestBodyBytesMax + 1, 'a');
  // The whole body is on its way when the answer comes: it must not be lost in a reset.
  expect_refused("POST /app-instances HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) +
                     "\r\n\r\n" + body,
                 413, "RequestEntityTooLargeException", "1048576");
  expect_refused("POST /app-instances HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" +
                     body + "\r\n0\r\n\r\n",
                 413, "RequestEntityTooLargeException", "1048576");
  // Told before the body is sent, if the client asks.
  expect_refused(
      "POST /app-instances HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9999999"
      "\r\n\r\n",
      413, "RequestEntityTooLargeException", "1048576");
  expect_alive();
}

TEST_F(LimitsTest, TakesABodyOfExactlyTheLimit) {
  start();
  std::string body = R"({"Name":"n","ClientRequestToken":"token","Metadata":")";
  body += std::string(server::kRequestBodyBytesMax - body.size() - 2, 'a') + "\"}";
  ASSERT_EQ(body.size(), server::kRequestBodyBytesMax);
  const Answer answer = ask(port(), "POST", "/app-instances", body);
  EXPECT_EQ(answer.status, 400);  // Metadata is too long, says the service: it has been read
  EXPECT_NE(answer.text("Message").find("metadata"), std::string::npos) << answer.body;
}

TEST_F(LimitsTest, RefusesWhatIsNoHttp) {
  start();
  expect_refused("hello\r\n\r\n", 400, "BadRequestException", "");
  expect_refused("GET  HTTP/1.1\r\n\r\n", 400, "BadRequestException", "target is empty");
  expect_refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "BadRequestException", "HTTP/1.1");
  expect_refused("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400,
                 "BadRequestException", "Content-Length");
  expect_refused("GET / HTTP/1.1\r\nbad header\r\n\r\n", 400, "BadRequestException", "");
  expect_alive();
}

// Where such a body ends is not known, so nothing after the header may be taken for a request.
TEST_F(LimitsTest, RefusesOtherTransferEncodingsThanChunked) {
  start();
  for (const char* coding :
       {"identity", "gzip", "xchunked", "chunked, identity", "gzip, chunked", "chunked, chunked",
        "chunked;q=1", "", "identity\r\nTransfer-Encoding: chunked"}) {
    expect_refused("POST /_carillon/reset HTTP/1.1\r\nTransfer-Encoding: " + std::string(coding) +
                       "\r\n\r\n0\r\n\r\nGET /_carillon/health HTTP/1.1\r\n\r\n",
                   400, "BadRequestException", "Transfer-Encoding");
  }
  expect_refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
                 "BadRequestException", "Transfer-Encoding");
}

TEST_F(LimitsTest, AnswersWhatCameBeforeTheGarbage) {
  start();
  RawClient client(port());
  ASSERT_TRUE(client.send("GET /_carillon/health HTTP/1.1\r\n\r\n\x01\x02\x03\r\n\r\n"));
  EXPECT_EQ(client.read_answer()->status, 200);
  EXPECT_EQ(client.read_answer()->status, 400);
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(LimitsTest, RefusesARequestThatBreaksOff) {
  start();
  for (const char* start_of_request :
       {"GE", "GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"}) {
    RawClient client(port());
    ASSERT_TRUE(client.send(start_of_request));
    client.end_sending();
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << start_of_request;
    EXPECT_EQ(answer->status, 400);
    EXPECT_NE(answer->text("Message").find("in the middle"), std::string::npos) << answer->body;
    EXPECT_TRUE(client.closed_by_server());
  }
}

TEST_F(LimitsTest, RefusesConnectionsBeyondTheLimit) {
  start([](server::Settings& settings) { settings.connections_max = 2; });
  RawClient first(port());
  RawClient second(port());
  for (RawClient* client : {&first, &second}) {
    ASSERT_TRUE(client->send("GET /_carillon/health HTTP/1.1\r\n\r\n"));
    EXPECT_EQ(client->read_answer()->status, 200);
  }
  expect_refused("GET /_carillon/health HTTP/1.1\r\n\r\n", 503, "ServiceUnavailableException",
                 "--max-connections");
  first.end_sending();
  EXPECT_TRUE(first.closed_by_server());
  EXPECT_TRUE(eventually([this] { return get("/_carillon/health").status == 200; }));
}

TEST_F(LimitsTest, RefusesRequestsBeyondThoseInFlight) {
  start([](server::Settings& settings) { settings.in_flight_max = 1; });
  RawClient busy(port());
  const std::string body = R"({"Name":"n","ClientRequestToken":"token"})";
  ASSERT_TRUE(busy.send("POST /app-instances HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n"));
  ASSERT_EQ(busy.read_answer()->status, 100);  // its body is awaited: it is in flight
  expect_refused("GET /_carillon/health HTTP/1.1\r\n\r\n", 503, "ServiceUnavailableException",
                 "--max-in-flight");
  ASSERT_TRUE(busy.send(body));
  EXPECT_EQ(busy.read_answer()->status, 201);
  expect_alive();
}

}  // namespace
}  // namespace carillon::tests
