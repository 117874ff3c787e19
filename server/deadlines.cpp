#include "server/deadlines.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <boost/asio/post.hpp>

#include "server/limits.h"

namespace carillon::server {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

Deadlines::Deadlines(boost::asio::io_context& context, Clock& clock, std::function<bool()> expire)
    : context_(context),
      clock_(clock),
      expire_(std::move(expire)),
      earliest_ms_(kNever),
      timer_(context),
      retry_ms_(kNever),
      retry_timer_(context) {}

void Deadlines::arm(std::int64_t deadline_ms) {
  std::int64_t earliest = earliest_ms_.load();
  // Most deadlines are later than the one that is waited for: they cost a load.
  while (deadline_ms < earliest) {
    if (!earliest_ms_.compare_exchange_weak(earliest, deadline_ms)) continue;
    boost::asio::post(context_, [this] { wait(); });
    return;
  }
}

void Deadlines::wait() {
  const std::int64_t earliest = earliest_ms_.load();
  if (earliest == kNever) return;
  timer_.expires_after(std::min(clock_.until(earliest), kDeadlineNapMax));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) fire();
  });
}

void Deadlines::fire() {
  const std::int64_t earliest = earliest_ms_.load();
  if (earliest == kNever) return;
  if (clock_.until(earliest).count() > 0) return wait();
  // Forgotten before the database is asked, so that a deadline told meanwhile is not lost.
  earliest_ms_.store(kNever);
  if (!expire_()) retry_later(earliest);
}

// With a timer of its own: deadlines told meanwhile set the other one.
void Deadlines::retry_later(std::int64_t deadline_ms) {
  const bool pausing = retry_ms_ != kNever;
  retry_ms_ = std::min(retry_ms_, deadline_ms);
  if (pausing) return;
  retry_timer_.expires_after(kWriterRetryDelay);
  retry_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) arm(std::exchange(retry_ms_, kNever));
  });
}

}  // namespace carillon::server
