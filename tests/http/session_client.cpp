#include "tests/http/session_client.h"

#include "tests/http/flow_fixture.h"

namespace carillon::tests {

int WebSocketFrame::close_code() const {
  if (payload.size() < 2) return 1005;
  return static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
}

std::string WebSocketFrame::close_reason() const {
  return payload.size() < 2 ? "" : payload.substr(2);
}

std::string upgrade_fields() {
  return "Host: test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
}

std::string connect_target(const std::string& user_arn, const std::string& more) {
  return "/connect?userArn=" + encoded(user_arn) + "&sessionId=s" + more;
}

SessionClient::SessionClient(std::uint16_t port, const std::string& target, int receive_bytes)
    : raw_(port, receive_bytes) {
  raw_.send("GET " + target + " HTTP/1.1\r\n" + upgrade_fields() + "\r\n");
  const auto answer = raw_.read_answer();
  status_ = answer ? answer->status : 0;
}

std::string SessionClient::frame(int opcode, std::string_view payload, bool final) {
  std::string bytes(1, static_cast<char>((final ? 0x80 : 0) | opcode));
  if (payload.size() < 126) {
    bytes += static_cast<char>(0x80 | static_cast<int>(payload.size()));
  } else {
    bytes += static_cast<char>(0x80 | 126);
    bytes += static_cast<char>(payload.size() >> 8);
    bytes += static_cast<char>(payload.size() & 0xFF);
  }
  bytes += "mask";
  for (std::size_t i = 0; i < payload.size(); ++i) {
    bytes += static_cast<char>(payload[i] ^ "mask"[i % 4]);
  }
  return bytes;
}

bool SessionClient::send(int opcode, std::string_view payload, bool final) {
  return raw_.send(frame(opcode, payload, final));
}

std::optional<WebSocketFrame> SessionClient::read() {
  const auto head = raw_.read_bytes(2);
  if (!head) return std::nullopt;
  const auto byte = [](char c) { return static_cast<std::size_t>(static_cast<unsigned char>(c)); };
  std::size_t size = byte((*head)[1]) & 0x7F;
  if (size >= 126) {
    const auto extended = raw_.read_bytes(size == 126 ? 2 : 8);
    if (!extended) return std::nullopt;
    size = 0;
    for (const char c : *extended) size = size * 256 + byte(c);
  }
  const auto payload = raw_.read_bytes(size);
  if (!payload) return std::nullopt;
  return WebSocketFrame{static_cast<int>(byte((*head)[0]) & 0x0F), *payload};
}

std::string SessionClient::read_text() {
  while (const auto frame = read()) {
    if (frame->opcode == WebSocketFrame::kPing) {
      send(WebSocketFrame::kPong, frame->payload);
      continue;
    }
    return frame->opcode == WebSocketFrame::kText ? frame->payload : "";
  }
  return "";
}

int SessionClient::read_close(std::string* reason) {
  while (const auto frame = read()) {
    if (frame->opcode != WebSocketFrame::kClose) continue;
    if (reason != nullptr) *reason = frame->close_reason();
    send(WebSocketFrame::kClose, frame->payload);
    return frame->close_code();
  }
  return 1006;
}

}  // namespace carillon::tests
