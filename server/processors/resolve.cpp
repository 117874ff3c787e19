#include "server/processors/resolve.h"

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <system_error>
#include <thread>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/limits.h"

namespace carillon::server {
namespace {

namespace net = boost::asio;
using net::ip::tcp;

// Lookups whose thread has not ended, in the whole process: they outlive whoever asked.
std::atomic<int>& lookups_under_way() {
  static std::atomic<int> count{0};
  return count;
}

Addresses look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  Addresses addresses;
  if (status != 0) {
    addresses.error = ::gai_strerror(status);
    return addresses;
  }
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    endpoint.resize(entry->ai_addrlen);
    addresses.endpoints.push_back(endpoint);
  }
  ::freeaddrinfo(found);
  if (addresses.endpoints.empty()) addresses.error = "it has no address";
  return addresses;
}

// Shared by the thread and the coroutine that waits for it, which may be gone first.
struct Lookup {
  std::mutex mutex;
  net::steady_timer* waiting = nullptr;  // null: nobody waits any more
  bool done = false;
  Addresses result;
};

// Tells the thread that nobody waits, however the coroutine ends.
class Waiter {
 public:
  Waiter(Lookup& lookup, net::steady_timer& timer) : lookup_(lookup) {
    std::lock_guard lock(lookup_.mutex);
    lookup_.waiting = &timer;
  }
  ~Waiter() {
    std::lock_guard lock(lookup_.mutex);
    lookup_.waiting = nullptr;
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

 private:
  Lookup& lookup_;
};

void run_lookup(const std::shared_ptr<Lookup>& lookup, const std::string& host,
                std::uint16_t port) {
  Addresses result = look_up(host, port);
  lookups_under_way().fetch_sub(1);
  std::lock_guard lock(lookup->mutex);
  lookup->result = std::move(result);
  lookup->done = true;
  if (lookup->waiting == nullptr) return;
  // The timer belongs to the coroutine's thread; under the mutex it cannot go away meanwhile.
  net::post(lookup->waiting->get_executor(), [lookup] {
    std::lock_guard inner(lookup->mutex);
    if (lookup->waiting != nullptr) lookup->waiting->cancel();
  });
}

}  // namespace

net::awaitable<Addresses> resolve(std::string host, std::uint16_t port) {
  boost::system::error_code error;
  const auto address = net::ip::make_address(host, error);
  if (!error) co_return Addresses{{tcp::endpoint(address, port)}, {}};

  if (lookups_under_way().fetch_add(1) >= kNameLookupsMax) {
    lookups_under_way().fetch_sub(1);
    co_return Addresses{{}, "too many other name lookups are under way"};
  }
  const auto lookup = std::make_shared<Lookup>();
  net::steady_timer done(co_await net::this_coro::executor, net::steady_timer::time_point::max());
  const Waiter waiter(*lookup, done);
  try {
    std::thread([lookup, host, port] { run_lookup(lookup, host, port); }).detach();
  } catch (const std::system_error& failure) {
    lookups_under_way().fetch_sub(1);
    co_return Addresses{{}, failure.what()};
  }
  co_await done.async_wait(net::as_tuple(net::use_awaitable));
  std::lock_guard lock(lookup->mutex);
  if (!lookup->done) co_return Addresses{{}, "the lookup was cancelled"};
  co_return std::move(lookup->result);
}

}  // namespace carillon::server
