// A Lambda Invoke endpoint that behaves as a test says: accepts, refuses, is silent, breaks off.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace carillon::tests {

struct Invocation {
  std::string request_line;
  std::string header;
  std::string body;
};

class FakeEndpoint {
 public:
  // What the endpoint sends back, byte for byte. Empty: nothing, and the connection stays open.
  using Behaviour = std::function<std::string(const Invocation&)>;

  explicit FakeEndpoint(Behaviour behaviour);
  ~FakeEndpoint();

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<Invocation> invocations() const;
  std::size_t count() const { return invocations().size(); }
  int connections() const { return connections_; }
  int concurrent_max() const { return concurrent_max_; }
  // After each answer the connection is closed, without having said so.
  void close_after_answer() { close_after_answer_ = true; }

 private:
  void accept_loop();
  void serve(int socket);

  const Behaviour behaviour_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> close_after_answer_{false};
  std::atomic<int> connections_{0};
  std::atomic<int> concurrent_{0};
  std::atomic<int> concurrent_max_{0};
  mutable std::mutex mutex_;
  std::vector<Invocation> invocations_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

// Holds answers back until the test lets them go.
class Gate {
 public:
  // For a Behaviour: waits, then accepts.
  std::string accept(const Invocation& invocation);
  void open();

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool open_ = false;
};

inline std::string accepted(const Invocation&) {
  return "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace carillon::tests
