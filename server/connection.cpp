#include "server/connection.h"

#include <algorithm>
#include <cerrno>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace carillon::server {

namespace net = boost::asio;

namespace {

constexpr auto kAsTuple = net::as_tuple(net::use_awaitable);

std::string last_tls_error() {
  char text[256];
  const unsigned long code = ::ERR_get_error();
  if (code == 0) return "the connection ended";
  ::ERR_error_string_n(code, text, sizeof(text));
  return text;
}

}  // namespace

void Connection::TlsDeleter::operator()(ssl_st* tls) const { ::SSL_free(tls); }

Connection::Connection(Socket socket) : socket_(std::move(socket)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection::~Connection() = default;

net::awaitable<bool> Connection::starts_tls(boost::system::error_code& error) {
  // A connection without any byte ends in an error, of the wait or of the peek.
  constexpr unsigned char kTlsHandshake = 0x16;
  unsigned char first = 0;
  while (true) {
    const auto [wait_error] = co_await socket_.async_wait(Wait::wait_read, kAsTuple);
    error = wait_error;
    if (error) co_return false;
    const std::size_t size = socket_.receive(net::buffer(&first, 1), Socket::message_peek, error);
    if (error == net::error::would_block) continue;
    co_return size == 1 && first == kTlsHandshake;
  }
}

net::awaitable<bool> Connection::handshake(ssl_ctx_st* context, std::string& trouble) {
  tls_.reset(::SSL_new(context));
  if (!tls_ || ::SSL_set_fd(tls_.get(), socket_.native_handle()) != 1) {
    trouble = last_tls_error();
    co_return false;
  }
  while (socket_.is_open()) {
    ::ERR_clear_error();
    const int result = ::SSL_accept(tls_.get());
    if (result == 1) co_return true;
    Wait wait = Wait::wait_read;
    boost::system::error_code error = tls_error(result, wait);
    if (error == net::error::would_block) {
      const auto [wait_error] = co_await socket_.async_wait(wait, kAsTuple);
      error = wait_error;
      if (!error) continue;
      trouble = error.message();
      co_return false;
    }
    trouble = last_tls_error();
    co_return false;
  }
  trouble = "the connection was closed";
  co_return false;
}

std::size_t Connection::write_some(net::const_buffer data, boost::system::error_code& error) {
  if (!tls_) return socket_.write_some(data, error);
  std::size_t total = 0;
  while (total < data.size()) {
    Wait wait = Wait::wait_write;
    const std::size_t size = tls_write(data + total, error, wait);
    total += size;
    if (error) break;
  }
  // Something was written: the caller comes back for the rest.
  if (total > 0 && error == net::error::would_block) error = {};
  return total;
}

std::size_t Connection::tls_read(net::mutable_buffer data, boost::system::error_code& error,
                                 Wait& wait) {
  if (is_closed(error)) return 0;
  ::ERR_clear_error();
  std::size_t size = 0;
  const int result = ::SSL_read_ex(tls_.get(), data.data(), data.size(), &size);
  error = result == 1 ? boost::system::error_code() : tls_error(result, wait);
  return size;
}

// OpenSSL has encrypted what it could not send, and wants to see the same bytes again, as many at
// least: so it is always given a record's worth.
std::size_t Connection::tls_write(net::const_buffer data, boost::system::error_code& error,
                                  Wait& wait) {
  if (is_closed(error)) return 0;
  ::ERR_clear_error();
  std::size_t size = 0;
  const int result =
      ::SSL_write_ex(tls_.get(), data.data(), std::min(data.size(), kTlsRecordBytesMax), &size);
  error = result == 1 ? boost::system::error_code() : tls_error(result, wait);
  return size;
}

// OpenSSL keeps the descriptor's number, which may be another connection's or a file's by now.
bool Connection::is_closed(boost::system::error_code& error) const {
  if (socket_.is_open()) return false;
  error = net::error::bad_descriptor;
  return true;
}

boost::system::error_code Connection::tls_error(int result, Wait& wait) {
  switch (::SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ: wait = Wait::wait_read; return net::error::would_block;
    case SSL_ERROR_WANT_WRITE: wait = Wait::wait_write; return net::error::would_block;
    case SSL_ERROR_ZERO_RETURN: return net::error::eof;
    case SSL_ERROR_SYSCALL:
      tls_broken_ = true;
      return errno == 0 ? boost::system::error_code(net::error::eof)
                        : boost::system::error_code(errno, boost::system::system_category());
    default: tls_broken_ = true; return net::error::connection_aborted;
  }
}

net::awaitable<void> Connection::discard_input() {
  std::array<char, kLingerReadBytes> discarded;
  boost::system::error_code error;
  std::size_t total = 0;
  while (!error && total < kLingerBytesMax) {
    const auto [read_error, size] = co_await async_read_some(net::buffer(discarded), kAsTuple);
    error = read_error;
    total += size;
  }
}

void Connection::shutdown_send() {
  if (!socket_.is_open()) return;
  if (tls_ && !tls_broken_ && ::SSL_is_init_finished(tls_.get())) {
    ::ERR_clear_error();
    // Best effort: with a full socket the peer sees the connection end without it.
    (void)::SSL_shutdown(tls_.get());
  }
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Connection::cancel() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace carillon::server
