// The coarse deadlines of one thread.
#include "server/deadline_list.h"

#include <memory>

#include <gtest/gtest.h>

namespace carillon::server {
namespace {

using namespace std::chrono_literals;

class Session final : public DeadlineList::Entry {
 public:
  void deadline_passed() override { ++passed; }
  void drain() override { ++drained; }
  void abort() override { ++aborted; }
  void wait_until(DeadlineList::TimePoint deadline) { arm(deadline); }
  void wait_no_more() { disarm(); }

  int passed = 0;
  int drained = 0;
  int aborted = 0;
};

constexpr DeadlineList::TimePoint kStart{};

TEST(DeadlineListTest, TellsEachDeadlineOnceWhenItHasPassed) {
  DeadlineList list;
  Session early;
  Session late;
  Session never;
  for (Session* session : {&early, &late, &never}) list.add(*session);
  early.wait_until(kStart + 10ms);
  late.wait_until(kStart + 20ms);

  list.sweep(kStart + 9ms);
  EXPECT_EQ(early.passed, 0);
  list.sweep(kStart + 10ms);
  EXPECT_EQ(early.passed, 1);
  EXPECT_EQ(late.passed, 0);
  list.sweep(kStart + 1h);
  EXPECT_EQ(early.passed, 1);
  EXPECT_EQ(late.passed, 1);
  EXPECT_EQ(never.passed, 0);
}

TEST(DeadlineListTest, ForgetsWhatIsDisarmedOrArmedAnew) {
  DeadlineList list;
  Session session;
  list.add(session);
  session.wait_until(kStart + 10ms);
  session.wait_no_more();
  list.sweep(kStart + 1h);
  EXPECT_EQ(session.passed, 0);
  session.wait_until(kStart + 10ms);
  session.wait_until(kStart + 2h);
  list.sweep(kStart + 1h);
  EXPECT_EQ(session.passed, 0);
}

TEST(DeadlineListTest, KeepsTheOthersWhenOneIsRemoved) {
  DeadlineList list;
  std::vector<std::unique_ptr<Session>> sessions;
  for (int i = 0; i < 5; ++i) {
    sessions.push_back(std::make_unique<Session>());
    list.add(*sessions.back());
    sessions.back()->wait_until(kStart + 1ms);
  }
  list.remove(*sessions[0]);  // the first
  list.remove(*sessions[4]);  // the last, which has moved to the first's place
  list.remove(*sessions[2]);
  list.sweep(kStart + 1ms);
  EXPECT_EQ(sessions[0]->passed + sessions[2]->passed + sessions[4]->passed, 0);
  EXPECT_EQ(sessions[1]->passed, 1);
  EXPECT_EQ(sessions[3]->passed, 1);
  list.drain_all();
  list.abort_all();
  EXPECT_EQ(sessions[1]->drained, 1);
  EXPECT_EQ(sessions[3]->aborted, 1);
  list.remove(*sessions[1]);
  list.remove(*sessions[3]);
  EXPECT_TRUE(list.empty());
}

}  // namespace
}  // namespace carillon::server
