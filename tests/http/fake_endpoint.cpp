#include "tests/http/fake_endpoint.h"

#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/http/raw_client.h"

namespace carillon::tests {

FakeEndpoint::FakeEndpoint(Behaviour behaviour)
    : behaviour_(std::move(behaviour)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  ::listen(listener_, 128);
  socklen_t size = sizeof(address);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_loop(); });
}

FakeEndpoint::~FakeEndpoint() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  ::close(listener_);
  {
    std::lock_guard lock(mutex_);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (const int socket : sockets_) ::close(socket);
}

std::vector<Invocation> FakeEndpoint::invocations() const {
  std::lock_guard lock(mutex_);
  return invocations_;
}

void FakeEndpoint::accept_loop() {
  while (true) {
    const int socket = ::accept(listener_, nullptr, nullptr);
    if (socket < 0 || stopping_) {
      if (socket >= 0) ::close(socket);
      return;
    }
    ++connections_;
    std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket] { serve(socket); });
  }
}

void FakeEndpoint::serve(int socket) {
  std::string received;
  const auto receive = [&] {
    char buffer[16 * 1'024];
    const ssize_t size = ::recv(socket, buffer, sizeof(buffer), 0);
    if (size > 0) received.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  };
  while (true) {
    std::size_t end = 0;
    while ((end = received.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return;
    }
    Invocation invocation;
    invocation.request_line = received.substr(0, received.find("\r\n"));
    invocation.header = received.substr(0, end + 2);
    const std::size_t length_at = received.find("Content-Length: ");
    const std::size_t length = std::strtoul(received.c_str() + length_at + 16, nullptr, 10);
    received.erase(0, end + 4);
    while (received.size() < length) {
      if (!receive()) return;
    }
    invocation.body = received.substr(0, length);
    received.erase(0, length);
    const int concurrent = ++concurrent_;
    int highest = concurrent_max_;
    while (concurrent > highest && !concurrent_max_.compare_exchange_weak(highest, concurrent)) {
    }
    {
      std::lock_guard lock(mutex_);
      invocations_.push_back(invocation);
    }
    const std::string answer = behaviour_(invocation);
    --concurrent_;
    if (answer.empty()) continue;
    ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
    if (close_after_answer_ || answer.find("Connection: close") != std::string::npos) {
      ::shutdown(socket, SHUT_RDWR);
      return;
    }
  }
}

std::string Gate::accept(const Invocation& invocation) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, kTestDeadline, [this] { return open_; });
  return accepted(invocation);
}

void Gate::open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  wake_.notify_all();
}

}  // namespace carillon::tests
