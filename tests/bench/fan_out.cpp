// Many users who are connected at the same time, and one of them who sends. Opens a messaging
// session for each of the first N members of a channel and says how many are established. Then, for
// each line on standard input, which is a number, sends as many messages, one when everybody has
// got the one before, and prints as JSON how long that took. At the end of the input it closes the
// sessions and ends; until then they are idle and answer pings.
//
//   bench_fan_out --target-port PORT --sessions N --channel-arn ARN --bearer ARN
//                 --member-prefix ARN --tls 0|1 --step-seconds N
//
// One step, such as a message's way to all sessions, may take N seconds; then something is stuck.
// Each session must get each message exactly once, in order, and all of them the same bytes;
// anything else is an error.
//
// Sockets, epoll and frames cut by hand: what this program spends is not left for the server.
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <iostream>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <openssl/ssl.h>

#include "tests/bench/client.h"
#include "tests/bench/web_socket.h"

namespace {

using namespace carillon::bench;
using Clock = std::chrono::steady_clock;

// Sessions that are being opened at a time: fewer than the kernel lets wait to be accepted.
constexpr int kOpeningMax = 64;
constexpr std::size_t kReadBytes = 64 * 1024;

struct Settings {
  unsigned short target_port = 0;
  int sessions = 0;
  std::string channel_arn;
  std::string bearer;
  std::string member_prefix;  // before the member's number
  bool tls = false;
  std::chrono::seconds step_timeout{};
};

Settings read_settings(int count, char** arguments) {
  Flags flags(count, arguments);
  Settings settings;
  settings.target_port = flags.take_port("--target-port");
  settings.sessions = flags.take_number("--sessions");
  settings.channel_arn = flags.take("--channel-arn");
  settings.bearer = flags.take("--bearer");
  settings.member_prefix = flags.take("--member-prefix");
  settings.tls = flags.take_number("--tls") != 0;
  settings.step_timeout = std::chrono::seconds(flags.take_number("--step-seconds"));
  flags.end();
  return settings;
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct SslDeleter {
  void operator()(SSL* tls) const { ::SSL_free(tls); }
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, SslDeleter>;

// One TCP connection to the server, non-blocking, with or without TLS.
class Link {
 public:
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() {
    tls_.reset();
    if (socket_ >= 0) ::close(socket_);
  }

  void connect(unsigned short port, SSL_CTX* context) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0) fail("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // On the loopback this does not wait for the server.
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      fail("connect");
    }
    const int yes = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    if (::fcntl(socket_, F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
    if (context == nullptr) return;
    tls_.reset(::SSL_new(context));
    if (!tls_ || ::SSL_set_fd(tls_.get(), socket_) != 1) throw std::runtime_error("SSL_new");
    ::SSL_set_connect_state(tls_.get());
  }

  int socket() const { return socket_; }

  // Goes on with the TLS handshake, if there is one; true when it is done.
  bool shake_hands() {
    if (!tls_ || ::SSL_is_init_finished(tls_.get())) return true;
    const int result = ::SSL_do_handshake(tls_.get());
    if (result == 1) return true;
    if (::SSL_get_error(tls_.get(), result) != SSL_ERROR_WANT_READ) {
      throw std::runtime_error("the TLS handshake failed");
    }
    return false;
  }

  // Nothing when there is nothing yet; an empty string at the end of the connection.
  std::optional<std::string_view> read_some(std::array<char, kReadBytes>& room) {
    if (tls_) {
      const int size = ::SSL_read(tls_.get(), room.data(), static_cast<int>(room.size()));
      if (size > 0) return std::string_view(room.data(), static_cast<std::size_t>(size));
      const int error = ::SSL_get_error(tls_.get(), size);
      if (error == SSL_ERROR_WANT_READ) return std::nullopt;
      if (error == SSL_ERROR_ZERO_RETURN) return std::string_view();
      throw std::runtime_error("SSL_read failed: " + std::to_string(error));
    }
    const ssize_t size = ::read(socket_, room.data(), room.size());
    if (size >= 0) return std::string_view(room.data(), static_cast<std::size_t>(size));
    if (errno == EAGAIN) return std::nullopt;
    fail("read");
  }

  // Our few bytes always fit into the socket's buffer.
  void write(std::string_view bytes) {
    const auto size = static_cast<int>(bytes.size());
    const ssize_t written = tls_ ? ::SSL_write(tls_.get(), bytes.data(), size)
                                 : ::write(socket_, bytes.data(), bytes.size());
    if (written != size) fail("write");
  }

 private:
  int socket_ = -1;
  std::unique_ptr<SSL, SslDeleter> tls_;
};

struct Session {
  Link link;
  FrameReader frames;
  bool asked = false;  // for the upgrade
  bool established = false;
  bool closed = false;
  long received = 0;  // messages
};

class Crowd {
 public:
  explicit Crowd(const Settings& settings)
      : settings_(settings),
        room_(std::make_unique<std::array<char, kReadBytes>>()),
        sessions_(static_cast<std::size_t>(settings.sessions)) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) fail("epoll_create1");
    if (settings.tls) {
      tls_.reset(::SSL_CTX_new(::TLS_client_method()));
      if (!tls_) throw std::runtime_error("SSL_CTX_new");
      ::SSL_CTX_set_mode(tls_.get(), SSL_MODE_RELEASE_BUFFERS);
      ::SSL_CTX_set_verify(tls_.get(), SSL_VERIFY_NONE, nullptr);
    }
    watch(STDIN_FILENO, kInputId);
    head_ = request_head("/channels/" + encode_segment(settings.channel_arn) + "/messages",
                         settings.target_port, settings.bearer);
  }
  ~Crowd() { ::close(epoll_); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Returns when all sessions are established.
  void open();
  // The next line of the input, or nothing at its end. Takes as long as it takes.
  std::optional<std::string> next_line();
  // Sends so many messages and prints what was seen.
  void send(int messages, std::ostream& out);
  // Returns when all sessions are closed and got nothing that they should not have.
  void close();

 private:
  static constexpr std::uint32_t kSenderId = 0xFFFFFFFF;
  static constexpr std::uint32_t kInputId = 0xFFFFFFFE;

  void watch(int descriptor, std::uint32_t id);
  // Handles what happens until `done` holds. Throws what(), if that is not soon.
  template <typename Done, typename What>
  void run_until(Done&& done, What&& what, bool wait_for_ever = false);
  void handle(std::uint32_t id);
  void start_session(std::uint32_t id);
  void read_session(std::uint32_t id);
  void read_answer();
  void read_input();
  void take_frame(std::uint32_t id, Opcode opcode, std::string_view payload);
  void take_message(std::uint32_t id, std::string_view payload);

  const Settings& settings_;
  std::unique_ptr<std::array<char, kReadBytes>> room_;
  int epoll_ = -1;
  TlsContext tls_;
  std::vector<Session> sessions_;
  std::optional<Link> sender_;  // none when the server has closed it, idle
  std::string head_;
  std::string input_;
  bool input_ended_ = false;
  bool closing_ = false;
  int opened_ = 0;
  int established_ = 0;
  int closed_ = 0;

  long message_ = 0;       // the number of the one that is under way, from 1 on
  std::string reference_;  // what the first session got of it
  int arrived_ = 0;
  Clock::time_point arrived_last_;
  std::string answer_;
  bool answered_ = true;
  Clock::time_point answered_at_;
};

void Crowd::watch(int descriptor, std::uint32_t id) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = id;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
}

template <typename Done, typename What>
void Crowd::run_until(Done&& done, What&& what, bool wait_for_ever) {
  std::array<epoll_event, 512> events;
  const auto deadline = Clock::now() + settings_.step_timeout;
  while (!done()) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   wait_for_ever ? -1 : 1000);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)].data.u32);
    if (!wait_for_ever && Clock::now() > deadline && !done()) throw std::runtime_error(what());
  }
}

