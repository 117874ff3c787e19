// A client that sends bytes exactly as a test says, and reads answers with a deadline.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/protocol/json.h"

namespace carillon::tests {

inline constexpr std::chrono::seconds kTestDeadline{20};

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string header(const std::string& name) const;
  // A string member of the body, "" if there is none.
  std::string text(std::string_view member) const;
};

class RawClient {
 public:
  // `receive_bytes`: the socket's receive buffer, 0 for the system's.
  explicit RawClient(std::uint16_t port, int receive_bytes = 0);
  ~RawClient();
  RawClient(RawClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

  // False when the server has closed the connection.
  bool send(std::string_view bytes);
  // The client has no more to say, but listens.
  void end_sending();
  // The next answer; nothing when the connection ends before one is complete. `head`: it has no
  // body, whatever its length says.
  std::optional<Answer> read_answer(bool head = false);
  // Exactly so many bytes; nothing when the connection ends before.
  std::optional<std::string> read_bytes(std::size_t size);
  // Whether the server closes the connection, without a byte more.
  bool closed_by_server();
  // Closes so that the server sees a reset.
  void reset();

 private:
  bool receive();

  int socket_ = -1;
  std::string received_;
};

// One request on a connection of its own.
Answer ask(std::uint16_t port, std::string_view method, const std::string& target,
           const std::string& body = {}, const std::string& bearer = {});

// Whether `condition` comes true within kTestDeadline; looks every few milliseconds.
template <typename Condition>
bool eventually(Condition&& condition);

void pause_briefly();

template <typename Condition>
bool eventually(Condition&& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kTestDeadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    pause_briefly();
  }
  return true;
}

}  // namespace carillon::tests
