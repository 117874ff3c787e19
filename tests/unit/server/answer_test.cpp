// Answers as bytes.
#include "server/answer.h"

#include <gtest/gtest.h>

#include "tests/support/header_map.h"

namespace carillon::server {
namespace {

AnswerFrame frame() { return {.request_id = "id", .date = "now"}; }

TEST(AnswerTest, HasHeaderAndBody) {
  std::string out;
  append_answer(out, {403, "ForbiddenException", "{\"Code\":\"Forbidden\"}"}, frame());
  EXPECT_EQ(out,
            "HTTP/1.1 403 Forbidden\r\nDate: now\r\nx-amzn-RequestId: id\r\n"
            "x-amzn-ErrorType: ForbiddenException\r\nContent-Type: application/json\r\n"
            "Content-Length: 20\r\nAccess-Control-Allow-Origin: *\r\n"
            "Access-Control-Expose-Headers: x-amzn-ErrorType, x-amzn-RequestId, Date\r\n\r\n"
            "{\"Code\":\"Forbidden\"}");
}

TEST(AnswerTest, SaysWhatTheBodyIs) {
  std::string out;
  append_answer(out, {200, "", "pem", "application/x-pem-file"}, frame());
  EXPECT_NE(out.find("\r\nContent-Type: application/x-pem-file\r\n"), std::string::npos) << out;
}

TEST(AnswerTest, HasNoLengthWithoutContent) {
  std::string out;
  append_answer(out, {204, "", ""}, frame());
  EXPECT_EQ(out.find("Content-"), std::string::npos);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(AnswerTest, SaysTheLengthButKeepsTheBodyForHead) {
  std::string out;
  AnswerFrame head = frame();
  head.head_only = true;
  append_answer(out, {200, "", "{}"}, head);
  EXPECT_NE(out.find("Content-Length: 2\r\n"), std::string::npos);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(AnswerTest, SaysWhatBecomesOfTheConnection) {
  const auto connection = [](bool keep_alive, bool http_1_0) -> std::string {
    std::string out;
    AnswerFrame given = frame();
    given.keep_alive = keep_alive;
    given.http_1_0 = http_1_0;
    append_answer(out, {200, "", "{}"}, given);
    const std::size_t begin = out.find("Connection: ");
    if (begin == std::string::npos) return "";
    return out.substr(begin + 12, out.find('\r', begin) - begin - 12);
  };
  EXPECT_EQ(connection(true, false), "");
  EXPECT_EQ(connection(false, false), "close");
  EXPECT_EQ(connection(true, true), "keep-alive");
  EXPECT_EQ(connection(false, true), "close");
}

TEST(PreflightTest, AllowsWhatIsAskedForAndNamesAuthorization) {
  tests::HeaderMap request{{"Access-Control-Request-Headers", "x-custom\r\nEvil: 1"},
                           {"Access-Control-Request-Private-Network", "true"}};
  std::string out;
  append_preflight_answer(out, request, frame());
  EXPECT_NE(out.find("Access-Control-Allow-Headers: authorization, "), std::string::npos);
  EXPECT_NE(out.find("amz-sdk-request, x-customEvil: 1\r\n"), std::string::npos);
  EXPECT_NE(out.find("Access-Control-Allow-Private-Network: true\r\n"), std::string::npos);
  EXPECT_NE(out.find("Access-Control-Allow-Methods: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n"),
            std::string::npos);
}

TEST(HttpDateTest, IsTheDateInTheFormOfHttp) {
  HttpDate date;
  EXPECT_EQ(date.text(784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date.text(784'111'777'999), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date.text(784'111'778'000), "Sun, 06 Nov 1994 08:49:38 GMT");
}

}  // namespace
}  // namespace carillon::server