void Crowd::handle(std::uint32_t id) {
  if (id == kSenderId) return read_answer();
  if (id == kInputId) return read_input();
  try {
    read_session(id);
  } catch (const std::exception& failure) {
    throw std::runtime_error("session " + std::to_string(id) + ": " + failure.what());
  }
}

void Crowd::open() {
  while (established_ < settings_.sessions) {
    while (opened_ < settings_.sessions && opened_ - established_ < kOpeningMax) {
      start_session(static_cast<std::uint32_t>(opened_++));
    }
    const int before = established_;
    run_until([&] { return established_ > before; },
              [&] { return std::to_string(established_) + " sessions, then no more"; });
  }
}

void Crowd::start_session(std::uint32_t id) {
  Session& session = sessions_[id];
  session.link.connect(settings_.target_port, tls_.get());
  watch(session.link.socket(), id);
  handle(id);  // which begins with what is ours to write
}

void Crowd::read_session(std::uint32_t id) {
  Session& session = sessions_[id];
  if (!session.link.shake_hands()) return;
  if (!session.asked) {
    session.asked = true;
    const std::string number = std::to_string(id);
    session.link.write(connect_request(settings_.target_port, settings_.member_prefix + number,
                                       "bench-" + number));
  }
  while (!session.closed) {
    const auto bytes = session.link.read_some(*room_);
    if (!bytes) return;
    if (bytes->empty()) throw std::runtime_error("the connection ended");
    session.frames.feed(
        *bytes, [&](Opcode opcode, std::string_view payload) { take_frame(id, opcode, payload); });
    if (!settings_.tls && bytes->size() < room_->size()) return;
  }
}

