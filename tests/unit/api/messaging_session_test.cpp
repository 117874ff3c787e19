// The parts of messaging sessions that need no store: connect requests and frames.
#include "api/messaging_session.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "api/limits.h"
#include "api/protocol/json.h"
#include "tests/support/captured_request.h"
#include "tests/support/header_map.h"

namespace carillon::api {
namespace {

using tests::HeaderMap;

constexpr std::string_view kUserArn =
    "arn:aws:chime:us-east-1:111122223333:app-instance/a1b2c3d4-1111-2222-3333-444455556666/user/"
    "u1";
constexpr std::string_view kUser = "userArn=arn%3Aaws%3Au";

Result<ConnectRequest> read(const std::string& query, const Options& options = {}) {
  static const HeaderMap headers{{"Host", "localhost:8080"}};
  const std::string target = "/connect?" + query;
  return read_connect_request({"GET", target, headers, {}}, options);
}

// With what is required.
Result<ConnectRequest> read_with(const std::string& more) {
  return read(std::string(kUser) + "&sessionId=s&" + more);
}

std::string refusal(const Result<ConnectRequest>& result) {
  if (result.has_value()) return "accepted";
  const Error& error = result.error();
  EXPECT_EQ(error.kind, ErrorKind::kBadRequest) << error.message;
  // It becomes the reason of a close frame.
  EXPECT_LE(error.message.size(), kCloseReasonBytesMax);
  return error.message;
}

TEST(ConnectRequests, AreToldByMethodAndPath) {
  const HeaderMap none;
  const auto is_connect = [&](std::string_view method, std::string_view target) {
    return is_connect_request({method, target, none, {}});
  };
  EXPECT_TRUE(is_connect("GET", "/connect"));
  EXPECT_TRUE(is_connect("GET", "/connect?userArn=x"));
  EXPECT_TRUE(is_connect("GET", "http://localhost/connect?userArn=x"));
  EXPECT_FALSE(is_connect("POST", "/connect"));
  EXPECT_FALSE(is_connect("GET", "/connect/x"));
  EXPECT_FALSE(is_connect("GET", "/connection"));
  EXPECT_FALSE(is_connect("GET", "/"));
}

TEST(ConnectRequests, OfRealClientsAreUnderstood) {
  const std::filesystem::path folder = std::filesystem::path(CARILLON_CAPTURES) / "ws";
  std::size_t complete = 0;
  for (const char* file : {"ws-upgrade-normal.txt", "ws-upgrade-binary.txt"}) {
    for (const tests::CapturedRequest& capture : tests::captured_requests(folder / file)) {
      ASSERT_TRUE(is_connect_request(capture.view())) << capture.target;
      const auto request = read_connect_request(capture.view(), {});
      ASSERT_TRUE(request.has_value()) << request.error().message;
      EXPECT_EQ(request->caller.account, Options().default_account);
      EXPECT_EQ(request->caller.region, "us-east-1");
      EXPECT_EQ(request->caller.host, capture.headers.find("Host"));
      const bool asks = capture.target.find("prefetch-on=connect") != std::string::npos;
      const bool sorts = capture.target.find("sort-by=last-message") != std::string::npos;
      EXPECT_EQ(request->prefetch, asks);
      EXPECT_EQ(request->sort_by == PrefetchSortBy::kLastMessageTimestamp, sorts);
      EXPECT_NE(capture.target.find("sessionId=" + request->session_id), std::string::npos);
      if (request->user_arn == kUserArn) ++complete;
    }
  }
  EXPECT_GE(complete, 3U);
}

TEST(ConnectRequests, NeedUserAndSession) {
  EXPECT_EQ(refusal(read("sessionId=s")), "The query parameter userArn is missing.");
  EXPECT_EQ(refusal(read("sessionId=s&userArn")), "The query parameter userArn is empty.");
  EXPECT_EQ(refusal(read("sessionId=s&userArn=")), "The query parameter userArn is empty.");
  EXPECT_EQ(refusal(read(std::string(kUser))), "The query parameter sessionId is missing.");
  EXPECT_EQ(refusal(read(std::string(kUser) + "&sessionId=")),
            "The query parameter sessionId is empty.");
  EXPECT_EQ(refusal(read("")), "The query parameter userArn is missing.");
}

TEST(ConnectRequests, AreForms) {
  const auto request = read("userArn=a%2Fb%2B%C3%BC&sessionId=one+two");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->user_arn, "a/b+\xC3\xBC");
  EXPECT_EQ(request->session_id, "one two");
  for (const char* broken : {"%", "%4", "%zz", "%FF", "%C3"}) {
    EXPECT_EQ(refusal(read("sessionId=s&userArn=" + std::string(broken))),
              "The query parameter userArn is not percent-encoded UTF-8.")
        << broken;
    EXPECT_EQ(refusal(read(std::string(kUser) + "&sessionId=" + broken)),
              "The query parameter sessionId is not percent-encoded UTF-8.")
        << broken;
  }
}

TEST(ConnectRequests, AskForPrefetch) {
  EXPECT_FALSE(read_with("")->prefetch);
  EXPECT_TRUE(read_with("prefetch-on=connect")->prefetch);
  EXPECT_EQ(read_with("prefetch-on=connect")->sort_by, PrefetchSortBy::kUnread);
  EXPECT_EQ(read_with("prefetch-sort-by=unread")->sort_by, PrefetchSortBy::kUnread);
  EXPECT_EQ(read_with("prefetch-sort-by=last-message-timestamp")->sort_by,
            PrefetchSortBy::kLastMessageTimestamp);
  for (const char* value : {"", "Connect", "disconnect", "true"}) {
    EXPECT_EQ(refusal(read_with("prefetch-on=" + std::string(value))),
              "The query parameter prefetch-on must be 'connect', or be left out.");
  }
  for (const char* value : {"", "Unread", "last-message", "%00"}) {
    EXPECT_EQ(refusal(read_with("prefetch-sort-by=" + std::string(value))),
              "The query parameter prefetch-sort-by must be 'unread' or 'last-message-timestamp'.");
  }
}

TEST(ConnectRequests, PassOverWhatTheyDoNotKnow) {
  EXPECT_TRUE(read_with("X-Amzn-Version=3.32.0&Prefetch-On=never&&=&x=%zz").has_value());
}

TEST(ConnectRequests, TakeTheFirstOfEqualParameters) {
  const auto request = read(
      "userArn=a&userArn=b&sessionId=1&sessionId=&prefetch-on=connect&"
      "prefetch-on=no&prefetch-sort-by=last-message-timestamp&"
      "prefetch-sort-by=unread");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->user_arn, "a");
  EXPECT_EQ(request->session_id, "1");
  EXPECT_TRUE(request->prefetch);
  EXPECT_EQ(request->sort_by, PrefetchSortBy::kLastMessageTimestamp);
}

