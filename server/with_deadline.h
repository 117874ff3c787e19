// A coroutine's wait with a deadline. For waits that are rare or long; the sessions' own waits are
// bounded by DeadlineList.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace carillon::server {

// What `work` returns, or nothing when it has not ended within `limit`; it is then cancelled, and
// this returns once it has let go. Rethrows what it throws. T has a default constructor.
// (Asio's operator|| would keep an exception back until the timer fires.)
template <typename T>
boost::asio::awaitable<std::optional<T>> with_deadline(std::chrono::milliseconds limit,
                                                       boost::asio::awaitable<T> work) {
  namespace net = boost::asio;
  const auto executor = co_await net::this_coro::executor;
  net::steady_timer timer(executor, limit);
  auto [order, failure, value, timer_error] =
      co_await net::experimental::make_parallel_group(
          net::co_spawn(executor, std::move(work), net::deferred), timer.async_wait(net::deferred))
          .async_wait(net::experimental::wait_for_one(), net::use_awaitable);
  if (order[0] != 0) co_return std::nullopt;
  if (failure) std::rethrow_exception(failure);
  co_return std::move(value);
}

}  // namespace carillon::server
