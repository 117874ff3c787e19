// The timer for callback deadlines, by a clock that the test moves.
#include "server/deadlines.h"

#include <chrono>

#include <gtest/gtest.h>

namespace carillon::server {
namespace {

using namespace std::chrono_literals;

// Lets time stand where the test puts it.
class MovedClock final : public Clock {
 public:
  std::int64_t now_ms() override { return now; }
  std::chrono::milliseconds until(std::int64_t wall_ms) override {
    return std::chrono::milliseconds(std::max<std::int64_t>(0, wall_ms - now));
  }
  std::int64_t now = 0;
};

class DeadlinesTest : public ::testing::Test {
 protected:
  // Runs what is due now.
  void run() {
    context_.restart();
    while (context_.run_for(20ms) > 0) context_.restart();
  }

  boost::asio::io_context context_;
  MovedClock clock_;
  int expired_ = 0;
  bool possible_ = true;
  Deadlines deadlines_{context_, clock_, [this] {
                         if (!possible_) return false;
                         ++expired_;
                         return true;
                       }};
};

TEST_F(DeadlinesTest, FiresAtTheEarliest) {
  deadlines_.arm(3'600'000);
  deadlines_.arm(1);
  deadlines_.arm(7'200'000);
  clock_.now = 1;
  run();
  EXPECT_EQ(expired_, 1);
}

TEST_F(DeadlinesTest, DoesNothingBefore) {
  deadlines_.arm(3'600'000);
  run();
  EXPECT_EQ(expired_, 0);
}

TEST_F(DeadlinesTest, FiresForADeadlineThatIsPast) {
  clock_.now = 5'000;
  deadlines_.arm(1);
  run();
  EXPECT_EQ(expired_, 1);
  deadlines_.arm(2);
  run();
  EXPECT_EQ(expired_, 2);
}

TEST_F(DeadlinesTest, TriesAgainWhenNothingCanBeExpiredJustNow) {
  possible_ = false;
  clock_.now = 1;
  deadlines_.arm(1);
  context_.run_for(30ms);
  EXPECT_EQ(expired_, 0);
  possible_ = true;
  context_.restart();
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (expired_ == 0 && std::chrono::steady_clock::now() < give_up) context_.run_for(10ms);
  EXPECT_EQ(expired_, 1);
}

}  // namespace
}  // namespace carillon::server
