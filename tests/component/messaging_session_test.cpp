// Messaging sessions and the store: whose they are, what they follow, what they are told first.
#include "api/messaging_session.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "api/limits.h"
#include "store/app_instances.h"
#include "store/channel_memberships.h"
#include "store/channels.h"
#include "tests/component/conversation.h"
#include "tests/component/json_match.h"

namespace carillon::tests {
namespace {

using api::PrefetchSortBy;
using store::RowId;

class MessagingSessions : public testing::Test {
 protected:
  void set_up(const api::Options& options = {}) {
    talk_.emplace(options);
    talk_->make("CreateAppInstance", R"({"Name": "Chorus"})", "AppInstanceArn", "app");
    for (const char* user : {"alice", "bob"}) {
      talk_->make("CreateAppInstanceUser",
                  R"({"AppInstanceArn": "${app}", "Name": "Somebody", "AppInstanceUserId": ")" +
                      std::string(user) + "\"}",
                  "AppInstanceUserArn", user);
    }
    alice_ = *connect(talk_->variables["alice"]);
  }

  // A public channel of Bob's with Alice in it, unless she is not to be.
  RowId make_channel(const std::string& name, bool with_alice = true) {
    talk_->make("CreateChannel",
                R"({"AppInstanceArn": "${app}", "Name": ")" + name +
                    R"(", "ChimeBearer": "${bob}")" +
                    (with_alice ? R"(, "MemberArns": ["${alice}"]})" : "}"),
                "ChannelArn", name);
    RowId id = 0;
    talk_->service.read([&](store::ReadTx& tx) {
      id = store::find_channel(tx, talk_->variables[name]).value().id;
    });
    return id;
  }

  void send(const std::string& channel, const std::string& content, const std::string& more = "") {
    talk_->service.advance(1'000);
    talk_->make("SendChannelMessage", R"({"ChannelArn": "${)" + channel + R"(}", "Content": ")" +
                                          content +
                                          R"(", "Type": "STANDARD", "Persistence": "PERSISTENT",)" +
                                          more + R"("ChimeBearer": "${bob}"})");
  }

  void read_all(const std::string& channel) {
    talk_->service.advance(1'000);
    talk_->make("UpdateChannelReadMarker",
                R"({"ChannelArn": "${)" + channel + R"(}", "ChimeBearer": "${alice}"})");
  }

  api::Result<RowId> connect(const std::string& user_arn,
                             const api::Caller& caller = {"000000000000", "us-east-1"}) {
    api::ConnectRequest request;
    request.caller = caller;
    request.user_arn = user_arn;
    request.session_id = "s";
    api::Result<RowId> user = api::error::service_failure();
    talk_->service.write([&](api::Call& call, store::WriteTx& tx) {
      call.caller = caller;
      user = api::find_session_user(call, tx, request);
      foreign_arn_ = call.foreign_arn;
    });
    return user;
  }

  std::vector<RowId> prefetched(PrefetchSortBy sort_by) {
    std::vector<RowId> ids;
    talk_->service.read(
        [&](store::ReadTx& tx) { ids = api::list_prefetch_channels(tx, alice_, sort_by); });
    return ids;
  }

  // The frame's payload; empty when there is no frame.
  std::string details(RowId channel_id) {
    std::string frame;
    talk_->service.read(
        [&](store::ReadTx& tx) { frame = api::channel_details_frame(tx, alice_, channel_id); });
    if (frame.empty()) return {};
    const api::json::Document document(frame);
    const api::json::Value headers = document.root().find("Headers");
    EXPECT_EQ(headers.find("x-amz-chime-event-type").string(), "CHANNEL_DETAILS");
    EXPECT_EQ(headers.find("x-amz-chime-message-type").string(), "SYSTEM");
    return std::string(document.root().find("Payload").string());
  }

  void expect_details(RowId channel_id, std::string_view expected) {
    const std::string payload = details(channel_id);
    const api::json::Document got(payload);
    const api::json::Document wanted(expected);
    ASSERT_FALSE(got.error()) << payload;
    ASSERT_FALSE(wanted.error()) << *wanted.error();
    for (const std::string& difference :
         differences(wanted.root(), got.root(), Members::kExact, talk_->variables)) {
      ADD_FAILURE() << difference;
    }
  }

  std::optional<Conversation> talk_;
  RowId alice_ = 0;
  std::string foreign_arn_;
};

