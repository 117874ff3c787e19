#include "server/clock.h"

#include <algorithm>

namespace carillon::server {

std::int64_t SystemClock::now_ms() {
  const std::int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  std::int64_t latest = latest_ms_.load(std::memory_order_relaxed);
  while (latest < now) {
    if (latest_ms_.compare_exchange_weak(latest, now, std::memory_order_relaxed)) return now;
  }
  return latest;
}

std::chrono::milliseconds SystemClock::until(std::int64_t wall_ms) {
  return std::chrono::milliseconds(std::max<std::int64_t>(0, wall_ms - now_ms()));
}

}  // namespace carillon::server
