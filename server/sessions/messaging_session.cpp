#include "server/sessions/messaging_session.h"

#include <algorithm>
#include <array>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "api/limits.h"
#include "server/deadline_list.h"
#include "server/sessions/sessions.h"

namespace carillon::server {

namespace net = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using std::chrono::steady_clock;

namespace {

// What a client's library reports when a connection ends without a closing handshake.
constexpr std::uint16_t kAbnormalClosure = 1006;

constexpr auto kAsTuple = net::as_tuple(net::use_awaitable);

boost::beast::string_view view(std::string_view text) { return {text.data(), text.size()}; }

// What Beast has sent for this error of the reading side; 0 if nothing.
std::uint16_t protocol_close_code(const boost::system::error_code& error) {
  if (error == websocket::error::message_too_big) return websocket::close_code::too_big;
  if (error == websocket::error::bad_frame_payload) return websocket::close_code::bad_payload;
  if (error == websocket::condition::protocol_violation) {
    return websocket::close_code::protocol_error;
  }
  return 0;
}

// At most as long as the protocol allows, and still UTF-8.
std::string_view close_reason_text(std::string_view text) {
  if (text.size() <= api::kCloseReasonBytesMax) return text;
  std::size_t size = api::kCloseReasonBytesMax;
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  while (size > 0 && continues(text[size])) --size;
  return text.substr(0, size);
}

http::request<http::empty_body> upgrade_request(std::string_view key) {
  http::request<http::empty_body> request(http::verb::get, "/connect", 11);
  request.set(http::field::host, "localhost");
  request.set(http::field::connection, "Upgrade");
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::sec_websocket_key, view(key));
  request.set(http::field::sec_websocket_version, "13");
  return request;
}

class WebSocketSession final : public Session,
                               public std::enable_shared_from_this<WebSocketSession>,
                               private DeadlineList::Entry {
 public:
  WebSocketSession(Connection connection, SessionContext& context, IoThread& thread)
      : context_(context), thread_(thread), socket_(std::in_place, std::move(connection)) {
    context_.counters.connections.enter();
    context_.counters.sessions.fetch_add(1, std::memory_order_relaxed);
    thread_.add(*this);
  }

  ~WebSocketSession() override {
    thread_.remove(*this);
    context_.counters.sessions.fetch_sub(1, std::memory_order_relaxed);
    context_.counters.connections.leave();
  }

  net::awaitable<void> run(std::string key, SessionOpening opening);

  void go_live(store::RowId user_id) override;
  bool deliver(const Frame& frame) override;
  void end(CloseCode code, std::string_view reason) override;
  bool ended() const override { return ended_; }

 private:
  // Leaves the hub when it goes out of scope.
  struct Leaving {
    WebSocketSession& session;
    ~Leaving() { session.leave(); }
  };

  void open(SessionOpening opening);
  void leave();
  void read_until_closed();
  net::awaitable<void> wait_until_closed();
  void set_closed(const boost::system::error_code& error);
  void break_off(const boost::system::error_code& error);
  void push(const Frame& frame);
  void write_next();
  void written(const boost::system::error_code& error);
  bool prefetch_next();
  template <typename Read>
  void read(Read&& read);
  void close();
  void log_end(const boost::system::error_code& error);

  void deadline_passed() override { break_off(net::error::timed_out); }
  void drain() override { end(CloseCode::kServiceRestart, "The server is shutting down."); }
  void abort() override { break_off(net::error::operation_aborted); }

  SessionContext& context_;
  IoThread& thread_;
  // Gone when the session is over.
  std::optional<websocket::stream<Connection, /*deflateSupported=*/false>> socket_;
  api::ConnectRequest request_;
  store::RowId user_id_ = 0;

  std::deque<Frame> outbox_;
  std::size_t outbox_bytes_ = 0;
  Frame writing_;
  std::vector<store::RowId> prefetch_;  // channels still to be told, the last one first

  bool open_ = false;   // the upgrade is done
  bool ended_ = false;  // nothing is taken any more; what is in the outbox is still sent
  websocket::close_reason closing_;
  std::array<char, 64> ignored_;  // what a client sends
  // The closing handshake is over, or the connection is: why.
  std::optional<boost::system::error_code> closed_;
  net::steady_timer* on_closed_ = nullptr;  // cancelled when that happens
};

net::awaitable<void> WebSocketSession::run(std::string key, SessionOpening opening) {
  const auto self = shared_from_this();
  socket_->set_option(websocket::stream_base::timeout{
      kSessionHandshakeTimeout, context_.settings.session_idle_timeout, true});
  socket_->set_option(websocket::stream_base::decorator(
      [](websocket::response_type& answer) { answer.set(http::field::server, "Carillon"); }));
  socket_->read_message_max(kClientMessageBytesMax);
  socket_->auto_fragment(false);
  socket_->text(true);
  // The answer to a client's close frame goes behind the frame that is being written: a client that
  // does not read is not waited for.
  socket_->control_callback([this](websocket::frame_type type, boost::beast::string_view) {
    if (type != websocket::frame_type::close || ended_) return;
    arm(steady_clock::now() + kSessionCloseTimeout);
  });
  const auto request = upgrade_request(key);
  const auto [failure] = co_await socket_->async_accept(request, kAsTuple);
  if (failure) co_return;
  open_ = true;
  const Leaving however_it_ends{*this};
  open(std::move(opening));
  read_until_closed();
  co_await wait_until_closed();
  log_end(*closed_);
  leave();
  // So that it can read the close frame.
  arm(steady_clock::now() + kLingerTimeout);
  co_await socket_->next_layer().discard_input();
  // A client that has only closed its side may still hold up a write, and with it this session.
  socket_->next_layer().close();
  // What was under way on the connection ends before it does.
  co_await net::post(thread_.context(), net::use_awaitable);
  // In Beast a read that fails while a close frame is being sent waits for the close to end, and
  // the close for the read: what waits there has this session, and lets go of it only here.
  socket_.reset();
}

// Pings, pongs and the closing handshake are answered in here.
void WebSocketSession::read_until_closed() {
  socket_->async_read_some(
      net::buffer(ignored_),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
        if (error) return self->set_closed(error);
        // Nothing is read any more, but by the close.
        self->end(CloseCode::kUnsupportedData, "A messaging session takes no messages.");
      });
}

