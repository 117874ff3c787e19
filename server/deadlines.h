// The timer for the earliest callback deadline. Deadlines are rows of the database; this is only a
// cache of the first of them, told by effects and, at start, by the database.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/clock.h"

namespace carillon::server {

class Deadlines {
 public:
  // `expire`, called on the context's thread, has what is due expired, which arms the next
  // deadline; false when it cannot just now, and is then called again soon.
  Deadlines(boost::asio::io_context& context, Clock& clock, std::function<bool()> expire);

  // Any thread.
  void arm(std::int64_t deadline_ms);

 private:
  void wait();
  void fire();
  void retry_later(std::int64_t deadline_ms);

  boost::asio::io_context& context_;
  Clock& clock_;
  const std::function<bool()> expire_;
  // The deadline that the timer waits for. Lowered by any thread, taken by the context's.
  std::atomic<std::int64_t> earliest_ms_;
  boost::asio::steady_timer timer_;
  // On the context's thread: what could not be expired just now, and the pause before the next try.
  std::int64_t retry_ms_;
  boost::asio::steady_timer retry_timer_;
};

}  // namespace carillon::server
