// Accepts connections and hands them to the I/O threads in turn. Runs on the first I/O thread.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/http_session.h"
#include "server/io_thread.h"

namespace carillon::server {

// The server cannot start; what() says why and what to do.
class StartError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Listener {
 public:
  // Listens from now on; connections wait until start(). Throws StartError.
  Listener(const Settings& settings, std::vector<std::unique_ptr<IoThread>>& threads,
           SessionContext& context);

  std::uint16_t port() const { return port_; }
  void start();
  // On any thread. Later connections are refused by the kernel.
  void stop();

 private:
  void accept();
  void take(boost::asio::ip::tcp::socket socket, IoThread& thread);

  const Settings& settings_;
  std::vector<std::unique_ptr<IoThread>>& threads_;
  SessionContext& context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_timer_;
  std::uint16_t port_ = 0;
  std::size_t next_thread_ = 0;
};

}  // namespace carillon::server
