// One connection, with or without TLS: reads requests, has them answered, writes the answers, in
// order. A request that opens a messaging session takes the connection with it.
//
// A coroutine on one I/O thread, started by Listener; it holds itself. Nothing of it is touched by
// another thread.
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "server/connection.h"
#include "server/counters.h"
#include "server/deadline_list.h"
#include "server/dispatcher.h"
#include "server/io_thread.h"
#include "server/request_reader.h"

namespace carillon::server {

class Sessions;
class Tls;

// What all sessions share.
struct SessionContext {
  const Settings& settings;
  Clock& clock;
  Log& log;
  Counters& counters;
  Dispatcher& dispatcher;
  store::Writer& writer;
  store::ReaderPool& readers;
  WriteContext& write_context;
  Sessions& sessions;
  Tls& tls;
};

// For what ends a session's coroutine, which should never be anything. Nothing if it is null.
void log_failure(Log& log, const std::exception_ptr& failure);

class HttpSession final : private DeadlineList::Entry {
 public:
  // `refused`: there are too many connections; the first request is answered 503, then it ends.
  HttpSession(boost::asio::ip::tcp::socket socket, SessionContext& context, IoThread& thread,
              bool refused);
  ~HttpSession();

  // On the thread that the socket belongs to.
  static void start(boost::asio::ip::tcp::socket socket, SessionContext& context, IoThread& thread,
                    bool refused);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Waiting { kNothing, kFirstByte, kHandshake, kRequest, kSend, kLinger };
  enum class Sent { kAll, kPart, kBroken };

  static boost::asio::awaitable<void> keep(std::unique_ptr<HttpSession> session);
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<bool> open();
  boost::asio::awaitable<bool> serve();
  boost::asio::awaitable<bool> send();
  boost::asio::awaitable<void> linger();

  void deadline_passed() override;
  void drain() override;
  void abort() override;

  ssl_ctx_st* tls_context(std::string& trouble);
  void log_handshake(std::string_view trouble);
  bool before_reading();
  bool after_reading(const boost::system::error_code& error, std::size_t size);
  bool expect_body();
  Outcome begin_request(const api::HttpRequest& request);
  bool begin_session(const api::HttpRequest& request);
  void finish_request(const Outcome& outcome, const api::HttpResponse& response);
  void answer_failure(const api::HttpResponse& response);
  bool take_slot();
  void release_slot();
  Sent try_send();
  void log_request(std::string_view operation, const api::HttpResponse& response,
                   std::string_view request_id);

  Connection connection_;
  SessionContext& context_;
  IoThread& thread_;
  const bool refused_;

  RequestReader reader_;
  std::string out_;
  std::size_t sent_ = 0;

  Waiting waiting_ = Waiting::kNothing;
  bool timed_out_ = false;
  bool input_ended_ = false;
  bool keep_alive_ = true;
  bool has_slot_ = false;
  bool request_begun_ = false;
  TimePoint begun_;  // of the request that is being read or answered
};

}  // namespace carillon::server
