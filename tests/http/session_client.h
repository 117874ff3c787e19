// A WebSocket client that does what a test says, right or wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/http/raw_client.h"

namespace carillon::tests {

struct WebSocketFrame {
  static constexpr int kText = 1;
  static constexpr int kBinary = 2;
  static constexpr int kClose = 8;
  static constexpr int kPing = 9;
  static constexpr int kPong = 10;

  int opcode = 0;
  std::string payload;

  // Of a close frame; 1005 when it has none.
  int close_code() const;
  std::string close_reason() const;
};

// The header fields of a good upgrade, each with its line end.
std::string upgrade_fields();

class SessionClient {
 public:
  // Asks for `target` and takes the answer's status.
  SessionClient(std::uint16_t port, const std::string& target, int receive_bytes = 0);

  int status() const { return status_; }
  RawClient& raw() { return raw_; }

  // A frame as a client sends it: masked. Larger lengths than the payload are lies.
  bool send(int opcode, std::string_view payload, bool final = true);
  static std::string frame(int opcode, std::string_view payload, bool final = true);

  // The next frame; nothing when the connection ends.
  std::optional<WebSocketFrame> read();
  // The next frame that is no ping, which it answers. Its payload if it is a text, else "".
  std::string read_text();
  // Reads on to the close frame, and answers it. 1006 if there comes none.
  int read_close(std::string* reason = nullptr);

 private:
  RawClient raw_;
  int status_ = 0;
};

// /connect?userArn=...&sessionId=...
std::string connect_target(const std::string& user_arn, const std::string& more = {});

}  // namespace carillon::tests
