#include "tests/bench/web_socket.h"

#include <array>
#include <stdexcept>

#include "tests/bench/client.h"

namespace carillon::bench {
namespace {

constexpr std::size_t kShortPayloadBytesMax = 125;

std::size_t big_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

std::string connect_request(unsigned short port, std::string_view user_arn,
                            std::string_view session_id) {
  return "GET /connect?sessionId=" + encode_segment(session_id) +
         "&userArn=" + encode_segment(user_arn) +
         " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
         "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n";
}

std::string client_frame(Opcode opcode, std::string_view payload) {
  constexpr std::array<char, 4> kMask = {0x1b, 0x2c, 0x3d, 0x4e};
  if (payload.size() > kShortPayloadBytesMax) throw std::runtime_error("too long for a frame");
  std::string frame;
  frame += static_cast<char>(0x80 | static_cast<int>(opcode));
  frame += static_cast<char>(0x80U | payload.size());
  frame.append(kMask.data(), kMask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ kMask[i % kMask.size()]);
  }
  return frame;
}

FrameReader::Head FrameReader::read_head(std::string_view bytes) {
  if (bytes.size() < 2) return {};
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  const auto opcode = static_cast<Opcode>(first & 0x0F);
  const bool known = opcode == Opcode::kText || opcode == Opcode::kClose ||
                     opcode == Opcode::kPing || opcode == Opcode::kPong;
  if ((first & 0xF0) != 0x80 || !known || (second & 0x80) != 0) {
    throw std::runtime_error("a frame that a messaging session does not have, which starts with " +
                             std::to_string(first) + ", " + std::to_string(second));
  }
  std::size_t length_bytes = 0;
  if (second == 126) length_bytes = 2;
  if (second == 127) length_bytes = 8;
  if (bytes.size() < 2 + length_bytes) return {};
  const std::size_t payload =
      length_bytes == 0 ? second : big_endian(bytes.substr(2, length_bytes));
  return {opcode, 2 + length_bytes, payload};
}

std::size_t FrameReader::read_upgrade(std::string_view bytes) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const std::size_t end = bytes.find(kEnd);
  if (end == std::string_view::npos) return 0;
  if (!bytes.starts_with("HTTP/1.1 101 ")) {
    throw std::runtime_error("the upgrade was refused: " + std::string(bytes.substr(0, end)));
  }
  return end + kEnd.size();
}

}  // namespace carillon::bench
