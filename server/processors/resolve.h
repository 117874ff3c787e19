// Host names to addresses, without a name that hangs holding up others or the end of the process:
// each lookup has a thread of its own. (Asio's resolver has one for all, which it waits for.)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace carillon::server {

struct Addresses {
  std::vector<boost::asio::ip::tcp::endpoint> endpoints;
  std::string error;  // when there are none: why
};

// IP literals at once, names by getaddrinfo. May be cancelled; at most kNameLookupsMax at a time.
boost::asio::awaitable<Addresses> resolve(std::string host, std::uint16_t port);

}  // namespace carillon::server
