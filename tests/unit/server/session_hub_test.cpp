#include "server/sessions/session_hub.h"

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "server/limits.h"

namespace carillon::server {
namespace {

using store::RowId;

class FakeSession final : public Session {
 public:
  void go_live(RowId user_id) override { received.push_back("live " + std::to_string(user_id)); }
  bool deliver(const Frame& frame) override {
    received.push_back(*frame);
    return !writes_slowly;
  }
  void end(CloseCode code, std::string_view) override {
    received.push_back("end " + std::to_string(static_cast<int>(code)));
    ended_ = true;
  }
  bool ended() const override { return ended_; }

  std::vector<std::string> received;
  bool writes_slowly = false;

 private:
  bool ended_ = false;
};

struct Asked {
  RowId user_id;
  RowId after;
  std::uint64_t load;
};

class SessionHubTest : public ::testing::Test {
 protected:
  using Received = std::vector<std::string>;

  void take(std::vector<HubStep> steps) {
    ++backlog_;
    hub_.take(std::make_shared<const std::vector<HubStep>>(std::move(steps)));
  }
  static Delivery to_channel(RowId channel_id, const std::string& text) {
    return {std::make_shared<const std::string>(text), channel_id, {}};
  }
  static Delivery to_users(std::vector<RowId> user_ids, const std::string& text) {
    return {std::make_shared<const std::string>(text), {}, std::move(user_ids)};
  }
  std::shared_ptr<FakeSession> join(RowId user_id, ChannelsPage page) {
    auto session = std::make_shared<FakeSession>();
    take({SessionJoined{session, user_id, arn(user_id), std::move(page)}});
    return session;
  }
  static std::string arn(RowId user_id) {
    return "arn:aws:chime:us-east-1:111122223333:app-instance/a/user/" + std::to_string(user_id);
  }
  void run_later() {
    auto work = std::move(later_.front());
    later_.pop_front();
    work();
  }

