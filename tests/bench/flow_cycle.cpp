// Both ends of a channel flow in one program: it sends messages, and it is the processor that is
// invoked for them. One cycle is
//   SendChannelMessage -> its answer                  (connection 1, ours)
//   invocation of the processor -> our answer 202     (connection 2, the server's)
//   ChannelFlowCallback -> its answer: the message is SENT   (connection 3, ours)
// and each slot goes through one cycle after another; --in-flight says how many slots there are.
// Prints, as JSON, how many cycles were completed, in what time, and how long they took from the
// send to the callback's answer.
//
//   bench_flow_cycle --target-port PORT --listen-port PORT --in-flight N --seconds N
//                    --run ID --channel-arn ARN --bearer ARN
//
// Against bench_bare_server --invoke-port the same cycle runs with constants: the three exchanges
// of HTTP without a service behind them.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
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

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using tcp = net::ip::tcp;
using Clock = std::chrono::steady_clock;

// The last cycles may take this long after the time is up; then something is stuck.
constexpr std::chrono::seconds kGrace{10};

struct Flags {
  unsigned short target_port = 0;
  unsigned short listen_port = 0;
  int in_flight = 1;
  double seconds = 2;
  std::string run;
  std::string channel_arn;
  std::string bearer;
};

Flags parse_flags(int count, char** arguments) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < count; i += 2) given[arguments[i]] = arguments[i + 1];
  const auto take = [&given](const char* name) {
    const auto node = given.extract(name);
    if (node.empty()) throw std::invalid_argument(std::string(name) + " is missing");
    return node.mapped();
  };
  Flags flags;
  flags.target_port = static_cast<unsigned short>(std::stoul(take("--target-port")));
  flags.listen_port = static_cast<unsigned short>(std::stoul(take("--listen-port")));
  flags.in_flight = std::stoi(take("--in-flight"));
  flags.seconds = std::stod(take("--seconds"));
  flags.run = take("--run");
  flags.channel_arn = take("--channel-arn");
  flags.bearer = take("--bearer");
  if (!given.empty()) throw std::invalid_argument("unknown flag " + given.begin()->first);
  return flags;
}