void Crowd::take_frame(std::uint32_t id, Opcode opcode, std::string_view payload) {
  Session& session = sessions_[id];
  if (opcode == Opcode::kPing) return session.link.write(client_frame(Opcode::kPong, payload));
  if (opcode == Opcode::kText && session.established) return take_message(id, payload);
  if (opcode == Opcode::kText && payload.find("SESSION_ESTABLISHED") != std::string_view::npos) {
    session.established = true;
    ++established_;
    return;
  }
  if (opcode == Opcode::kClose && closing_) {
    session.closed = true;
    ++closed_;
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, session.link.socket(), nullptr);
    return;
  }
  throw std::runtime_error("unexpected frame: " + std::string(payload));
}

std::string marker(long message) { return "message " + std::to_string(1'000'000'000 + message); }

void Crowd::take_message(std::uint32_t id, std::string_view payload) {
  Session& session = sessions_[id];
  if (session.received == message_) throw std::runtime_error("one more: " + std::string(payload));
  if (arrived_ == 0) {
    reference_ = payload;
    if (payload.find("\"CREATE_CHANNEL_MESSAGE\"") == std::string_view::npos ||
        payload.find(marker(message_)) == std::string_view::npos) {
      throw std::runtime_error("not " + marker(message_) + ": " + reference_);
    }
  } else if (payload != reference_) {
    throw std::runtime_error("not what the others got: " + std::string(payload));
  }
  ++session.received;
  if (++arrived_ == settings_.sessions) arrived_last_ = Clock::now();
}

// What follows the header is as long as it says; there is one answer at a time.
void Crowd::read_answer() {
  const auto bytes = sender_->read_some(*room_);
  if (!bytes) return;
  if (bytes->empty() && answered_) return sender_.reset();
  if (bytes->empty()) throw std::runtime_error("the sender's connection ended");
  answer_ += *bytes;
  const std::size_t head = answer_.find("\r\n\r\n");
  if (head == std::string::npos) return;
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t length = answer_.find(kLength);
  if (!answer_.starts_with("HTTP/1.1 2") || length > head || answered_) {
    throw std::runtime_error("the message was answered " + answer_);
  }
  if (answer_.size() < head + 4 + std::stoul(answer_.substr(length + kLength.size()))) return;
  answered_ = true;
  answered_at_ = Clock::now();
  answer_.clear();
}

void Crowd::send(int messages, std::ostream& out) {
  std::vector<double> rates;
  std::vector<double> latencies_us;
  for (int i = 0; i < messages; ++i) {
    ++message_;
    arrived_ = 0;
    answered_ = false;
    std::string request = head_;
    append_body(request,
                R"({"Content": ")" + marker(message_) +
                    R"(: as people send them, a sentence or two with an accent (\u00e9) )"
                    R"(and a link, https://example.com/path?query=1", "Type": "STANDARD", )"
                    R"("Persistence": "PERSISTENT", "Metadata": "{\"client\": \"bench\"}")"
                    R"(, "ClientRequestToken": "bench-)" +
                    std::to_string(::getpid()) + "-" + std::to_string(message_) + "\"}");
    if (!sender_) {
      sender_.emplace().connect(settings_.target_port, nullptr);
      watch(sender_->socket(), kSenderId);
    }
    const auto start = Clock::now();
    sender_->write(request);
    run_until([&] { return answered_ && arrived_ == settings_.sessions; },
              [&] {
                return marker(message_) + (answered_ ? " was answered" : " was not answered") +
                       " and arrived at " + std::to_string(arrived_) + " of " +
                       std::to_string(settings_.sessions) + " sessions";
              });
    const std::chrono::duration<double> took = arrived_last_ - start;
    rates.push_back(settings_.sessions / took.count());
    // The answer may well come while deliveries are under way, or after them.
    const std::chrono::duration<double, std::micro> after = arrived_last_ - answered_at_;
    latencies_us.push_back(std::max(0.0, after.count()));
  }
  std::sort(rates.begin(), rates.end());
  std::sort(latencies_us.begin(), latencies_us.end());
  out << R"({"deliveries": )" << static_cast<long>(messages) * settings_.sessions << R"(, "rate": )"
      << percentile(rates, 0.5) << R"(, "p50_us": )" << percentile(latencies_us, 0.5)
      << R"(, "p99_us": )" << percentile(latencies_us, 0.99) << R"(, "frame_bytes": )"
      << reference_.size() << '}' << std::endl;
}

