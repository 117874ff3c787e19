// What the log writes, and that a reader who stops reading holds up nobody.
#include "server/log.h"

#include <fcntl.h>
#include <poll.h>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "api/protocol/json.h"

namespace carillon::server {
namespace {

// What comes out of a pipe once the log is gone.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_), 0); }
  ~Pipe() {
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }
  int in() const { return ends_[1]; }
  std::string read_all() {
    ::close(ends_[1]);
    ends_[1] = -1;
    std::string text;
    char buffer[4'096];
    ssize_t size = 0;
    while ((size = ::read(ends_[0], buffer, sizeof(buffer))) > 0) {
      text.append(buffer, static_cast<std::size_t>(size));
    }
    return text;
  }

  // As much as comes before the text. Fails when it does not come.
  std::string read_until(std::string_view end) {
    std::string text;
    while (text.find(end) == std::string::npos && wait(20'000)) read_some(text);
    EXPECT_NE(text.find(end), std::string::npos);
    return text;
  }
  // What comes until nothing has come for longer than the log gathers lines.
  std::string read_until_quiet() {
    std::string text;
    while (wait(1'000)) read_some(text);
    return text;
  }

 private:
  bool wait(int timeout_ms) const {
    pollfd wait{ends_[0], POLLIN, 0};
    return ::poll(&wait, 1, timeout_ms) == 1;
  }
  void read_some(std::string& text) const {
    char buffer[4'096];
    const ssize_t size = ::read(ends_[0], buffer, sizeof(buffer));
    if (size > 0) text.append(buffer, static_cast<std::size_t>(size));
  }

  int ends_[2] = {-1, -1};
};

TEST(LogTest, WritesTextWithValuesQuotedWhereNeeded) {
  Pipe out;
  Pipe err;
  {
    Log log(LogLevel::kInfo, LogFormat::kText, out.in(), err.in());
    log.debug("not this");
    log.info("hello", {{"a", "b"}, {"c", "d \"e\"\nf"}, {"n", std::int64_t{-5}}, {"x", 1.5}});
    log.error("broken");
  }
  const std::string text = out.read_all();
  EXPECT_TRUE(text.ends_with("Z info    hello a=b c=\"d \\\"e\\\"\\nf\" n=-5 x=1.500\n")) << text;
  EXPECT_EQ(text.find("not this"), std::string::npos);
  EXPECT_EQ(text.find('\033'), std::string::npos);
  EXPECT_TRUE(err.read_all().ends_with("Z error   broken\n"));
}

TEST(LogTest, WritesOneJsonObjectForEachLine) {
  Pipe out;
  {
    Log log(LogLevel::kInfo, LogFormat::kJson, out.in(), out.in());
    log.info("say \"hi\"", {{"n", std::int64_t{7}}, {"ms", 0.25}});
  }
  const std::string text = out.read_all();
  const api::json::Document line(text);
  ASSERT_FALSE(line.error()) << text;
  EXPECT_EQ(line.root().find("message").string(), "say \"hi\"");
  EXPECT_EQ(line.root().find("level").string(), "info");
  EXPECT_EQ(line.root().find("n").integer(), 7);
  EXPECT_EQ(line.root().find("ms").number(), 0.25);
}

TEST(LogTest, AnnouncesWhateverTheLevel) {
  Pipe out;
  {
    Log log(LogLevel::kOff, LogFormat::kText, out.in(), out.in());
    log.error("not this");
    log.announce("Listening. Ready.");
  }
  const std::string text = out.read_all();
  EXPECT_TRUE(text.ends_with("Listening. Ready.\n")) << text;
  EXPECT_EQ(text.find("not this"), std::string::npos);
}

TEST(LogTest, NeitherBlocksNorHangsWhenNobodyReads) {
  Pipe out;
  {
    Log log(LogLevel::kInfo, LogFormat::kText, out.in(), out.in());
    const std::string line(1'000, 'a');
    for (int i = 0; i < 10'000; ++i) log.info(line);
  }
  // Reached in bounded time: the pipe holds 64 KiB, the log's buffer 4 MiB, the rest is dropped.
  EXPECT_EQ(::fcntl(out.in(), F_GETFD) >= 0, true);
}

// Lets a pipe fill up, reads a part of it, and goes on: what was lost in between is told.
TEST(LogTest, TellsWhatWasDroppedInTheFormatOfTheOtherLines) {
  Pipe out;
  std::string text;
  {
    Log log(LogLevel::kInfo, LogFormat::kJson, out.in(), out.in());
    const std::string line(1'000, 'a');
    for (int i = 0; i < 10'000; ++i) log.info(line);
    text = out.read_until_quiet();
    log.info("the last");
    text += out.read_until("the last");
  }
  text += out.read_all();
  std::size_t dropped_lines = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    const std::string line = text.substr(at, end - at);
    const api::json::Document document(line);
    ASSERT_FALSE(document.error()) << line;
    EXPECT_FALSE(document.root().find("time").is_null()) << line;
    if (!document.root().find("dropped").is_null()) ++dropped_lines;
    at = end + 1;
  }
  EXPECT_GE(dropped_lines, 1U);
}

}  // namespace
}  // namespace carillon::server
