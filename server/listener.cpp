#include "server/listener.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include "server/limits.h"

namespace carillon::server {

namespace net = boost::asio;
using net::ip::tcp;

namespace {

std::string remedy(const boost::system::error_code& error) {
  if (error == net::error::address_in_use) {
    return "; another program has the port: choose one by --port (CARILLON_PORT), 0 for any";
  }
  if (error == net::error::access_denied) {
    return "; choose a port from 1024 on by --port (CARILLON_PORT)";
  }
  return "; choose one of this machine's addresses by --host (CARILLON_HOST)";
}

}  // namespace

Listener::Listener(const Settings& settings, std::vector<std::unique_ptr<IoThread>>& threads,
                   SessionContext& context)
    : settings_(settings),
      threads_(threads),
      context_(context),
      acceptor_(threads.front()->context()),
      retry_timer_(threads.front()->context()) {
  boost::system::error_code error;
  const tcp::endpoint endpoint(net::ip::make_address(settings.host), settings.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(kListenBacklog, error);
  if (error) {
    throw StartError("cannot listen on " + settings.host + " port " +
                     std::to_string(settings.port) + ": " + error.message() + remedy(error));
  }
  port_ = acceptor_.local_endpoint().port();
}

void Listener::start() {
  net::post(acceptor_.get_executor(), [this] { accept(); });
}

void Listener::stop() {
  net::post(acceptor_.get_executor(), [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    retry_timer_.cancel();
  });
}

void Listener::accept() {
  IoThread& thread = *threads_[next_thread_++ % threads_.size()];
  acceptor_.async_accept(thread.context(), [this, &thread](const boost::system::error_code& error,
                                                           tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) {
      take(std::move(socket), thread);
      accept();
    } else if (error == net::error::connection_aborted) {
      accept();  // the client was gone before it was accepted
    } else {
      context_.log.warn("cannot accept a connection", {{"what", error.message()}});
      retry_timer_.expires_after(kAcceptRetryDelay);
      retry_timer_.async_wait([this](const boost::system::error_code& stopped) {
        if (!stopped) accept();
      });
    }
  });
}

void Listener::take(tcp::socket socket, IoThread& thread) {
  const int open = context_.counters.connections.enter();
  if (open > settings_.connections_max + kRefusedConnectionsMax) {
    context_.counters.connections.leave();
    return;
  }
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(tcp::socket::keep_alive(true), ignored);
  socket.non_blocking(true, ignored);
  const bool refused = open > settings_.connections_max;
  net::dispatch(thread.context(), [this, &thread, refused, accepted = std::move(socket)]() mutable {
    HttpSession::start(std::move(accepted), context_, thread, refused);
  });
}

}  // namespace carillon::server
