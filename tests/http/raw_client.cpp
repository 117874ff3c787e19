#include "tests/http/raw_client.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace carillon::tests {

std::string Answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string Answer::text(std::string_view member) const {
  const api::json::Document document(body);
  if (document.root().type() != api::json::Type::kObject) return "";
  const auto value = document.root().find(member);
  return value.type() == api::json::Type::kString ? std::string(value.string()) : "";
}

RawClient::RawClient(std::uint16_t port, int receive_bytes)
    : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  if (receive_bytes > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(socket_);
    socket_ = -1;
  }
}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

bool RawClient::send(std::string_view bytes) {
  if (socket_ < 0) return false;
  while (!bytes.empty()) {
    pollfd wait{socket_, POLLOUT, 0};
    if (::poll(&wait, 1, static_cast<int>(kTestDeadline.count()) * 1'000) != 1) return false;
    const ssize_t size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0) {
      if (errno == EAGAIN) continue;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

void RawClient::end_sending() { ::shutdown(socket_, SHUT_WR); }

bool RawClient::receive() {
  pollfd wait{socket_, POLLIN, 0};
  if (::poll(&wait, 1, static_cast<int>(kTestDeadline.count()) * 1'000) != 1) {
    ADD_FAILURE() << "nothing came within " << kTestDeadline.count() << " s";
    return false;
  }
  char buffer[64 * 1024];
  const ssize_t size = ::recv(socket_, buffer, sizeof(buffer), 0);
  if (size <= 0) return false;
  received_.append(buffer, static_cast<std::size_t>(size));
  return true;
}

std::optional<Answer> RawClient::read_answer(bool head) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) return std::nullopt;
  }
  Answer answer;
  answer.status = std::atoi(received_.c_str() + std::string_view("HTTP/1.1 ").size());
  std::size_t line = received_.find("\r\n") + 2;
  while (line < end + 2) {
    const std::size_t line_end = received_.find("\r\n", line);
    const std::size_t colon = received_.find(": ", line);
    std::string name = received_.substr(line, colon - line);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    answer.headers[name] = received_.substr(colon + 2, line_end - colon - 2);
    line = line_end + 2;
  }
  received_.erase(0, end + 4);
  const std::size_t length =
      head ? 0 : std::strtoul(answer.header("content-length").c_str(), nullptr, 10);
  while (received_.size() < length) {
    if (!receive()) return std::nullopt;
  }
  answer.body = received_.substr(0, length);
  received_.erase(0, length);
  return answer;
}

std::optional<std::string> RawClient::read_bytes(std::size_t size) {
  while (received_.size() < size) {
    if (!receive()) return std::nullopt;
  }
  std::string bytes = received_.substr(0, size);
  received_.erase(0, size);
  return bytes;
}

bool RawClient::closed_by_server() {
  if (!received_.empty()) return false;
  pollfd wait{socket_, POLLIN, 0};
  if (::poll(&wait, 1, static_cast<int>(kTestDeadline.count()) * 1'000) != 1) return false;
  char byte = 0;
  return ::recv(socket_, &byte, 1, 0) <= 0;
}

void RawClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  ::close(socket_);
  socket_ = -1;
}

Answer ask(std::uint16_t port, std::string_view method, const std::string& target,
           const std::string& body, const std::string& bearer) {
  RawClient client(port);
  std::string request = std::string(method) + " " + target + " HTTP/1.1\r\nHost: test\r\n";
  if (!bearer.empty()) request += "x-amz-chime-bearer: " + bearer + "\r\n";
  if (!body.empty()) {
    request +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  client.send(request + "Connection: close\r\n\r\n" + body);
  auto answer = client.read_answer();
  EXPECT_TRUE(answer) << method << " " << target << " got no answer";
  return answer.value_or(Answer{});
}

void pause_briefly() { ::poll(nullptr, 0, 5); }

}  // namespace carillon::tests
