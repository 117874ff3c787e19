// Both ends of a channel flow in one program: it sends messages, and it is the processor that is
// invoked for them. One cycle is
//   SendChannelMessage -> its answer                  (connection 1, ours)
//   invocation of the processor -> our answer 202     (connection 2, the server's)
//   ChannelFlowCallback -> its answer: the message is SENT   (connection 3, ours)
// and each slot goes through one cycle after another; --in-flight says how many slots there are.
// With --session 1 the sender is also connected to a messaging session (connection 4), which gets
// the PENDING event and then the CREATE event of each message; a cycle ends with the latter.
// Prints, as JSON, how many cycles were completed, in what time, and how long they took from the
// send to the callback's answer, or to the CREATE event.
//
//   bench_flow_cycle --target-port PORT --listen-port PORT --in-flight N --seconds N
//                    --run ID --channel-arn ARN --bearer ARN --session 0|1
//
// Against bench_bare_server --invoke-port the same cycle runs with constants: the three exchanges
// of HTTP, and two frames, without a service behind them.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "tests/bench/client.h"
#include "tests/bench/web_socket.h"

namespace {

using namespace carillon::bench;
namespace net = boost::asio;
namespace http = boost::beast::http;
using tcp = net::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kSessionReadBytes = 64 * 1024;
// The last cycles may take this long after the time is up; then something is stuck.
constexpr std::chrono::seconds kGrace{10};

struct Settings {
  unsigned short target_port = 0;
  unsigned short listen_port = 0;
  int in_flight = 1;
  double seconds = 2;
  std::string run;
  std::string channel_arn;
  std::string bearer;
  bool session = false;
};

Settings read_settings(int count, char** arguments) {
  Flags flags(count, arguments);
  Settings settings;
  settings.target_port = flags.take_port("--target-port");
  settings.listen_port = flags.take_port("--listen-port");
  settings.in_flight = flags.take_number("--in-flight");
  settings.seconds = flags.take_number("--seconds");
  settings.run = flags.take("--run");
  settings.channel_arn = flags.take("--channel-arn");
  settings.bearer = flags.take("--bearer");
  settings.session = flags.take_number("--session") != 0;
  flags.end();
  return settings;
}

// Something that happens once; one coroutine waits for it, before or after.
class Event {
 public:
  explicit Event(const net::any_io_executor& executor)
      : timer_(executor, Clock::time_point::max()) {}

  void set() {
    happened_ = true;
    timer_.cancel();
  }
  net::awaitable<void> wait_and_clear() {
    if (!happened_) co_await timer_.async_wait(net::as_tuple(net::use_awaitable));
    happened_ = false;
  }

 private:
  net::steady_timer timer_;
  bool happened_ = false;
};

// A kept connection of ours to the server.
class Client {
 public:
  Client(const net::any_io_executor& executor, unsigned short port)
      : socket_(executor), port_(port) {}

  net::awaitable<void> connect() {
    const tcp::endpoint endpoint(net::ip::address_v4::loopback(), port_);
    co_await socket_.async_connect(endpoint, net::use_awaitable);
    socket_.set_option(tcp::no_delay(true));
  }

  // `head` is all of the header that stays the same. Throws when the answer is not 2xx.
  net::awaitable<void> post(std::string_view head, std::string_view body) {
    out_.assign(head);
    append_body(out_, body);
    co_await net::async_write(socket_, net::buffer(out_), net::use_awaitable);
    http::response<http::string_body> answer;
    co_await http::async_read(socket_, buffer_, answer, net::use_awaitable);
    if (answer.result_int() / 100 != 2) {
      throw std::runtime_error("answered " + std::to_string(answer.result_int()) + ": " +
                               answer.body());
    }
  }