void WebSocketSession::leave() {
  ended_ = true;
  context_.sessions.leave(*this, thread_);
}

net::awaitable<void> WebSocketSession::wait_until_closed() {
  if (closed_) co_return;
  net::steady_timer timer(thread_.context(), net::steady_timer::time_point::max());
  on_closed_ = &timer;
  co_await timer.async_wait(kAsTuple);
  on_closed_ = nullptr;
}

// Counts the first time.
void WebSocketSession::set_closed(const boost::system::error_code& error) {
  if (closed_) return;
  closed_ = error;
  if (on_closed_ != nullptr) on_closed_->cancel();
}

// Ends the connection, and with it the session.
void WebSocketSession::break_off(const boost::system::error_code& error) {
  if (socket_) socket_->next_layer().close();
  set_closed(error);
}

void WebSocketSession::open(SessionOpening opening) {
  request_ = std::move(opening.request);
  if (ended_) return write_next();
  if (thread_.draining()) return drain();
  if (opening.refusal) return end(opening.refusal->code, opening.refusal->reason);
  context_.sessions.join(shared_from_this(), request_, thread_);
}

void WebSocketSession::go_live(store::RowId user_id) {
  if (ended_) return;
  static const Frame kEstablished =
      std::make_shared<const std::string>(api::session_established_frame());
  user_id_ = user_id;
  context_.log.info("a messaging session begins",
                    {{"user", request_.user_arn}, {"session", request_.session_id}});
  if (request_.prefetch) {
    read([this](store::ReadTx& tx) {
      prefetch_ = api::list_prefetch_channels(tx, user_id_, request_.sort_by);
    });
    std::reverse(prefetch_.begin(), prefetch_.end());
  }
  push(kEstablished);
}