TEST(ConnectRequests, AreOfTheAccountThatSigned) {
  const std::string query = "userArn=" + std::string(kUserArn) + "&sessionId=s";
  const auto caller_with = [&](const std::string& credential, const Options& options) {
    return read(query + "&X-Amz-Credential=" + credential, options)->caller;
  };
  const Caller signer = caller_with("123456789012%2F20240102%2Feu-central-1%2Fchime", {});
  EXPECT_EQ(signer.account, "123456789012");
  EXPECT_EQ(signer.region, "eu-central-1");
  EXPECT_EQ(signer.host, "localhost:8080");
  EXPECT_EQ(read(query)->caller.account, Options().default_account);

  Options provision;
  provision.auto_provision = true;
  const Caller named = caller_with("AKID%2F20240102%2Fus-east-1%2Fchime", provision);
  EXPECT_EQ(named.account, "111122223333");
  EXPECT_EQ(named.region, "us-east-1");
}

TEST(SessionFrames, HaveHeadersAndAPayloadAsText) {
  EXPECT_EQ(session_established_frame(),
            R"({"Headers":{"x-amz-chime-event-type":"SESSION_ESTABLISHED",)"
            R"("x-amz-chime-message-type":"SYSTEM"}})");
  const SessionEvent event{"CREATE_CHANNEL_MESSAGE", "STANDARD", "{\"Content\":\"a \\\"b\\\"\"}"};
  const std::string frame = session_frame(event);
  EXPECT_EQ(frame, R"({"Headers":{"x-amz-chime-event-type":"CREATE_CHANNEL_MESSAGE",)"
                   R"("x-amz-chime-message-type":"STANDARD"},)"
                   R"("Payload":"{\"Content\":\"a \\\"b\\\"\"}"})");
  const json::Document document(frame);
  ASSERT_FALSE(document.error());
  EXPECT_EQ(document.root().find("Payload").string(), event.payload);
}

}  // namespace
}  // namespace carillon::api