 private:
  tcp::socket socket_;
  unsigned short port_;
  boost::beast::flat_buffer buffer_;
  std::string out_;
};

class Cycles {
 public:
  Cycles(net::io_context& context, const Settings& settings)
      : context_(context),
        settings_(settings),
        acceptor_(context, {net::ip::address_v4::loopback(), settings.listen_port}),
        session_(context),
        grace_(context) {
    const std::string channel = "/channels/" + encode_segment(settings.channel_arn);
    send_head_ = request_head(channel + "/messages", settings.target_port, settings.bearer);
    callback_head_ =
        request_head(channel + "?operation=channel-flow-callback", settings.target_port, "");
    for (int i = 0; i < settings.in_flight; ++i) {
      slots_.push_back(std::make_unique<Slot>(*this));
      slots_.back()->name = "cycle-" + std::to_string(i);
    }
  }

  // Returns when every slot has ended its last cycle; throws what went wrong.
  void run() {
    spawn(accept());
    if (settings_.session) {
      spawn(follow_session());
    } else {
      start();
    }
    context_.run();
    if (failure_) std::rethrow_exception(failure_);
    elapsed_ = Clock::now() - started_;
  }

  void print(std::ostream& out) {
    std::sort(latencies_us_.begin(), latencies_us_.end());
    out << R"({"cycles": )" << latencies_us_.size() << R"(, "seconds": )" << elapsed_.count()
        << R"(, "p50_us": )" << percentile(latencies_us_, 0.5) << R"(, "p99_us": )"
        << percentile(latencies_us_, 0.99) << "}\n";
  }

 private:
  struct Slot {
    explicit Slot(Cycles& cycles)
        : sender(cycles.context_.get_executor(), cycles.settings_.target_port),
          processor(cycles.context_.get_executor(), cycles.settings_.target_port),
          invoked(cycles.context_.get_executor()),
          sent(cycles.context_.get_executor()) {}
    Client sender;
    Client processor;
    Event invoked;
    Event sent;
    std::string name;  // what its messages begin with
    std::string callback_body;
    bool pending = false;  // the session got the PENDING event of its message
    bool ended = false;
  };

  void spawn(net::awaitable<void> coroutine) {
    net::co_spawn(context_, std::move(coroutine), [this](std::exception_ptr failure) {
      if (!failure) return;
      if (!failure_) failure_ = std::move(failure);
      context_.stop();
    });
  }

  void start() {
    started_ = Clock::now();
    deadline_ = started_ + std::chrono::duration_cast<Clock::duration>(
                               std::chrono::duration<double>(settings_.seconds));
    running_ = static_cast<int>(slots_.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      spawn(send_messages(i));
      spawn(call_back(i));
    }
    spawn(watch());
  }

  // The sender's messaging session; the cycles begin when it is established.
  net::awaitable<void> follow_session() {
    const tcp::endpoint endpoint(net::ip::address_v4::loopback(), settings_.target_port);
    co_await session_.async_connect(endpoint, net::use_awaitable);
    session_.set_option(tcp::no_delay(true));
    const std::string request =
        connect_request(settings_.target_port, settings_.bearer, settings_.run);
    co_await net::async_write(session_, net::buffer(request), net::use_awaitable);
    const auto room = std::make_unique<std::array<char, kSessionReadBytes>>();
    FrameReader frames;
    while (true) {
      const std::size_t size =
          co_await session_.async_read_some(net::buffer(*room), net::use_awaitable);
      frames.feed({room->data(), size},
                  [this](Opcode opcode, std::string_view payload) { take_frame(opcode, payload); });
    }
  }

  void take_frame(Opcode opcode, std::string_view payload) {
    const std::string_view type = find_text(payload, R"("x-amz-chime-event-type":")");
    const bool text = opcode == Opcode::kText;
    if (text && type == "SESSION_ESTABLISHED" && started_ == Clock::time_point()) return start();
    if (text && type == "PENDING_CREATE_CHANNEL_MESSAGE" && !slot_of(payload).pending) {
      slot_of(payload).pending = true;
    } else if (text && type == "CREATE_CHANNEL_MESSAGE" && slot_of(payload).pending) {
      slot_of(payload).pending = false;
      slot_of(payload).sent.set();
    } else {
      throw std::runtime_error("a frame that should not come now: " + std::string(payload));
    }
  }

