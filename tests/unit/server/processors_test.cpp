// How much of the database is read for invocations that have to wait there. What endpoints do to
// the invocations themselves is tested over sockets, in tests/http.
#include "server/processors/processors.h"

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

namespace carillon::server {
namespace {

using namespace std::chrono_literals;

// Nothing listens on it: an invocation ends at once.
constexpr const char* kUnreachable = "http://127.0.0.1:1";
constexpr const char* kFunction = "arn:aws:lambda:us-east-1:111122223333:function:mask";

class ProcessorsTest : public ::testing::Test {
 protected:
  ProcessorsTest() { settings_.processors = {{"mask", *parse_endpoint_url(kUnreachable)}}; }

  void add_waiting(int count) {
    for (int i = 0; i < count; ++i) {
      const auto id = static_cast<std::int64_t>(reported_.size()) + 1;
      rows_.push_back({"callback-" + std::to_string(id), kFunction, "{}", id});
      reported_.push_back(false);
    }
  }

  Processors::Hooks hooks() {
    return {[this](const std::string& callback_id, const InvocationOutcome&,
                   const std::function<void()>& after) {
              const auto index = std::stoul(callback_id.substr(callback_id.find('-') + 1)) - 1;
              EXPECT_FALSE(reported_[index]) << callback_id << " was invoked twice";
              reported_[index] = true;
              order_.push_back(index);
              after();
              return true;
            },
            [this](std::int64_t after, int limit) {
              api::QueuedInvocations page;
              for (auto at = static_cast<std::size_t>(after);
                   at < rows_.size() && page.invocations.size() < static_cast<std::size_t>(limit);
                   ++at) {
                if (!reported_[at]) page.invocations.push_back(rows_[at]);
                page.last = rows_[at].row_id;
              }
              rows_read_ += page.invocations.size();
              return page;
            }};
  }

  // Until everything was reported.
  void run() {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (order_.size() < rows_.size() && std::chrono::steady_clock::now() < deadline) {
      context_.run_one_for(1s);
    }
    context_.restart();
    context_.poll();
    EXPECT_EQ(order_.size(), rows_.size());
  }

  boost::asio::io_context context_{1};
  Settings settings_;
  Log log_{LogLevel::kOff, LogFormat::kText};
  std::vector<api::InvokeProcessor> rows_;  // by row id, from 1
  std::vector<bool> reported_;
  std::vector<std::size_t> order_;
  std::size_t rows_read_ = 0;
};

TEST_F(ProcessorsTest, ReadWhatWaitsInTheDatabaseOnceNotForEachRefill) {
  add_waiting(8 * static_cast<int>(kInvocationQueueMax));
  Processors processors(context_, settings_, log_, hooks());
  processors.start();
  run();
  // Each refill reads to the end of a page; the first look reads everything.
  const std::size_t refills = 2 * rows_.size() / kInvocationQueueMax + 1;
  EXPECT_LE(rows_read_, 2 * rows_.size() + refills * kInvocationScanRows);
}

TEST_F(ProcessorsTest, TakeUpWhatIsCommittedWhileTheQueueIsFull) {
  settings_.processor_concurrency = 1;
  Processors processors(context_, settings_, log_, hooks());
  add_waiting(3 * static_cast<int>(kInvocationQueueMax));
  for (const api::InvokeProcessor& row : rows_) processors.invoke(row);
  run();
  // One at a time, so in the order of the commits, whether they had waited in memory or not.
  EXPECT_TRUE(std::is_sorted(order_.begin(), order_.end()));
  EXPECT_LE(rows_read_, 2 * rows_.size());
}

}  // namespace
}  // namespace carillon::server
