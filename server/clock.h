// The one place that reads the time. Every timestamp and deadline goes through a Clock, so that one
// that can be frozen and advanced is an addition here and nowhere else. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace carillon::server {

class Clock {
 public:
  virtual ~Clock() = default;

  // Milliseconds since the Unix epoch. Never goes back, even when the machine's clock is set back.
  virtual std::int64_t now_ms() = 0;

  // How long to wait, by the steady clock, before now_ms() may have reached `wall_ms`. At least 0.
  virtual std::chrono::milliseconds until(std::int64_t wall_ms) = 0;
};

class SystemClock final : public Clock {
 public:
  std::int64_t now_ms() override;
  std::chrono::milliseconds until(std::int64_t wall_ms) override;

 private:
  std::atomic<std::int64_t> latest_ms_{0};
};

}  // namespace carillon::server