  net::awaitable<void> send_messages(std::size_t index) {
    Slot& slot = *slots_[index];
    co_await slot.sender.connect();
    co_await slot.processor.connect();
    for (long number = 0; Clock::now() < deadline_; ++number) {
      const std::string name =
          settings_.run + "-" + std::to_string(index) + "-" + std::to_string(number);
      const std::string body =
          R"({"Content": ")" + slot.name +
          R"(: a message of the usual length, for a processor to look at.", "Type": "STANDARD", )"
          R"("Persistence": "PERSISTENT", "ClientRequestToken": ")" +
          name + R"("})";
      const auto start = Clock::now();
      co_await slot.sender.post(send_head_, body);
      co_await slot.sent.wait_and_clear();
      const std::chrono::duration<double, std::micro> took = Clock::now() - start;
      latencies_us_.push_back(took.count());
    }
    slot.ended = true;
    slot.invoked.set();
    if (--running_ == 0) context_.stop();
  }

  net::awaitable<void> call_back(std::size_t index) {
    Slot& slot = *slots_[index];
    while (true) {
      co_await slot.invoked.wait_and_clear();
      if (slot.ended) co_return;
      co_await slot.processor.post(callback_head_, slot.callback_body);
      if (!settings_.session) slot.sent.set();
    }
  }

  net::awaitable<void> accept() {
    while (true) {
      tcp::socket socket = co_await acceptor_.async_accept(net::use_awaitable);
      socket.set_option(tcp::no_delay(true));
      spawn(process(std::move(socket)));
    }
  }

  // The Invoke endpoint.
  net::awaitable<void> process(tcp::socket socket) {
    static constexpr std::string_view kAnswer =
        "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
    boost::beast::flat_buffer buffer;
    while (true) {
      http::request<http::string_body> request;
      const auto [error, size] =
          co_await http::async_read(socket, buffer, request, net::as_tuple(net::use_awaitable));
      if (error) co_return;
      co_await net::async_write(socket, net::buffer(kAnswer), net::use_awaitable);
      take_event(request.body());
    }
  }

  // Whose message this is about.
  Slot& slot_of(std::string_view event) {
    const std::string_view name = find_text(event, "cycle-");
    std::size_t index = slots_.size();
    std::from_chars(name.data(), name.data() + name.size(), index);
    if (index >= slots_.size()) {
      throw std::runtime_error("an event about none of our messages: " + std::string(event));
    }
    return *slots_[index];
  }

  void take_event(std::string_view event) {
    Slot& slot = slot_of(event);
    // The bare server's event has neither; its callback is as long.
    std::string_view callback_id = find_text(event, R"("CallbackId":")");
    std::string_view message_id = find_text(event, R"("MessageId":")");
    if (callback_id.empty()) callback_id = "00000000-0000-7000-8000-000000000000";
    const std::string zeros(64, '0');
    if (message_id.empty()) message_id = zeros;
    slot.callback_body = R"({"CallbackId": ")";
    slot.callback_body += callback_id;
    slot.callback_body += R"(", "ChannelMessage": {"MessageId": ")";
    slot.callback_body += message_id;
    slot.callback_body += R"(", "Content": ")" + slot.name +
                          R"(: a message of the usual length that was looked at."}})";
    slot.invoked.set();
  }

  net::awaitable<void> watch() {
    grace_.expires_at(deadline_ + kGrace);
    co_await grace_.async_wait(net::use_awaitable);
    throw std::runtime_error(std::to_string(running_) + " cycles are stuck");
  }

  net::io_context& context_;
  const Settings& settings_;
  tcp::acceptor acceptor_;
  tcp::socket session_;
  net::steady_timer grace_;
  std::string send_head_;
  std::string callback_head_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<double> latencies_us_;
  Clock::time_point started_;
  Clock::time_point deadline_;
  std::chrono::duration<double> elapsed_{};
  int running_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

int main(int count, char** arguments) {
  try {
    const Settings settings = read_settings(count, arguments);
    net::io_context context(1);
    Cycles cycles(context, settings);
    cycles.run();
    cycles.print(std::cout);
  } catch (const std::exception& failure) {
    std::cerr << "bench_flow_cycle: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
