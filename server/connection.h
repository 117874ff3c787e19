// One TCP connection, with or without TLS: a stream that HTTP sessions and Beast's WebSocket read
// and write alike. Belongs to one I/O thread.
//
// OpenSSL works directly on the non-blocking socket. Asio's own stream keeps some 70 KiB of buffers
// for each connection, which thousands of idle sessions would pay for.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>

#include "server/limits.h"

struct ssl_st;
struct ssl_ctx_st;

namespace carillon::server {

class Connection {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using executor_type = boost::asio::any_io_executor;

  // The socket must be non-blocking.
  explicit Connection(Socket socket);
  Connection(Connection&&) noexcept;
  ~Connection();

  executor_type get_executor() { return socket_.get_executor(); }
  bool is_open() const { return socket_.is_open(); }
  bool is_tls() const { return tls_ != nullptr; }

  // Whether the first byte, which it waits for and leaves where it is, begins a TLS handshake.
  boost::asio::awaitable<bool> starts_tls(boost::system::error_code& error);
  // As the server's side. On failure `trouble` says why, in OpenSSL's words.
  boost::asio::awaitable<bool> handshake(ssl_ctx_st* context, std::string& trouble);

  // What can be written without waiting: would_block when there is nothing. After that the same
  // bytes must be written next, as for async_write_some.
  std::size_t write_some(boost::asio::const_buffer data, boost::system::error_code& error);

  // As Asio's AsyncReadStream and AsyncWriteStream ask.
  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token);
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token);

  // Reads and drops what still comes, up to kLingerBytesMax: closing with unread input would reset
  // the connection, and take what was written last away from the client. Until the other side ends
  // it, or whoever has set a deadline does.
  boost::asio::awaitable<void> discard_input();
  // No more will be written; told to the other side.
  void shutdown_send();
  void cancel();
  void close();

 private:
  template <bool reads, typename Buffers>
  struct TlsTransfer;

  using Wait = Socket::wait_type;
  // One attempt. Error would_block: try again after `wait`.
  std::size_t tls_read(boost::asio::mutable_buffer data, boost::system::error_code& error,
                       Wait& wait);
  std::size_t tls_write(boost::asio::const_buffer data, boost::system::error_code& error,
                        Wait& wait);
  boost::system::error_code tls_error(int result, Wait& wait);
  bool is_closed(boost::system::error_code& error) const;

  struct TlsDeleter {
    void operator()(ssl_st* tls) const;
  };

  Socket socket_;
  std::unique_ptr<ssl_st, TlsDeleter> tls_;
  bool tls_broken_ = false;  // then OpenSSL forbids to say goodbye
};

// Tries, waits until the socket is ready, tries again.
template <bool reads, typename Buffers>
struct Connection::TlsTransfer {
  Connection& connection;
  Buffers buffers;
  bool first = true;
  bool done = false;

  template <typename Self>
  void operator()(Self& self, boost::system::error_code error = {}, std::size_t size = 0) {
    namespace net = boost::asio;
    if (done || error) return self.complete(error, size);
    Wait wait = Wait::wait_read;
    if constexpr (reads) {
      size = connection.tls_read(first_buffer(), error, wait);
    } else {
      // What is written in one piece is one record: a frame's header and its payload.
      std::array<char, kTlsRecordBytesMax> piece;
      const std::size_t gathered = net::buffer_copy(net::buffer(piece), buffers);
      size = connection.tls_write(net::buffer(piece.data(), gathered), error, wait);
    }
    const bool again = error == net::error::would_block;
    const bool was_first = first;
    first = false;
    if (again) return connection.socket_.async_wait(wait, std::move(self));
    if (!was_first) return self.complete(error, size);
    done = true;  // never from inside the call that started it
    const auto executor = connection.get_executor();
    net::post(executor, net::append(std::move(self), error, size));
  }

 private:
  boost::asio::mutable_buffer first_buffer() const {
    namespace net = boost::asio;
    for (auto it = net::buffer_sequence_begin(buffers); it != net::buffer_sequence_end(buffers);
         ++it) {
      const net::mutable_buffer buffer(*it);
      if (buffer.size() > 0) return buffer;
    }
    return {};
  }
};

template <typename Buffers, typename Token>
auto Connection::async_read_some(const Buffers& buffers, Token&& token) {
  return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
      [this](auto handler, const Buffers& given) {
        if (!tls_) return socket_.async_read_some(given, std::move(handler));
        using Transfer = TlsTransfer<true, Buffers>;
        boost::asio::async_compose<decltype(handler), void(boost::system::error_code, std::size_t)>(
            Transfer{*this, given}, handler, socket_);
      },
      token, buffers);
}

template <typename Buffers, typename Token>
auto Connection::async_write_some(const Buffers& buffers, Token&& token) {
  return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
      [this](auto handler, const Buffers& given) {
        if (!tls_) return socket_.async_write_some(given, std::move(handler));
        using Transfer = TlsTransfer<false, Buffers>;
        boost::asio::async_compose<decltype(handler), void(boost::system::error_code, std::size_t)>(
            Transfer{*this, given}, handler, socket_);
      },
      token, buffers);
}

// What Beast's WebSocket asks of its stream: the end of the connection, orderly, and at once.
template <typename Handler>
void async_teardown(boost::beast::role_type, Connection& connection, Handler&& handler) {
  connection.shutdown_send();
  boost::asio::post(connection.get_executor(), boost::asio::append(std::forward<Handler>(handler),
                                                                   boost::system::error_code()));
}
inline void beast_close_socket(Connection& connection) { connection.close(); }

}  // namespace carillon::server
