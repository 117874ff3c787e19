// Token buckets: how many requests a second each key may have. One object for a server, made by
// whoever enforces quotas; take() may be called on any thread. It reads no clock.
//
// A bucket holds what a key may ask for in a second, and fills up again in one. So a bucket that
// was not used for a second is full, which is how a key that was never seen starts: such buckets
// are dropped.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/limits.h"

namespace carillon::api::domain {

// What one request takes one token of.
struct BucketUse {
  std::string key;
  int per_second = 1;
  std::string_view what = {};  // is limited, for the error's text
};

class TokenBuckets {
 public:
  // Takes one token of each, or none at all: then the index of the first use that has none left.
  // No two uses have the same key. `now_ms` never goes back by much; where it does, nothing fills.
  std::optional<std::size_t> take(std::span<const BucketUse> uses, std::int64_t now_ms);

  // Buckets that are kept, for tests of their limit.
  std::size_t size() const;

 private:
  struct Bucket {
    std::int64_t thousandths = 0;  // of a token
    std::int64_t filled_ms = 0;    // when
  };
  using Buckets = std::unordered_map<std::string, Bucket>;

  // A part of the keys with a lock of its own. What is used moves to `recent`; once in a second or
  // more `older` is dropped and `recent` takes its place: nothing is ever looked through.
  struct Shard {
    mutable std::mutex mutex;
    Buckets recent;
    Buckets older;
    std::int64_t aged_ms = 0;

    Bucket& find(const BucketUse& use, std::int64_t now_ms);
    void age(std::int64_t now_ms);
  };

  static std::size_t shard_of(const std::string& key);

  std::array<Shard, kBucketShards> shards_;
};

}  // namespace carillon::api::domain
