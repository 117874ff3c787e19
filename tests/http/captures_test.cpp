// What real clients sent, byte for byte: each request must be understood. Whether the resources
// that it names exist is another matter.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/http/flow_fixture.h"

namespace carillon::tests {
namespace {

namespace fs = std::filesystem;

// The request in a capture: behind a line that says when, up to the length that it declares.
std::string request_in(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  std::string request = text.str();
  request.erase(0, request.find('\n') + 1);
  const std::size_t header_end = request.find("\r\n\r\n") + 4;
  std::string header = request.substr(0, header_end);
  std::transform(header.begin(), header.end(), header.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::size_t at = header.find("content-length: ");
  const std::size_t length =
      at == std::string::npos ? 0 : std::strtoul(header.c_str() + at + 16, nullptr, 10);
  EXPECT_LE(header_end + length, request.size()) << file;
  return request.substr(0, header_end + length);
}

class CapturesTest : public ServerTest {};

TEST_F(CapturesTest, AreUnderstood) {
  start();
  // Operations of the model that have no function yet say so, which shows that they were routed
  // and their input was valid.
  const std::set<std::string> understood{"", "ForbiddenException", "NotFoundException",
                                         "UnsupportedOperationException"};
  int count = 0;
  for (const auto& entry : fs::directory_iterator(CARILLON_CAPTURES)) {
    if (entry.path().extension() != ".txt") continue;
    ++count;
    RawClient client(port());
    ASSERT_TRUE(client.send(request_in(entry.path())));
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << entry.path();
    EXPECT_TRUE(understood.contains(answer->header("x-amzn-errortype")))
        << entry.path().filename() << ": " << answer->body;
  }
  EXPECT_GE(count, 90);
}

}  // namespace
}  // namespace carillon::tests
