// Makes every id that a client sees. Seeded, so that a test gets the same ids every time.
// Not thread-safe: each thread that makes ids has its own.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace carillon::api {

class Ids {
 public:
  explicit Ids(std::uint64_t seed) : random_(seed) {}

  // A random UUID, e.g. an AppInstance's.
  std::string uuid();
  // A UUID whose first 48 bits are the time (version 7): ids that index a growing table must
  // arrive in order, or every insert touches another page.
  std::string ordered_uuid(std::int64_t now_ms);
  // 64 lower-case hexadecimal digits as the service's samples have it; the first 12 are the time.
  std::string message_id(std::int64_t now_ms);

 private:
  std::mt19937_64 random_;
};

}  // namespace carillon::api
