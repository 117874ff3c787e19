#include "server/ready.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/limits.h"
#include "server/log.h"
#include "server/processors/exchange.h"

namespace carillon::server {

namespace net = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

// Where a server that listens on `host` is reached from this machine.
EndpointUrl health_url(const Settings& settings) {
  const auto address = net::ip::make_address(settings.host);
  std::string host = settings.host;
  if (address.is_unspecified()) host = address.is_v6() ? "::1" : "127.0.0.1";
  EndpointUrl url;
  url.host = host;
  url.port = settings.port;
  url.authority = (address.is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(url.port);
  return url;
}

// Empty when the server is healthy, else why it is not.
net::awaitable<std::string> ask(EndpointUrl url, milliseconds limit) {
  const std::string text = url.text();
  const Connected connected = co_await connect(url, limit);
  if (!connected.connection) co_return connected.error;
  const std::string request =
      "GET /_carillon/health HTTP/1.1\r\nHost: " + url.authority + "\r\nConnection: close\r\n\r\n";
  const EndpointAnswer answer = co_await exchange(*connected.connection, request, limit);
  if (answer.status == 200) co_return std::string();
  if (answer.status == 0) co_return answer.error + ", by " + text;
  co_return "HTTP " + std::to_string(answer.status) + " from " + text;
}

std::string ask_and_wait(const EndpointUrl& url, milliseconds limit) {
  net::io_context context(1);
  std::string result;
  net::co_spawn(context, ask(url, limit),
                [&result](std::exception_ptr failure, std::string why_not) {
                  result = failure ? what(failure) : std::move(why_not);
                });
  context.run();
  return result;
}

}  // namespace

int run_ready(const CommandLine& line) {
  if (line.settings.port == 0) {
    std::fprintf(stderr, "carillon: ready needs the server's --port (CARILLON_PORT), not 0.\n");
    return kExitBadSettings;
  }
  const EndpointUrl url = health_url(line.settings);
  const auto deadline = steady_clock::now() + line.ready_timeout;
  while (true) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    const std::string why_not =
        ask_and_wait(url, std::clamp(left, milliseconds(1), kReadyAttemptTimeout));
    if (why_not.empty()) return kExitOk;
    if (!line.ready_wait || steady_clock::now() + kReadyRetryDelay >= deadline) {
      std::fprintf(stderr, "carillon: not ready: %s\n", why_not.c_str());
      return kExitFailure;
    }
    std::this_thread::sleep_for(kReadyRetryDelay);
  }
}

}  // namespace carillon::server