  std::deque<std::function<void()>> later_;
  std::vector<Asked> asked_;
  std::map<RowId, int> left_;
  std::size_t backlog_ = 0;
  SessionHub hub_{
      SessionHub::Hooks{[this](RowId user_id, RowId after, std::uint64_t load) {
                          asked_.push_back({user_id, after, load});
                        },
                        [this](std::function<void()> work) { later_.push_back(std::move(work)); },
                        [this](RowId user_id) { ++left_[user_id]; }, [this] { --backlog_; }}};
};

TEST_F(SessionHubTest, DeliversToTheSessionsOfAChannelsMembersAndOfUsers) {
  const auto alice = join(1, {{10, 11}, false});
  const auto alices_phone = join(1, {{10, 11}, false});
  const auto bob = join(2, {{11}, false});
  take({to_channel(10, "ten"), to_channel(11, "eleven"), to_channel(12, "twelve"),
        to_users({2, 3}, "bob")});
  EXPECT_EQ(alice->received, (Received{"live 1", "ten", "eleven"}));
  EXPECT_EQ(alices_phone->received, alice->received);
  EXPECT_EQ(bob->received, (Received{"live 2", "eleven", "bob"}));
}

TEST_F(SessionHubTest, FollowsMembershipsInTheOrderOfTheSteps) {
  const auto bob = join(2, {{}, false});
  take({to_channel(10, "before"), api::MemberAdded{10, 2}, to_channel(10, "in"),
        api::MemberRemoved{10, 2}, to_channel(10, "after"), api::MemberAdded{11, 2},
        to_channel(11, "gone"), api::ChannelRemoved{11}, to_channel(11, "never")});
  EXPECT_EQ(bob->received, (Received{"live 2", "in", "gone"}));
  EXPECT_EQ(hub_.channel_count(), 0U);
}

TEST_F(SessionHubTest, WaitsForAllChannelsAndMissesNoChangeBetweenThePages) {
  const auto alice = join(1, {{10, 20}, true});
  ASSERT_EQ(asked_.size(), 1U);
  EXPECT_EQ(asked_[0].after, 20);
  // 15 is behind what was read: the page to come will not have it. 30 is ahead: it will.
  take({api::MemberAdded{15, 1}, api::MemberRemoved{10, 1}, api::MemberAdded{30, 1},
        to_channel(20, "not live yet")});
  const auto second = join(1, {{10, 20}, true});
  EXPECT_EQ(asked_.size(), 1U) << "one load for all sessions of a user";
  EXPECT_EQ(alice->received, Received{});
  take({ChannelsLoaded{1, asked_[0].load, {{30, 40}, false}}});
  take({to_channel(10, "10"), to_channel(15, "15"), to_channel(20, "20"), to_channel(30, "30"),
        to_channel(40, "40")});
  EXPECT_EQ(alice->received, (Received{"live 1", "15", "20", "30", "40"}));
  EXPECT_EQ(second->received, alice->received);
}

TEST_F(SessionHubTest, PagesOfALoadThatWasGivenUpAreIgnored) {
  const auto first = join(1, {{10}, true});
  const std::uint64_t old_load = asked_[0].load;
  hub_.leave(*first);
  EXPECT_EQ(hub_.channel_count(), 0U);
  const auto second = join(1, {{20}, true});
  take({ChannelsLoaded{1, old_load, {{11}, false}}, LoadFailed{1, old_load}});
  EXPECT_EQ(second->received, Received{});
  take({ChannelsLoaded{1, asked_[1].load, {{21}, false}}, to_channel(11, "11"),
        to_channel(21, "21")});
  EXPECT_EQ(second->received, (Received{"live 1", "21"}));
}

TEST_F(SessionHubTest, EndsTheSessionsWhoseChannelsCannotBeRead) {
  const auto alice = join(1, {{10}, true});
  take({LoadFailed{1, asked_[0].load, CloseCode::kInternalError}});
  EXPECT_EQ(alice->received, (Received{"end 1011"}));
  EXPECT_EQ(left_[1], 1);
}

TEST_F(SessionHubTest, ForgetsWhoLeaves) {
  const auto alice = join(1, {{10}, false});
  const auto alices_phone = join(1, {{10}, false});
  hub_.leave(*alice);
  hub_.leave(*alice);
  take({to_channel(10, "one is left")});
  EXPECT_EQ(alice->received, (Received{"live 1"}));
  EXPECT_EQ(alices_phone->received, (Received{"live 1", "one is left"}));
  EXPECT_EQ(left_[1], 1);
  hub_.leave(*alices_phone);
  EXPECT_EQ(left_[1], 2);
  EXPECT_EQ(hub_.channel_count(), 0U);
}

TEST_F(SessionHubTest, TakesNobodyWhoHasEndedMeanwhile) {
  auto session = std::make_shared<FakeSession>();
  session->end(CloseCode::kForbidden, "");
  take({SessionJoined{session, 1, arn(1), {{10}, false}}, to_channel(10, "nobody")});
  EXPECT_EQ(session->received, (Received{"end 4003"}));
  EXPECT_EQ(left_[1], 1);
  EXPECT_EQ(hub_.channel_count(), 0U);
}

TEST_F(SessionHubTest, EndsTheSessionsOfUsersWhoAreGone) {
  const auto one = join(1, {{10}, false});
  const auto eleven = join(11, {{10}, false});
  take({api::UserRemoved{1}, api::UserRemoved{2}});
  EXPECT_EQ(one->received, (Received{"live 1", "end 4003"}));
  EXPECT_EQ(eleven->received, (Received{"live 11"}));
  take({api::AppInstanceRemoved{"arn:aws:chime:us-east-1:111122223333:app-instance/b"},
        AccountRemoved{"999999999999"}, to_channel(10, "still here")});
  EXPECT_EQ(eleven->received, (Received{"live 11", "still here"}));
  take({api::AppInstanceRemoved{"arn:aws:chime:us-east-1:111122223333:app-instance/a"}});
  EXPECT_EQ(eleven->received, (Received{"live 11", "still here", "end 4003"}));
  const auto again = join(1, {{10}, false});
  take({AccountRemoved{"111122223333"}});
  EXPECT_EQ(again->received, (Received{"live 1", "end 4003"}));
  const auto last = join(1, {{10}, false});
  take({AccountRemoved{}});
  EXPECT_EQ(last->received, (Received{"live 1", "end 4003"}));
  EXPECT_EQ(hub_.channel_count(), 0U);
}

TEST_F(SessionHubTest, TellsWhenAllBeforeHasBeenTold) {
  std::vector<std::shared_ptr<FakeSession>> crowd;
  for (RowId user_id = 1; user_id <= static_cast<RowId>(kDeliveriesPerTurnMax) + 1; ++user_id) {
    crowd.push_back(join(user_id, {{10}, false}));
  }
  take({to_channel(10, "first")});
  EXPECT_EQ(backlog_, 1U);
  bool told = false;
  take({Told{[&] {
    told = true;
    EXPECT_EQ(crowd.back()->received.back(), "first");
    EXPECT_EQ(crowd.front()->received.back(), "first");
  }}});
  take({to_channel(10, "second")});
  EXPECT_EQ(backlog_, 3U);
  EXPECT_FALSE(told);
  run_later();
  EXPECT_TRUE(told);
  while (!later_.empty()) run_later();
  EXPECT_EQ(backlog_, 0U);
}

TEST_F(SessionHubTest, GivesOthersTheirTurnDuringALargeDeliveryAndKeepsTheOrder) {
  std::vector<std::shared_ptr<FakeSession>> crowd;
  const auto size = static_cast<RowId>(kDeliveriesPerTurnMax * 2 + 1);
  for (RowId user_id = 1; user_id <= size; ++user_id) {
    crowd.push_back(join(user_id, {{10}, false}));
  }
  take({to_channel(10, "first"), api::MemberRemoved{10, 1}});
  take({to_channel(10, "second")});
  const auto count = [&](const std::string& text) {
    std::size_t found = 0;
    for (const auto& session : crowd) found += session->received.back() == text ? 1U : 0U;
    return found;
  };
  EXPECT_EQ(count("first"), kDeliveriesPerTurnMax);
  // One who leaves in the middle is simply not there any more.
  hub_.leave(*crowd.back());
  int turns = 0;
  for (; !later_.empty(); ++turns) run_later();
  EXPECT_EQ(turns, 3);
  EXPECT_EQ(count("second"), crowd.size() - 2);
  EXPECT_EQ(crowd.front()->received, (Received{"live 1", "first"}));
  EXPECT_EQ(crowd[1]->received, (Received{"live 2", "first", "second"}));
}

TEST_F(SessionHubTest, GivesOthersTheirTurnDuringManySmallDeliveries) {
  std::vector<std::shared_ptr<FakeSession>> crowd;
  for (RowId user_id = 1; user_id <= 3; ++user_id) crowd.push_back(join(user_id, {{10}, false}));
  constexpr std::size_t kEvents = kDeliveriesPerTurnMax;
  take(std::vector<HubStep>(kEvents, to_channel(10, "event")));
  int turns = 1;
  for (; !later_.empty(); ++turns) run_later();
  EXPECT_EQ(turns, 3);
  for (const auto& session : crowd) EXPECT_EQ(session->received.size(), 1 + kEvents);
}

TEST_F(SessionHubTest, TellsNoFasterThanASessionWrites) {
  const auto quick = join(1, {{10}, false});
  const auto busy = join(2, {{10}, false});
  busy->writes_slowly = true;
  take({to_channel(10, "a"), to_users({1}, "b"), to_users({1}, "c")});
  EXPECT_EQ(quick->received, (Received{"live 1", "a"}));
  run_later();
  EXPECT_EQ(quick->received, (Received{"live 1", "a", "b", "c"}));
  EXPECT_TRUE(later_.empty());
  take({to_channel(10, std::string(kTlsRecordBytesMax, 'd')), to_users({1}, "e")});
  run_later();
  EXPECT_EQ(backlog_, 1U);
  run_later();
  EXPECT_EQ(quick->received.back(), "e");
  EXPECT_EQ(backlog_, 0U);
  EXPECT_TRUE(later_.empty());
}

TEST_F(SessionHubTest, EndsAllSessionsWhenItCannotKeepUp) {
  std::vector<std::shared_ptr<FakeSession>> crowd;
  const auto size = static_cast<RowId>(kDeliveriesPerTurnMax + 1);
  for (RowId user_id = 1; user_id <= size; ++user_id) {
    crowd.push_back(join(user_id, {{10}, false}));
  }
  // The first is under way; the thread has no turn for the rest.
  for (std::size_t i = 0; i < kHubBacklogMax; ++i) take({to_channel(10, "event")});
  for (const auto& session : crowd) EXPECT_FALSE(session->ended());
  take({to_channel(10, "one too many")});
  for (const auto& session : crowd) EXPECT_EQ(session->received.back(), "end 1013");
  EXPECT_EQ(left_[size], 1);
  EXPECT_EQ(hub_.channel_count(), 0U);
  // Who connects again gets what happens from then on, and nothing of what was given up.
  const auto again = join(1, {{10}, false});
  take({to_channel(10, "later")});
  while (!later_.empty()) run_later();
  EXPECT_EQ(again->received, (Received{"live 1", "later"}));
}

}  // namespace
}  // namespace carillon::server
