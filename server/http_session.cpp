#include "server/http_session.h"

#include <exception>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "api/service.h"
#include "server/answer.h"
#include "server/sessions/messaging_session.h"
#include "server/sessions/sessions.h"
#include "server/tls/tls.h"

namespace carillon::server {

namespace net = boost::asio;
using std::chrono::steady_clock;

namespace {

constexpr auto kAsTuple = net::as_tuple(net::use_awaitable);

// For a /connect that became no session.
api::HttpResponse refuse_upgrade(const api::HttpRequest& request) {
  auto upgrade = read_upgrade(request);
  if (auto* answer = std::get_if<api::HttpResponse>(&upgrade)) return std::move(*answer);
  return api::render(api::error::bad_request(
      "A WebSocket client must wait for the answer to its upgrade before it sends anything."));
}

}  // namespace

HttpSession::HttpSession(net::ip::tcp::socket socket, SessionContext& context, IoThread& thread,
                         bool refused)
    : connection_(std::move(socket)), context_(context), thread_(thread), refused_(refused) {
  thread_.add(*this);
}

HttpSession::~HttpSession() {
  release_slot();
  thread_.remove(*this);
  connection_.close();
  context_.counters.connections.leave();
}

void HttpSession::start(net::ip::tcp::socket socket, SessionContext& context, IoThread& thread,
                        bool refused) {
  net::co_spawn(
      thread.context(),
      keep(std::make_unique<HttpSession>(std::move(socket), context, thread, refused)),
      [&log = context.log](const std::exception_ptr& failure) { log_failure(log, failure); });
}

void log_failure(Log& log, const std::exception_ptr& failure) {
  if (failure) log.error("a session failed, which is a bug", {{"what", what(failure)}});
}

net::awaitable<void> HttpSession::keep(std::unique_ptr<HttpSession> session) {
  co_await session->run();
}

net::awaitable<void> HttpSession::run() {
  // One await in each statement: gcc 12 makes wrong code of some conditions with awaits in them.
  bool more = co_await open();
  if (more) more = co_await serve();
  if (more && try_send() != Sent::kAll) more = co_await send();
  if (more && !input_ended_) co_await linger();
}

// The port speaks TLS as well: the first byte tells.
net::awaitable<bool> HttpSession::open() {
  if (thread_.draining()) co_return false;
  boost::system::error_code error;
  waiting_ = Waiting::kFirstByte;
  arm(steady_clock::now() + context_.settings.idle_timeout);
  const bool tls = co_await connection_.starts_tls(error);
  disarm();
  if (error || !tls) co_return !error;
  waiting_ = Waiting::kHandshake;
  arm(steady_clock::now() + context_.settings.read_timeout);
  std::string trouble;
  ssl_ctx_st* const context = tls_context(trouble);
  bool done = false;
  if (context != nullptr) done = co_await connection_.handshake(context, trouble);
  disarm();
  waiting_ = Waiting::kNothing;
  if (!done) log_handshake(trouble);
  co_return done;
}

void HttpSession::log_handshake(std::string_view trouble) {
  context_.log.info("a TLS handshake failed; the CA for clients to trust is at /_carillon/ca.pem",
                    {{"why", timed_out_ ? std::string_view("it did not end in time") : trouble}});
}

// Null when our own certificate cannot be read or made.
ssl_ctx_st* HttpSession::tls_context(std::string& trouble) {
  try {
    return context_.tls.context();
  } catch (const std::exception& failure) {
    context_.log.error("there is no certificate for TLS", {{"what", failure.what()}});
    trouble = failure.what();
    return nullptr;
  }
}

// Until the connection has no further request. False when it is gone, or became a session's.
net::awaitable<bool> HttpSession::serve() {
  bool open = true;
  while (open) {
    const ReadState state = reader_.next();
    if (state == ReadState::kNeedMore) {
      if (try_send() != Sent::kAll) {
        const bool sent = co_await send();
        if (!sent) co_return false;
      }
      if (!before_reading()) break;
      const auto room = reader_.room();
      const auto [error, size] =
          co_await connection_.async_read_some(net::buffer(room.data(), room.size()), kAsTuple);
      open = after_reading(error, size);
    } else if (state == ReadState::kBodyExpected) {
      open = expect_body();
    } else if (state == ReadState::kFailed) {
      answer_failure(render(reader_.failure()));
      open = false;
    } else {
      const bool head = reader_.method() == "HEAD";
      const api::HttpRequest request{head ? "GET" : reader_.method(), reader_.target(),
                                     reader_.headers(), reader_.body()};
      if (!head && api::is_connect_request(request) && begin_session(request)) co_return false;
      Outcome outcome = begin_request(request);
      if (auto* work = std::get_if<RequestWork>(&outcome.result)) {
        outcome.result = co_await async_write_request(context_.writer, context_.write_context,
                                                      std::move(*work), net::use_awaitable);
        // At the end threads stop one after the other: nobody begins to wait for one that may have.
        if (!thread_.draining() && context_.sessions.is_behind()) {
          co_await context_.sessions.async_wait_told(net::use_awaitable);
        }
      }
      finish_request(outcome, std::get<api::HttpResponse>(outcome.result));
      open = keep_alive_;
      // A client that does not take its answers is not read from.
      if (out_.size() > kOutputGatherBytesMax && try_send() != Sent::kAll) {
        const bool sent = co_await send();
        if (!sent) co_return false;
      }
    }
  }
  co_return true;
}

// What is left of the output, for a client that takes it slowly. False when the connection is gone.
net::awaitable<bool> HttpSession::send() {
  if (!connection_.is_open()) co_return false;
  waiting_ = Waiting::kSend;
  arm(steady_clock::now() + kSendTimeout);
  const auto [error, size] = co_await net::async_write(
      connection_, net::buffer(out_.data() + sent_, out_.size() - sent_), kAsTuple);
  disarm();
  waiting_ = Waiting::kNothing;
  out_.clear();
  sent_ = 0;
  co_return !error;
}

HttpSession::Sent HttpSession::try_send() {
  if (out_.empty()) return Sent::kAll;
  boost::system::error_code error;
  // Part of it may have been sent by an earlier try.
  sent_ += connection_.write_some(net::buffer(out_) + sent_, error);
  if (error && error != net::error::would_block && error != net::error::try_again) {
    connection_.close();
    return Sent::kBroken;
  }
  if (sent_ < out_.size()) return Sent::kPart;
  sent_ = 0;
  if (out_.capacity() > kOutputKeepBytesMax) {
    std::string().swap(out_);
  } else {
    out_.clear();
  }
  return Sent::kAll;
}

// Sets the deadline of the read that follows. False when there is nothing to wait for.
bool HttpSession::before_reading() {
  if (input_ended_) {
    if (reader_.idle()) return false;
    reader_.end_of_input();
    answer_failure(render(reader_.failure()));
    return false;
  }
  const auto now = steady_clock::now();
  if (reader_.idle()) {
    request_begun_ = false;  // what came was a blank line between requests
    if (thread_.draining()) {
      input_ended_ = true;
      return false;
    }
    waiting_ = Waiting::kFirstByte;
    arm(now + context_.settings.idle_timeout);
    return true;
  }
  if (!request_begun_) {
    request_begun_ = true;
    begun_ = now;
  }
  waiting_ = Waiting::kRequest;
  arm(begun_ + context_.settings.read_timeout);
  return true;
}

bool HttpSession::after_reading(const boost::system::error_code& error, std::size_t size) {
  disarm();
  if (size > 0) {
    timed_out_ = false;
    waiting_ = Waiting::kNothing;
    if (!request_begun_) {
      request_begun_ = true;
      begun_ = steady_clock::now();
    }
    reader_.received(size);
    return true;
  }
  if (error == net::error::eof) {
    input_ended_ = true;
    return true;  // what came before is still answered
  }
  if (timed_out_ && waiting_ == Waiting::kRequest) {
    reader_.timed_out(print_duration(context_.settings.read_timeout));
    answer_failure(render(reader_.failure()));
    return false;
  }
  // Idle for too long, the server ends, or the connection is broken: nothing to linger for.
  input_ended_ = true;
  return false;
}

// The header is here, the body is not. Returns whether to go on reading.
bool HttpSession::expect_body() {
  if (!take_slot()) return false;
  const auto expect = reader_.headers().find("Expect");
  if (!expect || reader_.http_1_0()) return true;
  if (reader_.expects_continue()) {
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    return true;
  }
  answer_failure(render(ReadFailure{417, api::ErrorKind::kBadRequest,
                                    "The only expectation that can be met is 100-continue."}));
  return false;
}

Outcome HttpSession::begin_request(const api::HttpRequest& request) {
  if (!request_begun_) begun_ = steady_clock::now();  // pipelined behind another one
  keep_alive_ = reader_.keep_alive();
  if (!take_slot()) return {};
  if (api::is_connect_request(request)) {
    return {.operation = "Connect", .result = refuse_upgrade(request)};
  }
  if (request.method == "OPTIONS") {
    return {.operation = "Preflight", .result = api::HttpResponse{204, {}, {}}};
  }
  return context_.dispatcher.begin(request, thread_);
}

// Whether the connection is a messaging session's from now on.
bool HttpSession::begin_session(const api::HttpRequest& request) {
  auto upgrade = read_upgrade(request);
  if (!std::holds_alternative<Upgrade>(upgrade) || refused_ || reader_.followed()) return false;
  // What was asked before is answered first; a client that does not take it cannot have sent this.
  if (try_send() != Sent::kAll) return false;
  if (!request_begun_) begun_ = steady_clock::now();
  log_request("Connect", api::HttpResponse{101, {}, {}}, "-");
  release_slot();
  SessionOpening opening = context_.dispatcher.open_session(request);
  start_messaging_session(std::move(connection_), std::get<Upgrade>(std::move(upgrade)),
                          std::move(opening), context_, thread_);
  return true;
}

void HttpSession::finish_request(const Outcome& outcome, const api::HttpResponse& response) {
  if (has_slot_) {
    const std::string request_id = thread_.ids().uuid();
    keep_alive_ = keep_alive_ && !thread_.draining();
    const AnswerFrame frame{.request_id = request_id,
                            .date = thread_.date().text(context_.clock.now_ms()),
                            .allow = outcome.allow,
                            .keep_alive = keep_alive_,
                            .http_1_0 = reader_.http_1_0(),
                            .head_only = reader_.method() == "HEAD"};
    if (reader_.method() == "OPTIONS") {
      append_preflight_answer(out_, reader_.headers(), frame);
    } else {
      append_answer(out_, response, frame);
    }
    log_request(outcome.operation, response, request_id);
    release_slot();
  }
  request_begun_ = false;
  reader_.start_next();
}

// An answer after which the connection ends, because what follows in the input is unknown.
void HttpSession::answer_failure(const api::HttpResponse& response) {
  keep_alive_ = false;
  const std::string request_id = thread_.ids().uuid();
  append_answer(out_, response,
                AnswerFrame{.request_id = request_id,
                            .date = thread_.date().text(context_.clock.now_ms()),
                            .keep_alive = false});
  log_request("-", response, request_id);
  release_slot();
}

// Counts this request as one in flight, or answers that there are too many.
bool HttpSession::take_slot() {
  if (has_slot_) return true;
  const char* what = nullptr;
  int limit = 0;
  if (refused_) {
    what = "connections open (--max-connections)";
    limit = context_.settings.connections_max;
  } else if (context_.counters.in_flight.fetch_add(1, std::memory_order_relaxed) >=
             context_.settings.in_flight_max) {
    context_.counters.in_flight.fetch_sub(1, std::memory_order_relaxed);
    what = "requests in flight (--max-in-flight)";
    limit = context_.settings.in_flight_max;
  } else {
    has_slot_ = true;
    return true;
  }
  answer_failure(api::render(api::error::service_unavailable(
      "There are already " + std::to_string(limit) + " " + what + "; try again.")));
  return false;
}

void HttpSession::release_slot() {
  if (!has_slot_) return;
  has_slot_ = false;
  context_.counters.in_flight.fetch_sub(1, std::memory_order_relaxed);
}

// Discards what the client still sends, for a while, so that it can read the answer.
net::awaitable<void> HttpSession::linger() {
  connection_.shutdown_send();
  waiting_ = Waiting::kLinger;
  arm(steady_clock::now() + kLingerTimeout);
  co_await connection_.discard_input();
  disarm();
}

// What takes several waits would go on without a deadline if it were between two of them: then
// there is nothing to cancel.
void HttpSession::deadline_passed() {
  timed_out_ = true;
  if (waiting_ == Waiting::kFirstByte || waiting_ == Waiting::kRequest) {
    connection_.cancel();
  } else {
    connection_.close();
  }
}

void HttpSession::drain() {
  if (waiting_ == Waiting::kHandshake) return connection_.close();
  if (waiting_ == Waiting::kFirstByte || waiting_ == Waiting::kLinger) connection_.cancel();
}

void HttpSession::abort() { connection_.close(); }

void HttpSession::log_request(std::string_view operation, const api::HttpResponse& response,
                              std::string_view request_id) {
  if (!context_.log.enabled(LogLevel::kInfo)) return;
  const std::chrono::duration<double, std::milli> took = steady_clock::now() - begun_;
  context_.log.info(
      "request",
      {{"method", reader_.method().empty() ? std::string_view("-") : reader_.method()},
       {"operation", operation},
       {"status", std::int64_t{response.status}},
       {"error", response.error_type.empty() ? std::string_view("-") : response.error_type},
       {"ms", took.count()},
       {"id", request_id}});
}

}  // namespace carillon::server
