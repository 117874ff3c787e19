#include "api/domain/token_buckets.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace carillon::api::domain {
namespace {

constexpr std::int64_t kToken = 1'000;  // thousandths
constexpr std::int64_t kMsToFill = 1'000;

}  // namespace

std::size_t TokenBuckets::shard_of(const std::string& key) {
  return std::hash<std::string>()(key) % kBucketShards;
}

void TokenBuckets::Shard::age(std::int64_t now_ms) {
  if (now_ms - aged_ms < kMsToFill && recent.size() < kBucketsOfShardMax) return;
  aged_ms = now_ms;
  older = std::exchange(recent, {});
}

// The bucket of `use`, filled up to now.
TokenBuckets::Bucket& TokenBuckets::Shard::find(const BucketUse& use, std::int64_t now_ms) {
  const std::int64_t full = use.per_second * kToken;
  if (auto known = recent.find(use.key); known == recent.end()) {
    if (auto node = older.extract(use.key)) {
      recent.insert(std::move(node));
    } else {
      recent.emplace(use.key, Bucket{full, now_ms});
    }
  }
  Bucket& bucket = recent.find(use.key)->second;
  // A token a second is a thousandth of it a millisecond.
  const std::int64_t passed_ms = std::clamp<std::int64_t>(now_ms - bucket.filled_ms, 0, kMsToFill);
  bucket.thousandths = std::min(full, bucket.thousandths + passed_ms * use.per_second);
  bucket.filled_ms = std::max(bucket.filled_ms, now_ms);
  return bucket;
}

std::optional<std::size_t> TokenBuckets::take(std::span<const BucketUse> uses,
                                              std::int64_t now_ms) {
  std::vector<std::size_t> indexes;
  for (const BucketUse& use : uses) indexes.push_back(shard_of(use.key));
  std::sort(indexes.begin(), indexes.end());
  indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
  // In the order of the shards, so that two requests cannot wait for each other.
  std::vector<std::unique_lock<std::mutex>> locks;
  for (const std::size_t index : indexes) {
    locks.emplace_back(shards_[index].mutex);
    shards_[index].age(now_ms);
  }
  std::vector<Bucket*> buckets;
  for (const BucketUse& use : uses) {
    Bucket& bucket = shards_[shard_of(use.key)].find(use, now_ms);
    if (bucket.thousandths < kToken) return buckets.size();
    buckets.push_back(&bucket);
  }
  for (Bucket* bucket : buckets) bucket->thousandths -= kToken;
  return std::nullopt;
}

std::size_t TokenBuckets::size() const {
  std::size_t count = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    count += shard.recent.size() + shard.older.size();
  }
  return count;
}

}  // namespace carillon::api::domain