TEST_F(MessagingSessions, AreForUsersOfTheCaller) {
  set_up();
  const std::string alice = talk_->variables["alice"];
  const auto user = connect(alice);
  ASSERT_TRUE(user.has_value());
  talk_->service.read(
      [&](store::ReadTx& tx) { EXPECT_EQ(*user, store::find_identity(tx, alice).value().id); });

  talk_->make("CreateAppInstanceBot",
              R"({"AppInstanceArn": "${app}", "Configuration": {"Lex": {"LexBotAliasArn":
              "arn:aws:lex:us-east-1:000000000000:bot-alias/ABCDEFGHIJ/TSTALIASID",
              "LocaleId": "en_US"}}})",
              "AppInstanceBotArn", "bot");
  for (const std::string& nobody :
       {alice + "x", talk_->variables["bot"], talk_->variables["app"], std::string("u")}) {
    const auto refused = connect(nobody);
    ASSERT_FALSE(refused.has_value()) << nobody;
    EXPECT_EQ(refused.error().kind, api::ErrorKind::kForbidden);
    EXPECT_EQ(refused.error().message,
              "There is no such app instance user for account 000000000000 in us-east-1.");
  }
  talk_->make("DeleteAppInstanceUser", R"({"AppInstanceUserArn": "${alice}"})");
  EXPECT_FALSE(connect(alice).has_value());
}

TEST_F(MessagingSessions, AreNotForOtherAccountsAndRegions) {
  set_up();
  const std::string alice = talk_->variables["alice"];
  for (const api::Caller& stranger :
       {api::Caller{"999999999999", "us-east-1"}, api::Caller{"000000000000", "eu-central-1"}}) {
    EXPECT_FALSE(connect(alice, stranger).has_value());
    EXPECT_EQ(foreign_arn_, alice);
  }
  EXPECT_TRUE(connect(alice).has_value());
  EXPECT_EQ(foreign_arn_, "");
}

TEST_F(MessagingSessions, MakeTheirUserWhenThatIsAskedFor) {
  api::Options options;
  options.auto_provision = true;
  set_up(options);
  talk_->service.take_effects();
  const std::string carol = talk_->variables["app"] + "/user/carol";
  const auto user = connect(carol);
  ASSERT_TRUE(user.has_value());
  const std::vector<api::Effect> effects = talk_->service.take_effects();
  ASSERT_EQ(effects.size(), 1U);
  EXPECT_EQ(std::get<api::ResourceProvisioned>(effects.front()).arn, carol);
  EXPECT_EQ(*connect(carol), *user);
  EXPECT_TRUE(talk_->service.take_effects().empty());
  EXPECT_FALSE(connect(carol, {"999999999999", "us-east-1"}).has_value());
}

TEST_F(MessagingSessions, FollowTheChannelsOfTheirUser) {
  set_up();
  std::vector<RowId> expected;
  for (const char* name : {"c1", "c2", "c3", "c4", "c5"}) expected.push_back(make_channel(name));
  make_channel("not_hers", false);
  talk_->make("DeleteChannelMembership",
              R"({"ChannelArn": "${c3}", "MemberArn": "${alice}", "ChimeBearer": "${bob}"})");
  expected.erase(expected.begin() + 2);
  std::vector<RowId> got;
  talk_->service.read([&](store::ReadTx& tx) {
    for (;;) {
      const auto page = api::list_session_channels(tx, alice_, got.empty() ? 0 : got.back(), 3);
      EXPECT_LE(page.size(), 3U);
      if (page.empty()) break;
      got.insert(got.end(), page.begin(), page.end());
    }
  });
  EXPECT_EQ(got, expected);
}

TEST_F(MessagingSessions, PrefetchUnreadChannelsFirst) {
  set_up();
  const RowId read = make_channel("read");
  const RowId silent = make_channel("silent");
  const RowId unread = make_channel("unread");
  const RowId never_read = make_channel("never_read");
  const RowId for_bob = make_channel("for_bob");
  make_channel("not_hers", false);
  send("never_read", "one");
  send("unread", "one");
  read_all("unread");
  send("unread", "two");
  read_all("silent");
  send("read", "one");
  read_all("read");
  // A message that she does not see is none.
  talk_->make("CreateAppInstanceUser",
              R"({"AppInstanceArn": "${app}", "Name": "Carol", "AppInstanceUserId": "carol"})",
              "AppInstanceUserArn", "carol");
  talk_->make("CreateChannelMembership", R"({"ChannelArn": "${for_bob}", "MemberArn": "${carol}",
                                            "Type": "DEFAULT", "ChimeBearer": "${bob}"})");
  send("for_bob", "one", R"("Target": [{"MemberArn": "${carol}"}],)");

  EXPECT_EQ(prefetched(PrefetchSortBy::kUnread),
            (std::vector{unread, never_read, read, for_bob, silent}));
  EXPECT_EQ(prefetched(PrefetchSortBy::kLastMessageTimestamp),
            (std::vector{read, unread, never_read, for_bob, silent}));

  talk_->make("DeleteChannel", R"({"ChannelArn": "${unread}", "ChimeBearer": "${bob}"})");
  EXPECT_EQ(prefetched(PrefetchSortBy::kUnread), (std::vector{never_read, read, for_bob, silent}));
  EXPECT_EQ(details(unread), "");
}

