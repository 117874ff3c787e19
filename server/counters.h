// What the server counts about itself, for its own caps and for the health endpoint. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace carillon::server {

// Open connections, and the wait for the last of them to go.
class ConnectionCount {
 public:
  // How many there are with this one.
  int enter() {
    std::lock_guard lock(mutex_);
    return ++count_;
  }
  void leave() {
    std::lock_guard lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  int value() const {
    std::lock_guard lock(mutex_);
    return count_;
  }
  bool wait_for_none(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, limit, [this] { return count_ == 0; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable none_;
  int count_ = 0;
};

struct Counters {
  ConnectionCount connections;
  std::atomic<int> in_flight{0};
  std::atomic<int> sessions{0};  // messaging sessions, also those that are being opened
  std::atomic<std::int64_t> slow_sessions_ended{0};
};

}  // namespace carillon::server
