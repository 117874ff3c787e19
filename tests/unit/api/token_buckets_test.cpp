// Buckets, by a clock that the tests drive.
#include "api/domain/token_buckets.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace carillon::api::domain {
namespace {

constexpr std::int64_t kStartMs = 1'704'067'200'000;

class TokenBucketsTest : public ::testing::Test {
 protected:
  bool take(const std::vector<BucketUse>& uses) {
    refused_ = buckets_.take(uses, now_ms_);
    return !refused_;
  }
  int take_all(const std::vector<BucketUse>& uses) {
    int count = 0;
    while (take(uses)) ++count;
    return count;
  }

  TokenBuckets buckets_;
  std::int64_t now_ms_ = kStartMs;
  std::optional<std::size_t> refused_;
};

TEST_F(TokenBucketsTest, HoldWhatMayBeAskedForInASecond) {
  EXPECT_EQ(take_all({{"a", 10}}), 10);
  EXPECT_EQ(refused_, 0U);
  EXPECT_EQ(take_all({{"b", 1}}), 1);
}

TEST_F(TokenBucketsTest, FillEvenly) {
  EXPECT_EQ(take_all({{"a", 10}}), 10);
  now_ms_ += 99;
  EXPECT_FALSE(take({{"a", 10}}));
  now_ms_ += 1;
  EXPECT_EQ(take_all({{"a", 10}}), 1);
  // Asking in vain costs nothing.
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(take({{"a", 10}}));
  now_ms_ += 250;
  EXPECT_EQ(take_all({{"a", 10}}), 2);
  now_ms_ += 50;
  EXPECT_EQ(take_all({{"a", 10}}), 1) << "what was left over of the 250 ms counts";
}

TEST_F(TokenBucketsTest, HoldNoMoreThanThat) {
  EXPECT_EQ(take_all({{"a", 10}}), 10);
  now_ms_ += 3'600'000;
  EXPECT_EQ(take_all({{"a", 10}}), 10);
}

TEST_F(TokenBucketsTest, TakeFromAllOrNone) {
  EXPECT_EQ(take_all({{"channel", 3}}), 3);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(take({{"bearer", 10}, {"channel", 3}}));
    EXPECT_EQ(refused_, 1U);
  }
  EXPECT_EQ(take_all({{"bearer", 10}}), 10);
}

TEST_F(TokenBucketsTest, NothingFillsWhenTheClockIsSetBack) {
  EXPECT_EQ(take_all({{"a", 10}}), 10);
  now_ms_ -= 60'000;
  EXPECT_FALSE(take({{"a", 10}}));
  now_ms_ += 60'000;
  EXPECT_FALSE(take({{"a", 10}}));
  now_ms_ += 100;
  EXPECT_EQ(take_all({{"a", 10}}), 1);
}

TEST_F(TokenBucketsTest, ThoseThatAreFullAgainAreDropped) {
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(take({{"key " + std::to_string(i), 5}}));
  EXPECT_EQ(buckets_.size(), 1'000U);
  // Each shard ages when it is used.
  for (int second = 0; second < 3; ++second) {
    now_ms_ += 1'000;
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(take({{"key " + std::to_string(i), 5}}));
  }
  EXPECT_EQ(buckets_.size(), 200U);
}

TEST_F(TokenBucketsTest, OnesInUseAreNot) {
  EXPECT_EQ(take_all({{"a", 10}}), 10);
  int taken = 0;
  for (int i = 0; i < 100; ++i) {
    now_ms_ += 50;
    taken += take_all({{"a", 10}});
  }
  EXPECT_EQ(taken, 50) << "ten a second, for five";
}

TEST_F(TokenBucketsTest, TheirNumberIsLimited) {
  for (std::size_t i = 0; i < 4 * kBucketShards * kBucketsOfShardMax; ++i) {
    EXPECT_TRUE(take({{"key " + std::to_string(i), 5}}));
  }
  EXPECT_LE(buckets_.size(), 2 * kBucketShards * kBucketsOfShardMax);
}

// Every token is taken once, whoever asks, and nobody waits for ever.
TEST_F(TokenBucketsTest, ManyThreadsTakeThemOnce) {
  constexpr int kKeys = 8;
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 2'000; ++i) {
        const int one = (thread + i) % kKeys;
        const int other = (one + 1 + i % (kKeys - 1)) % kKeys;
        const std::vector<BucketUse> uses{{std::to_string(one), 100}, {std::to_string(other), 100}};
        if (!buckets_.take(uses, now_ms_)) ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int left = 0;
  for (int key = 0; key < kKeys; ++key) left += take_all({{std::to_string(key), 100}});
  EXPECT_EQ(2 * taken + left, kKeys * 100);
}

}  // namespace
}  // namespace carillon::api::domain