TEST_F(MessagingSessions, PrefetchHasLimits) {
  set_up();
  const RowId oldest = make_channel("oldest");
  std::vector<RowId> others(static_cast<std::size_t>(api::kPrefetchCandidatesMax));
  for (std::size_t i = 0; i < others.size(); ++i) {
    others[i] = make_channel("c" + std::to_string(i));
  }
  send("c100", "one");
  send("c0", "two");
  send("oldest", "not looked at: too many channels are newer");
  const auto got = prefetched(PrefetchSortBy::kUnread);
  ASSERT_EQ(got.size(), api::kPrefetchChannelsMax);
  EXPECT_EQ(got[0], others[0]);
  EXPECT_EQ(got[1], others[100]);
  // Without messages the newest channels come first.
  EXPECT_EQ(got[2], others.back());
  EXPECT_EQ(std::count(got.begin(), got.end(), oldest), 0);
}

TEST_F(MessagingSessions, ChannelDetailsAreWhatTheUserSees) {
  set_up();
  const RowId channel = make_channel("channel");
  expect_details(channel, R"({
      "Channel": {"Name": "channel", "ChannelArn": "${channel}", "Mode": "RESTRICTED",
                  "Privacy": "PUBLIC"},
      "ChannelMessages": [],
      "ChannelMemberships": [{"Member": {"Arn": "${alice}", "Name": "Somebody"}},
                             {"Member": {"Arn": "${bob}", "Name": "Somebody"}}],
      "ChannelMessagesHasMore": false})");
  talk_->make("CreateAppInstanceUser",
              R"({"AppInstanceArn": "${app}", "Name": "Carol", "AppInstanceUserId": "carol"})",
              "AppInstanceUserArn", "carol");
  talk_->make("CreateChannelMembership", R"({"ChannelArn": "${channel}", "MemberArn": "${carol}",
                                            "Type": "HIDDEN", "ChimeBearer": "${bob}"})");
  send("channel", "not for Alice", R"("Target": [{"MemberArn": "${carol}"}],)");
  send("channel", "Hello", R"("Metadata": "loud",)");
  read_all("channel");
  expect_details(channel, R"({
      "Channel": {"Name": "channel", "ChannelArn": "${channel}", "Mode": "RESTRICTED",
                  "Privacy": "PUBLIC", "LastMessageTimestamp": "2024-01-01T00:00:02.000Z"},
      "ChannelMessages": [{
          "MessageId": "$message_id", "Content": "Hello", "Metadata": "loud", "Type": "STANDARD",
          "CreatedTimestamp": "2024-01-01T00:00:02.000Z",
          "LastUpdatedTimestamp": "2024-01-01T00:00:02.000Z",
          "Sender": {"Arn": "${bob}", "Name": "Somebody"}, "Redacted": false,
          "Status": {"Value": "SENT"}}],
      "ChannelMemberships": [{"Member": {"Arn": "${alice}", "Name": "Somebody"}},
                             {"Member": {"Arn": "${bob}", "Name": "Somebody"}}],
      "ReadMarkerTimestamp": "2024-01-01T00:00:03.000Z",
      "ChannelMessagesHasMore": false})");
  talk_->make("DeleteChannelMembership",
              R"({"ChannelArn": "${channel}", "MemberArn": "${alice}", "ChimeBearer": "${bob}"})");
  EXPECT_EQ(details(channel), "");
}

TEST_F(MessagingSessions, ChannelDetailsHaveLimits) {
  set_up();
  const RowId channel = make_channel("channel");
  for (int i = 1; i <= api::kPrefetchMembershipsMax; ++i) {
    talk_->make("CreateAppInstanceUser",
                R"({"AppInstanceArn": "${app}", "Name": "Extra", "AppInstanceUserId": "extra)" +
                    std::to_string(i) + "\"}",
                "AppInstanceUserArn", "extra");
    talk_->make("CreateChannelMembership", R"({"ChannelArn": "${channel}", "MemberArn": "${extra}",
                                              "Type": "DEFAULT", "ChimeBearer": "${bob}"})");
  }
  for (int i = 1; i <= api::kPrefetchMessagesMax; ++i) send("channel", std::to_string(i));
  const auto check = [&](bool has_more) {
    const std::string payload = details(channel);
    const api::json::Document document(payload);
    const api::json::Value root = document.root();
    EXPECT_EQ(root.find("ChannelMemberships").size(), 30U);
    EXPECT_EQ(root.find("ChannelMessages").size(), 20U);
    EXPECT_EQ(root.find("ChannelMessagesHasMore").boolean(), has_more);
    return std::string(root.find("ChannelMessages").at(0).find("Content").string());
  };
  EXPECT_EQ(check(false), "20");
  send("channel", "21");
  EXPECT_EQ(check(true), "21");
}

}  // namespace
}  // namespace carillon::tests
