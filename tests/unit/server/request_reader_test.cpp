// Requests out of bytes, in whatever pieces they come.
#include "server/request_reader.h"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "server/limits.h"

namespace carillon::server {
namespace {

// Gives all of `bytes` to the reader, at most `piece` at a time, until a request is complete or
// reading fails; the rest stays in `bytes`.
ReadState feed(RequestReader& reader, std::string_view& bytes, std::size_t piece) {
  while (true) {
    const ReadState state = reader.next();
    if (state == ReadState::kBodyExpected) continue;
    if (state != ReadState::kNeedMore || bytes.empty()) return state;
    const std::span<char> room = reader.room();
    EXPECT_FALSE(room.empty());
    const std::size_t size = std::min({room.size(), bytes.size(), piece});
    std::memcpy(room.data(), bytes.data(), size);
    reader.received(size);
    bytes.remove_prefix(size);
  }
}

ReadState feed_all(RequestReader& reader, std::string_view bytes) {
  return feed(reader, bytes, 64 * 1024);
}

constexpr std::string_view kTwo =
    "POST /channels?operation=x HTTP/1.1\r\nHost: h\r\nX-Amz-Chime-Bearer:  b \r\n"
    "Content-Length: 5\r\n\r\nhello"
    "GET /next HTTP/1.0\r\n\r\n";

TEST(RequestReaderTest, ReadsPipelinedRequestsInPiecesOfAnySize) {
  for (const std::size_t piece : {1U, 2U, 7U, 100'000U}) {
    RequestReader reader;
    std::string_view bytes = kTwo;
    ASSERT_EQ(feed(reader, bytes, piece), ReadState::kComplete);
    EXPECT_EQ(reader.method(), "POST");
    EXPECT_EQ(reader.target(), "/channels?operation=x");
    EXPECT_EQ(reader.headers().find("x-amz-chime-bearer"), "b");
    EXPECT_EQ(reader.headers().find("x-amz-date"), std::nullopt);
    EXPECT_EQ(reader.body(), "hello");
    EXPECT_TRUE(reader.keep_alive());
    reader.start_next();
    ASSERT_EQ(feed(reader, bytes, piece), ReadState::kComplete);
    EXPECT_EQ(reader.method(), "GET");
    EXPECT_EQ(reader.body(), "");
    EXPECT_TRUE(reader.http_1_0());
    EXPECT_FALSE(reader.keep_alive());
    reader.start_next();
    EXPECT_TRUE(reader.idle());
  }
}

TEST(RequestReaderTest, ReadsChunkedBodies) {
  for (const std::size_t piece : {1U, 3U, 100'000U}) {
    RequestReader reader;
    std::string_view bytes =
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nTrailer: t\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    ASSERT_EQ(feed(reader, bytes, piece), ReadState::kComplete);
    EXPECT_EQ(reader.body(), "abcdefg");
    reader.start_next();
    EXPECT_EQ(feed(reader, bytes, piece), ReadState::kComplete);
  }
}

TEST(RequestReaderTest, TellsOnceThatABodyIsExpected) {
  RequestReader reader;
  const std::string_view header =
      "POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
  std::memcpy(reader.room().data(), header.data(), header.size());
  reader.received(header.size());
  EXPECT_EQ(reader.next(), ReadState::kBodyExpected);
  EXPECT_TRUE(reader.expects_continue());
  EXPECT_EQ(reader.next(), ReadState::kNeedMore);
  EXPECT_EQ(feed_all(reader, "ok"), ReadState::kComplete);
}

TEST(RequestReaderTest, TakesTheAbsoluteForm) {
  const std::pair<const char*, const char*> cases[] = {
      {"http://h:1/a/b?c", "/a/b?c"}, {"HTTP://h", "/"}, {"http://h?x", "?x"},
      {"/http://h/", "/http://h/"},   {"*", "*"},        {"ftp://h/a", "ftp://h/a"},
  };
  for (const auto& [target, expected] : cases) {
    RequestReader reader;
    ASSERT_EQ(feed_all(reader, "GET " + std::string(target) + " HTTP/1.1\r\n\r\n"),
              ReadState::kComplete);
    EXPECT_EQ(reader.target(), expected);
  }
}

TEST(RequestReaderTest, SkipsEmptyLinesBeforeARequest) {
  RequestReader reader;
  EXPECT_EQ(feed_all(reader, "\r\n\r\nGET / HTTP/1.1\r\n\r\n"), ReadState::kComplete);
  RequestReader garbage;
  std::string lines;
  for (int i = 0; i < kLeadingEmptyLinesMax + 1; ++i) lines += "\r\n";
  EXPECT_EQ(feed_all(garbage, lines + "GET / HTTP/1.1\r\n\r\n"), ReadState::kFailed);
}

struct FailureCase {
  const char* name;
  std::string input;
  int http_status;
  const char* message;
};

TEST(RequestReaderTest, SaysWhatIsWrong) {
  const std::string long_text(kRequestHeaderBytesMax, 'a');
  const FailureCase cases[] = {
      {"garbage", "\x01\x02\x03\x04\r\n\r\n", 400, "does not start with an HTTP method"},
      {"empty target", "GET  HTTP/1.1\r\n\r\n", 400, "target is empty"},
      {"http 2", "PRI * HTTP/2.0\r\n\r\n", 505, "HTTP/1.1"},
      {"no version", "GET /\r\n\r\n", 400, ""},
      {"header name", "GET / HTTP/1.1\r\nA B: c\r\n\r\n", 400, "header field's name"},
      {"header value", "GET / HTTP/1.1\r\nA: \x01\r\n\r\n", 400, "header field's value"},
      {"line end", "GET / HTTP/1.1\r\nA: b\rX\r\n\r\n", 400, ""},
      {"length", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, "Content-Length"},
      {"negative", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, "Content-Length"},
      {"two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400,
       "Content-Length"},
      {"length and chunked",
       "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
       "Transfer-Encoding"},
      {"chunk", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, "chunk"},
      {"long header", "GET / HTTP/1.1\r\nA: " + long_text + "\r\n\r\n", 431, "16384"},
      {"many headers",
       "GET / HTTP/1.1\r\n" +
           [] {
             std::string fields;
             for (int i = 0; i < 3'000; ++i) fields += "A: b\r\n";
             return fields;
           }() +
           "\r\n",
       431, "16384"},
      {"long line", "GET /" + long_text + " HTTP/1.1\r\n\r\n", 431, "16384"},
      {"long target", "GET /" + std::string(kTargetBytesMax, 'a') + " HTTP/1.1\r\n\r\n", 414,
       "15360"},
      {"long body",
       "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(kRequestBodyBytesMax + 1) +
           "\r\n\r\n",
       413, "1048576"},
      {"huge length", "POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n", 413,
       "1048576"},
      {"long chunked body",
       "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" +
           std::string(kRequestBodyBytesMax + 1, 'a'),
       413, "1048576"},
  };
  for (const FailureCase& one : cases) {
    RequestReader reader;
    ASSERT_EQ(feed_all(reader, one.input), ReadState::kFailed) << one.name;
    EXPECT_EQ(reader.failure().http_status, one.http_status) << one.name;
    EXPECT_NE(reader.failure().message.find(one.message), std::string::npos)
        << one.name << ": " << reader.failure().message;
    EXPECT_EQ(reader.next(), ReadState::kFailed) << one.name;
  }
}

TEST(RequestReaderTest, TakesExactlyTheLimits) {
  RequestReader reader;
  EXPECT_EQ(feed_all(reader,
                     "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(kRequestBodyBytesMax) +
                         "\r\n\r\n" + std::string(kRequestBodyBytesMax, 'a')),
            ReadState::kComplete);
  EXPECT_EQ(reader.body().size(), kRequestBodyBytesMax);
  reader.start_next();
  EXPECT_EQ(feed_all(reader, "GET /" + std::string(kTargetBytesMax - 1, 'a') + " HTTP/1.1\r\n\r\n"),
            ReadState::kComplete);
}

}  // namespace
}  // namespace carillon::server