std::string encode_segment(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kKept = "-._~";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || kKept.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

// The string that follows `key` in JSON whose form we know; empty when there is none.
std::string_view find_text(std::string_view json, std::string_view key) {
  const std::size_t start = json.find(key);
  if (start == std::string_view::npos) return {};
  const std::string_view rest = json.substr(start + key.size());
  return rest.substr(0, rest.find('"'));
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
    out_ += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    out_ += body;
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

// What the requests have in common: a path, and the header fields that an SDK sends.
std::string request_head(const std::string& target, const Flags& flags, bool with_bearer) {
  std::string head = "POST " + target +
                     " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(flags.target_port) +
                     "\r\nContent-Type: application/json\r\nAccept-Encoding: identity\r\n"
                     "User-Agent: Boto3/1.43.11 md/Botocore#1.43.11 ua/2.1 os/linux#6.1 "
                     "lang/python#3.11.7\r\nX-Amz-Date: 20261122T144829Z\r\n"
                     "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/"
                     "chime/aws4_request, SignedHeaders=content-type;host;x-amz-chime-bearer;"
                     "x-amz-date, Signature="
                     "48e8433d7f1ca05da3f35c93c2fc3d0e1e2ec30a4c1690ce4abd5995e5eae1ce\r\n"
                     "amz-sdk-invocation-id: 411ea0ba-027d-4975-a598-2e6bc7f3cf51\r\n"
                     "amz-sdk-request: attempt=1\r\n";
  if (with_bearer) head += "x-amz-chime-bearer: " + flags.bearer + "\r\n";
  return head;
}

class Cycles {
 public:
  Cycles(net::io_context& context, const Flags& flags)
      : context_(context),
        flags_(flags),
        acceptor_(context, {net::ip::address_v4::loopback(), flags.listen_port}),
        grace_(context) {
    const std::string channel = "/channels/" + encode_segment(flags.channel_arn);
    send_head_ = request_head(channel + "/messages", flags, true);
    callback_head_ = request_head(channel + "?operation=channel-flow-callback", flags, false);
    for (int i = 0; i < flags.in_flight; ++i) slots_.push_back(std::make_unique<Slot>(*this));
  }

  // Returns when every slot has ended its last cycle; throws what went wrong.
  void run() {
    const auto start = Clock::now();
    deadline_ = start + std::chrono::duration_cast<Clock::duration>(
                            std::chrono::duration<double>(flags_.seconds));
    spawn(accept());
    running_ = static_cast<int>(slots_.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      spawn(send_messages(i));
      spawn(call_back(i));
    }
    spawn(watch());
    context_.run();
    if (failure_) std::rethrow_exception(failure_);
    elapsed_ = Clock::now() - start;
  }

  void print(std::ostream& out) {
    std::sort(latencies_us_.begin(), latencies_us_.end());
    const auto percentile = [this](double share) {
      const auto last = static_cast<double>(latencies_us_.size() - 1);
      return latencies_us_.empty() ? 0.0 : latencies_us_[static_cast<std::size_t>(share * last)];
    };
    out << R"({"cycles": )" << latencies_us_.size() << R"(, "seconds": )" << elapsed_.count()
        << R"(, "p50_us": )" << percentile(0.5) << R"(, "p99_us": )" << percentile(0.99) << "}\n";
  }

 private:
  struct Slot {
    explicit Slot(Cycles& cycles)
        : sender(cycles.context_.get_executor(), cycles.flags_.target_port),
          processor(cycles.context_.get_executor(), cycles.flags_.target_port),
          invoked(cycles.context_.get_executor()),
          sent(cycles.context_.get_executor()) {}
    Client sender;
    Client processor;
    Event invoked;
    Event sent;
    std::string callback_body;
    bool ended = false;
  };

  void spawn(net::awaitable<void> coroutine) {
    net::co_spawn(context_, std::move(coroutine), [this](std::exception_ptr failure) {
      if (!failure) return;
      if (!failure_) failure_ = std::move(failure);
      context_.stop();
    });
  }

  net::awaitable<void> send_messages(std::size_t index) {
    Slot& slot = *slots_[index];
    co_await slot.sender.connect();
    co_await slot.processor.connect();
    for (long number = 0; Clock::now() < deadline_; ++number) {
      const std::string name =
          flags_.run + "-" + std::to_string(index) + "-" + std::to_string(number);
      const std::string body =
          R"({"Content": "cycle-)" + std::to_string(index) +
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
      slot.sent.set();
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

  void take_event(std::string_view event) {
    const std::string_view name = find_text(event, "\"cycle-");
    std::size_t index = slots_.size();
    std::from_chars(name.data(), name.data() + name.size(), index);
    if (index >= slots_.size()) {
      throw std::runtime_error("an invocation for none of our messages: " + std::string(event));
    }
    Slot& slot = *slots_[index];
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
    slot.callback_body += R"(", "Content": "cycle-)" + std::to_string(index) +
                          R"(: a message of the usual length that was looked at."}})";
    slot.invoked.set();
  }

  net::awaitable<void> watch() {
    grace_.expires_at(deadline_ + kGrace);
    co_await grace_.async_wait(net::use_awaitable);
    throw std::runtime_error(std::to_string(running_) + " cycles are stuck");
  }

  net::io_context& context_;
  const Flags& flags_;
  tcp::acceptor acceptor_;
  net::steady_timer grace_;
  std::string send_head_;
  std::string callback_head_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<double> latencies_us_;
  Clock::time_point deadline_;
  std::chrono::duration<double> elapsed_{};
  int running_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

int main(int count, char** arguments) {
  try {
    const Flags flags = parse_flags(count, arguments);
    net::io_context context(1);
    Cycles cycles(context, flags);
    cycles.run();
    cycles.print(std::cout);
  } catch (const std::exception& failure) {
    std::cerr << "bench_flow_cycle: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