void Crowd::read_input() {
  const ssize_t size = ::read(STDIN_FILENO, room_->data(), room_->size());
  if (size < 0) fail("read");
  if (size == 0) {
    input_ended_ = true;
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, STDIN_FILENO, nullptr);
  }
  input_.append(room_->data(), static_cast<std::size_t>(size));
}

std::optional<std::string> Crowd::next_line() {
  run_until([&] { return input_ended_ || input_.find('\n') != std::string::npos; },
            [] { return ""; }, true);
  const std::size_t end = input_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = input_.substr(0, end);
  input_.erase(0, end + 1);
  return line;
}

void Crowd::close() {
  closing_ = true;
  const std::string frame = client_frame(Opcode::kClose, "\x03\xE8");  // 1000
  for (Session& session : sessions_) session.link.write(frame);
  run_until(
      [&] { return closed_ == settings_.sessions; },
      [&] { return std::to_string(settings_.sessions - closed_) + " sessions do not close"; });
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit");
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const Settings settings = read_settings(count, arguments);
    raise_descriptor_limit();
    std::signal(SIGPIPE, SIG_IGN);  // a write fails instead
    Crowd crowd(settings);
    crowd.open();
    std::cout << R"({"established": )" << settings.sessions << '}' << std::endl;
    while (const auto line = crowd.next_line()) crowd.send(std::stoi(*line), std::cout);
    crowd.close();
  } catch (const std::exception& failure) {
    std::cerr << "bench_fan_out: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
