// What Carillon is compared with: an HTTP server that does nothing but HTTP. Each connection is a
// coroutine that reads a request with Beast and answers a constant JSON of a given size. The same
// number of threads, the same socket options, and the same compiler flags as Carillon.
//
//   bench_bare_server --port PORT --threads N --body-bytes N [--status N] [--invoke-port PORT]
//                     [--frame-bytes N]
//
// With --invoke-port it does what a channel flow needs of HTTP, and no more: each POST whose target
// ends in "/messages" is answered, then its body is posted to that port, on a connection that is
// kept.
//
// With --frame-bytes it does what messaging sessions need of WebSocket, and no more: a request for
// an upgrade gets one, and each POST that is about a message is answered and then told, with its
// body in a frame of that size, to all who are connected.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <thread>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using tcp = net::ip::tcp;

struct Flags {
  unsigned short port = 0;
  int threads = 1;
  std::size_t body_bytes = 64;
  unsigned status = 200;
  unsigned short invoke_port = 0;
  std::size_t frame_bytes = 0;
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
  take("--frame-bytes", flags.frame_bytes);
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

using Frame = std::shared_ptr<const std::string>;

// The name of the event, then whatever it is about, and as long as it has to be.
Frame make_frame(std::string_view type, std::string_view about, std::size_t bytes) {
  const std::string_view end = R"("})";
  std::string text = R"({"Headers":{"x-amz-chime-event-type":")";
  text.append(type).append(R"(","x-amz-chime-message-type":"STANDARD"},"Payload":")").append(about);
  if (text.size() + end.size() < bytes) text.resize(bytes - end.size(), 'x');
  text += end;
  return std::make_shared<const std::string>(std::move(text));
}

// Somebody who is connected. One frame is written at a time, as Beast asks.
class Peer : public std::enable_shared_from_this<Peer> {
 public:
  explicit Peer(tcp::socket socket) : stream_(std::move(socket)) {}

  net::awaitable<void> accept(const http::request<http::string_body>& request) {
    stream_.auto_fragment(false);
    stream_.text(true);
    co_await stream_.async_accept(request, net::use_awaitable);
  }
  // Until the other side closes; answers its pings.
  net::awaitable<void> read() {
    boost::beast::flat_buffer ignored;
    while (true) {
      co_await stream_.async_read(ignored, net::use_awaitable);
      ignored.clear();
    }
  }
  void write(const Frame& frame) {
    if (writing_) return waiting_.push_back(frame);
    writing_ = frame;
    stream_.async_write(net::buffer(*frame),
                        [self = shared_from_this()](const boost::system::error_code& error,
                                                    std::size_t) { self->written(error); });
  }

 private:
  void written(const boost::system::error_code& error) {
    writing_.reset();
    if (error || waiting_.empty()) return;
    const Frame next = std::move(waiting_.front());
    waiting_.pop_front();
    write(next);
  }

  websocket::stream<tcp::socket, /*deflateSupported=*/false> stream_;
  Frame writing_;
  std::deque<Frame> waiting_;
};

// A thread's loop, and who is connected on it.
struct Loop {
  net::io_context context{1};
  std::vector<std::shared_ptr<Peer>> peers;
};
using Loops = std::vector<std::unique_ptr<Loop>>;

struct Shared {
  const Flags& flags;
  const http::response<http::string_body> answer;
  Loops& loops;
};

void tell_all(const Shared& shared, const Frame& frame) {
  for (const auto& loop : shared.loops) {
    net::dispatch(loop->context, [&peers = loop->peers, frame] {
      for (const auto& peer : peers) peer->write(frame);
    });
  }
}

net::awaitable<void> keep_peer(tcp::socket socket, Loop& loop,
                               const http::request<http::string_body>& request) {
  const auto peer = std::make_shared<Peer>(std::move(socket));
  co_await peer->accept(request);
  peer->write(make_frame("SESSION_ESTABLISHED", "", 0));
  loop.peers.push_back(peer);
  try {
    co_await peer->read();
  } catch (const boost::system::system_error&) {
    loop.peers.erase(std::find(loop.peers.begin(), loop.peers.end(), peer));
  }
}

net::awaitable<void> serve(tcp::socket socket, Loop& loop, const Shared& shared) {
  const Flags& flags = shared.flags;
  Invoker invoker(socket.get_executor(), flags.invoke_port);
  boost::beast::flat_buffer buffer;
  try {
    while (true) {
      http::request_parser<http::string_body> parser;
      co_await http::async_read(socket, buffer, parser, net::use_awaitable);
      if (flags.frame_bytes != 0 && websocket::is_upgrade(parser.get())) {
        co_return co_await keep_peer(std::move(socket), loop, parser.get());
      }
      co_await http::async_write(socket, shared.answer, net::use_awaitable);
      const bool sends = parser.get().target().ends_with("/messages");
      const bool pends = sends && flags.invoke_port != 0;
      const bool calls_back = parser.get().target().ends_with("channel-flow-callback");
      if (flags.frame_bytes != 0 && (sends || calls_back)) {
        const char* type = pends ? "PENDING_CREATE_CHANNEL_MESSAGE" : "CREATE_CHANNEL_MESSAGE";
        tell_all(shared, make_frame(type, parser.get().body(), flags.frame_bytes));
      }
      if (pends) co_await invoker.invoke(std::move(parser.get().body()));
      if (!parser.get().keep_alive()) co_return;
    }
  } catch (const boost::system::system_error&) {
    // The client went away, as clients of a benchmark do.
  }
}

net::awaitable<void> accept(tcp::acceptor& acceptor, const Shared& shared) {
  for (std::size_t next = 0;; next = (next + 1) % shared.loops.size()) {
    Loop& loop = *shared.loops[next];
    tcp::socket socket = co_await acceptor.async_accept(loop.context, net::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    net::co_spawn(loop.context, serve(std::move(socket), loop, shared), net::detached);
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
  Loops loops;
  for (int i = 0; i < flags.threads; ++i) loops.push_back(std::make_unique<Loop>());
  net::io_context& first = loops.front()->context;
  const Shared shared{flags, make_answer(flags), loops};
  tcp::acceptor acceptor(first, {net::ip::address_v4::loopback(), flags.port});
  net::co_spawn(first, accept(acceptor, shared), net::detached);

  net::signal_set signals(first, SIGINT, SIGTERM);
  signals.async_wait([&loops](auto, auto) {
    for (auto& loop : loops) loop->context.stop();
  });
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < loops.size(); ++i) {
    threads.emplace_back([&context = loops[i]->context] {
      const auto work = net::make_work_guard(context);
      context.run();
    });
  }
  first.run();
  for (std::thread& thread : threads) thread.join();
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int count, char** arguments) {
  const std::optional<Flags> flags = parse_flags(count, arguments);
  if (!flags) {
    std::cerr << "usage: bench_bare_server --port PORT --threads N --body-bytes N [--status N] "
                 "[--invoke-port PORT] [--frame-bytes N]\n";
    return 2;
  }
  raise_descriptor_limit();
  try {
    run(*flags);
  } catch (const std::exception& failure) {
    std::cerr << "bench_bare_server: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