// Only when nothing else waits: what a client takes slowly is not read in advance, and events go
// before it. The next channel's frame, if there is one.
bool WebSocketSession::prefetch_next() {
  while (!prefetch_.empty()) {
    const store::RowId channel_id = prefetch_.back();
    prefetch_.pop_back();
    std::string details;
    read(
        [&](store::ReadTx& tx) { details = api::channel_details_frame(tx, user_id_, channel_id); });
    if (details.empty()) continue;
    outbox_bytes_ += details.size();
    outbox_.push_back(std::make_shared<const std::string>(std::move(details)));
    return true;
  }
  return false;
}

// What cannot be read is not told; events still are.
template <typename Read>
void WebSocketSession::read(Read&& read) {
  try {
    context_.readers.read(thread_.index(), std::forward<Read>(read));
  } catch (const std::exception& failure) {
    context_.log.error("a session's channels cannot be read", {{"what", failure.what()}});
    prefetch_.clear();
  }
}

bool WebSocketSession::deliver(const Frame& frame) {
  if (ended_) return true;
  if (outbox_.size() >= kOutboxEventsMax || outbox_bytes_ + frame->size() > kOutboxBytesMax) {
    context_.counters.slow_sessions_ended.fetch_add(1, std::memory_order_relaxed);
    outbox_.clear();
    outbox_bytes_ = 0;
    end(CloseCode::kTryAgainLater, "The client reads too slowly: too many events wait for it.");
    return true;
  }
  push(frame);
  return outbox_.empty();
}

void WebSocketSession::push(const Frame& frame) {
  outbox_.push_back(frame);
  outbox_bytes_ += frame->size();
  write_next();
}

void WebSocketSession::write_next() {
  if (writing_ || !open_) return;
  if (outbox_.empty()) {
    if (ended_) return close();
    if (!prefetch_next()) return;
  }
  writing_ = std::move(outbox_.front());
  outbox_.pop_front();
  outbox_bytes_ -= writing_->size();
  socket_->async_write(net::buffer(*writing_),
                       [self = shared_from_this()](const boost::system::error_code& error,
                                                   std::size_t) { self->written(error); });
}

void WebSocketSession::written(const boost::system::error_code& error) {
  writing_.reset();
  if (error) {
    // Aborted: the reading side has failed, and knows why.
    if (error != net::error::operation_aborted) break_off(error);
    return;
  }
  write_next();
}

void WebSocketSession::end(CloseCode code, std::string_view reason) {
  if (ended_) return;
  ended_ = true;
  prefetch_.clear();
  closing_ = websocket::close_reason(view(close_reason_text(reason)));
  closing_.code = static_cast<std::uint16_t>(code);
  arm(steady_clock::now() + kSessionCloseTimeout);
  write_next();
}

void WebSocketSession::close() {
  socket_->async_close(closing_,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         self->set_closed(error);
                       });
}

// Whoever began to close says why: the server, also for frames that break the protocol, or the
// client; without a closing handshake the error does.
void WebSocketSession::log_end(const boost::system::error_code& error) {
  if (!context_.log.enabled(LogLevel::kInfo)) return;
  const std::uint16_t broken = ended_ ? std::uint16_t{0} : protocol_close_code(error);
  const bool closed = ended_ || error == websocket::error::closed;
  const websocket::close_reason& reason = ended_ ? closing_ : socket_->reason();
  const std::uint16_t code = broken != 0 ? broken : closed ? reason.code : kAbnormalClosure;
  const std::string why =
      closed ? std::string(reason.reason.data(), reason.reason.size()) : error.message();
  context_.log.info("a messaging session ends",
                    {{"user", request_.user_arn},
                     {"session", request_.session_id},
                     {"by", ended_ || broken != 0 ? "server" : "client"},
                     {"code", std::int64_t{code}},
                     {"why", why}});
}

net::awaitable<void> keep(std::shared_ptr<WebSocketSession> session, std::string key,
                          SessionOpening opening) {
  co_await session->run(std::move(key), std::move(opening));
}

}  // namespace

void start_messaging_session(Connection connection, Upgrade upgrade, SessionOpening opening,
                             SessionContext& context, IoThread& thread) {
  auto session = std::make_shared<WebSocketSession>(std::move(connection), context, thread);
  net::co_spawn(
      thread.context(), keep(std::move(session), std::move(upgrade.key), std::move(opening)),
      [&log = context.log](const std::exception_ptr& failure) { log_failure(log, failure); });
}

}  // namespace carillon::server
