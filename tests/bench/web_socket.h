// The client's side of the WebSocket protocol, as little of it as messaging sessions need: a load
// generator must cost less than the server that it measures. What is out of the ordinary throws
// std::runtime_error.
// Called by fan_out.cpp and flow_cycle.cpp, on their only threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace carillon::bench {

// GET /connect of a user, unsigned.
std::string connect_request(unsigned short port, std::string_view user_arn,
                            std::string_view session_id);

enum class Opcode : std::uint8_t { kText = 1, kClose = 8, kPing = 9, kPong = 10 };

// A frame as clients send them, masked. At most 125 bytes.
std::string client_frame(Opcode opcode, std::string_view payload);

// Cuts what a session's socket brings into frames; the answer to the upgrade comes first.
class FrameReader {
 public:
  // Calls take(opcode, payload) for each frame that is complete.
  template <typename Take>
  void feed(std::string_view bytes, Take&& take);

  bool upgraded() const { return upgraded_; }

 private:
  struct Head {
    Opcode opcode{};
    std::size_t head_bytes = 0;  // 0: not all of it is here
    std::size_t payload_bytes = 0;
  };
  static Head read_head(std::string_view bytes);
  // How much of it is the answer to the upgrade; 0: not all of it is here.
  static std::size_t read_upgrade(std::string_view bytes);

  bool upgraded_ = false;
  std::string rest_;  // begun, not complete; mostly there is none
};

template <typename Take>
void FrameReader::feed(std::string_view bytes, Take&& take) {
  std::string joined;
  if (!rest_.empty()) {
    joined = std::move(rest_);
    rest_.clear();
    joined += bytes;
    bytes = joined;
  }
  if (!upgraded_) {
    const std::size_t size = read_upgrade(bytes);
    upgraded_ = size > 0;
    bytes.remove_prefix(size);
  }
  while (upgraded_ && !bytes.empty()) {
    const Head head = read_head(bytes);
    if (head.head_bytes == 0 || bytes.size() < head.head_bytes + head.payload_bytes) break;
    take(head.opcode, bytes.substr(head.head_bytes, head.payload_bytes));
    bytes.remove_prefix(head.head_bytes + head.payload_bytes);
  }
  rest_.assign(bytes);
}

}  // namespace carillon::bench
