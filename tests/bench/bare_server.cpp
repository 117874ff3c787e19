// What Carillon is compared with: an HTTP server that does nothing but HTTP. Each connection is a
// coroutine that reads a request with Beast and answers a constant JSON of a given size. The same
// number of threads, the same socket options, and the same compiler flags as Carillon.
//
//   bench_bare_server --port PORT --threads N --body-bytes N [--status N] [--invoke-port PORT]
//
// With --invoke-port it does what a channel flow needs of HTTP, and no more: each POST whose target
// ends in "/messages" is answered, then its body is posted to that port, on a connection that is
// kept.
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using tcp = net::ip::tcp;

struct Flags {
  unsigned short port = 0;
  int threads = 1;
  std::size_t body_bytes = 64;
  unsigned status = 200;
  unsigned short invoke_port = 0;
};

std::optional<Flags> parse_flags(int count, char** arguments) {
  std::map<std::string_view, long> given;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view text = arguments[i + 1];
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
    given[arguments[i]] = value;
  }
  Flags flags;
  const auto take = [&given](std::string_view name, auto& member) {
    const auto found = given.find(name);
    if (found == given.end()) return;
    member = static_cast<std::remove_reference_t<decltype(member)>>(found->second);
    given.erase(found);
  };
  take("--port", flags.port);
  take("--threads", flags.threads);
  take("--body-bytes", flags.body_bytes);
  take("--status", flags.status);
  take("--invoke-port", flags.invoke_port);
  if (!given.empty() || count % 2 == 0 || flags.port == 0 || flags.threads < 1) {
    return std::nullopt;
  }
  return flags;
}

std::string constant_json(std::size_t bytes) {
  const std::string_view begin = R"({"Constant":")";
  const std::string_view end = R"("})";
  const std::size_t frame = begin.size() + end.size();
  std::string text(begin);
  text.append(bytes > frame ? bytes - frame : 0, 'x');
  text += end;
  return text;
}

// The connection to the Invoke endpoint; each session has its own.
class Invoker {
 public:
  Invoker(net::any_io_executor executor, unsigned short port) : socket_(executor), port_(port) {}

  net::awaitable<void> invoke(std::string event) {
    if (!socket_.is_open()) {
      const tcp::endpoint endpoint(net::ip::address_v4::loopback(), port_);
      co_await socket_.async_connect(endpoint, net::use_awaitable);
      socket_.set_option(tcp::no_delay(true));
    }
    http::request<http::string_body> request(
        http::verb::post, "/2015-03-31/functions/bench-processor/invocations", 11);
    request.set(http::field::host, "127.0.0.1:" + std::to_string(port_));
    request.set(http::field::content_type, "application/json");
    request.set("X-Amz-Invocation-Type", "Event");
    request.body() = std::move(event);
    request.prepare_payload();
    co_await http::async_write(socket_, request, net::use_awaitable);
    http::response<http::string_body> response;
    co_await http::async_read(socket_, buffer_, response, net::use_awaitable);
  }

 private:
  tcp::socket socket_;
  unsigned short port_;
  boost::beast::flat_buffer buffer_;
};

struct Shared {
  const Flags& flags;
  const http::response<http::string_body> answer;
};

net::awaitable<void> serve(tcp::socket socket, const Shared& shared) {
  Invoker invoker(socket.get_executor(), shared.flags.invoke_port);
  boost::beast::flat_buffer buffer;
  try {
    while (true) {
      http::request_parser<http::string_body> parser;
      co_await http::async_read(socket, buffer, parser, net::use_awaitable);
      co_await http::async_write(socket, shared.answer, net::use_awaitable);
      if (shared.flags.invoke_port != 0 && parser.get().target().ends_with("/messages")) {
        co_await invoker.invoke(std::move(parser.get().body()));
      }
      if (!parser.get().keep_alive()) co_return;
    }
  } catch (const boost::system::system_error&) {
    // The client went away, as clients of a benchmark do.
  }
}

net::awaitable<void> accept(tcp::acceptor& acceptor,
                            std::vector<std::unique_ptr<net::io_context>>& contexts,
                            const Shared& shared) {
  for (std::size_t next = 0;; next = (next + 1) % contexts.size()) {
    tcp::socket socket = co_await acceptor.async_accept(*contexts[next], net::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    net::co_spawn(*contexts[next], serve(std::move(socket), shared), net::detached);
  }
}

http::response<http::string_body> make_answer(const Flags& flags) {
  http::response<http::string_body> answer(static_cast<http::status>(flags.status), 11);
  answer.set(http::field::content_type, "application/json");
  answer.body() = constant_json(flags.body_bytes);
  answer.prepare_payload();
  return answer;
}

void run(const Flags& flags) {
  std::vector<std::unique_ptr<net::io_context>> contexts;
  for (int i = 0; i < flags.threads; ++i) contexts.push_back(std::make_unique<net::io_context>(1));
  net::io_context& first = *contexts.front();
  const Shared shared{flags, make_answer(flags)};
  tcp::acceptor acceptor(first, {net::ip::address_v4::loopback(), flags.port});
  net::co_spawn(first, accept(acceptor, contexts, shared), net::detached);

  net::signal_set signals(first, SIGINT, SIGTERM);
  signals.async_wait([&contexts](auto, auto) {
    for (auto& context : contexts) context->stop();
  });
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < contexts.size(); ++i) {
    threads.emplace_back([&context = *contexts[i]] {
      const auto work = net::make_work_guard(context);
      context.run();
    });
  }
  first.run();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

int main(int count, char** arguments) {
  const std::optional<Flags> flags = parse_flags(count, arguments);
  if (!flags) {
    std::cerr << "usage: bench_bare_server --port PORT --threads N --body-bytes N [--status N] "
                 "[--invoke-port PORT]\n";
    return 2;
  }
  try {
    run(*flags);
  } catch (const std::exception& failure) {
    std::cerr << "bench_bare_server: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
