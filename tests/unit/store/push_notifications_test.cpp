#include "store/push_notifications.h"

#include "store/limits.h"
#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class PushNotificationsTest : public StoreTest {
 protected:
  PushNotificationsTest() : channel_id_(add_channel("general")) {
    insert_membership(tx_, channel_id_, alice_id_, "DEFAULT", alice_id_, 1);
    insert_membership(tx_, channel_id_, bob_id_, "HIDDEN", alice_id_, 1);
  }

  PushNotificationRow notification_row(RowId member_id, const std::string& message_id) const {
    PushNotificationRow row;
    row.channel_id = channel_id_;
    row.member_id = member_id;
    row.message_id = message_id;
    row.endpoint_id = "e";
    row.endpoint_type = "GCM";
    row.resource_arn = "r";
    row.push_notification = R"({"Title":"t"})";
    row.created_ms = 500;
    return row;
  }
  static PushFanOutRow fan_out_row(const std::string& message_id) {
    PushFanOutRow row;
    row.channel_id = 1;
    row.message_id = message_id;
    row.push_notification = "{}";
    return row;
  }
  // "member endpoint", in order.
  std::vector<std::string> receivers(const std::optional<RowId>& only = {},
                                     const PushPosition& from = {}, int limit = 100) {
    std::vector<std::string> result;
    for (const auto& row : list_push_receivers(tx_, channel_id_, only, from, limit)) {
      const RowId member_id = row.position.member_id;
      const std::string name = member_id == alice_id_ ? "alice" : "bob";
      result.push_back(name + (row.endpoint_id.empty() ? "" : " " + row.endpoint_id));
    }
    return result;
  }
  std::vector<std::string> messages(PushNotificationFilter filter) {
    if (filter.limit == 0) filter.limit = 100;
    std::vector<std::string> result;
    for (const auto& row : list_push_notifications(tx_, filter)) result.push_back(row.message_id);
    return result;
  }

  using Texts = std::vector<std::string>;
  RowId channel_id_;
};

TEST_F(PushNotificationsTest, ReceiversAreMembersWithTheirEndpoints) {
  insert_identity(tx_, identity_row(app_instance_id_, "carol"));
  EndpointRow silent = endpoint_row(bob_id_, "b2");
  silent.allow_messages = "NONE";
  insert_endpoint(tx_, endpoint_row(bob_id_, "b1"));
  insert_endpoint(tx_, silent);
  set_membership_preferences(tx_, channel_id_, bob_id_, "{\"p\":1}");
  EXPECT_EQ(receivers(), (Texts{"alice", "bob b1", "bob b2"}));

  const auto rows = list_push_receivers(tx_, channel_id_, {}, {}, 100);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].position.member_id, alice_id_);
  EXPECT_EQ(rows[0].position.endpoint_row_id, 0);
  EXPECT_EQ(rows[2].preferences, "{\"p\":1}");
  EXPECT_EQ(rows[2].endpoint_type, "GCM");
  EXPECT_EQ(rows[2].resource_arn, "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a");
  EXPECT_EQ(rows[2].endpoint_attributes, "{\"DeviceToken\":\"t\"}");
  EXPECT_EQ(rows[1].allow_messages, "ALL");
  EXPECT_EQ(rows[2].allow_messages, "NONE");
}

// Whatever the size of a page, each endpoint comes exactly once.
TEST_F(PushNotificationsTest, PagesOfReceiversGoOnWithinAMember) {
  for (const char* id : {"b1", "b2", "b3", "b4"}) insert_endpoint(tx_, endpoint_row(bob_id_, id));
  for (const char* id : {"a1", "a2"}) insert_endpoint(tx_, endpoint_row(alice_id_, id));
  for (int limit = 2; limit < 8; ++limit) {
    Texts seen;
    PushPosition from;
    for (;;) {
      const auto page = list_push_receivers(tx_, channel_id_, {}, from, limit);
      for (const auto& row : page) {
        if (row.position.endpoint_row_id != 0) seen.push_back(row.endpoint_id);
      }
      if (page.size() < static_cast<std::size_t>(limit)) break;
      from = page.back().position;
    }
    EXPECT_EQ(seen, (Texts{"a1", "a2", "b1", "b2", "b3", "b4"})) << limit;
  }
}

TEST_F(PushNotificationsTest, OneReceiverAloneCanBeAskedFor) {
  for (const char* id : {"a1", "a2", "a3"}) insert_endpoint(tx_, endpoint_row(alice_id_, id));
  insert_endpoint(tx_, endpoint_row(bob_id_, "b1"));
  EXPECT_EQ(receivers(alice_id_), (Texts{"alice a1", "alice a2", "alice a3"}));
  EXPECT_EQ(receivers(bob_id_), (Texts{"bob b1"}));
  const auto page = list_push_receivers(tx_, channel_id_, alice_id_, {}, 2);
  EXPECT_EQ(receivers(alice_id_, page.back().position), (Texts{"alice a3"}));
  delete_membership(tx_, channel_id_, bob_id_);
  EXPECT_EQ(receivers(bob_id_), Texts{});
}

TEST_F(PushNotificationsTest, NobodyReceivesFromWhatWasDeleted) {
  insert_endpoint(tx_, endpoint_row(bob_id_, "b1"));
  const RowId general = channel_id_;
  delete_channel(tx_, general);
  EXPECT_EQ(receivers(), Texts{});
  channel_id_ = add_channel("other");
  insert_membership(tx_, channel_id_, bob_id_, "DEFAULT", alice_id_, 1);
  EXPECT_EQ(receivers(), Texts{"bob b1"});
  delete_app_instance(tx_, app_instance_id_);
  EXPECT_EQ(receivers(), Texts{});
}

TEST_F(PushNotificationsTest, FanOutsAreWorkedOffOldestFirst) {
  EXPECT_FALSE(first_push_fan_out(tx_));
  PushFanOutRow row = fan_out_row("m1");
  row.target_id = 4;
  row.message_attributes = "{}";
  row.push_notification = R"({"Body":"b"})";
  row.position = {2, 3};
  row.sent_ms = 600;
  insert_push_fan_out(tx_, row);
  insert_push_fan_out(tx_, fan_out_row("m2"));
  auto first = first_push_fan_out(tx_);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->channel_id, 1);
  EXPECT_EQ(first->target_id, 4);
  EXPECT_EQ(first->message_id, "m1");
  EXPECT_EQ(first->message_attributes, "{}");
  EXPECT_EQ(first->push_notification, R"({"Body":"b"})");
  EXPECT_EQ(first->position.member_id, 2);
  EXPECT_EQ(first->position.endpoint_row_id, 3);
  EXPECT_EQ(first->sent_ms, 600);

  set_push_fan_out_position(tx_, first->id, {5, 6});
  first = first_push_fan_out(tx_);
  EXPECT_EQ(first->position.member_id, 5);
  EXPECT_EQ(first->position.endpoint_row_id, 6);
  delete_push_fan_out(tx_, first->id);
  first = first_push_fan_out(tx_);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->message_id, "m2");
  EXPECT_FALSE(first->target_id);
  EXPECT_FALSE(first->message_attributes);
}

TEST_F(PushNotificationsTest, TooManyFanOutsLoseTheOldest) {
  connection_.begin_immediate();
  for (int i = 1; i <= kPushFanOutsMax + 2; ++i) {
    insert_push_fan_out(tx_, fan_out_row("m" + std::to_string(i)));
  }
  connection_.commit();
  EXPECT_EQ(count(tx_, "push_fan_outs"), kPushFanOutsMax);
  EXPECT_EQ(first_push_fan_out(tx_)->message_id, "m3");
}

TEST_F(PushNotificationsTest, FindsWhatWasInserted) {
  PushNotificationRow row = notification_row(bob_id_, "m1");
  row.device_token = "token";
  row.suppressed_by = "FILTER_RULE";
  insert_push_notification(tx_, row);
  insert_push_notification(tx_, notification_row(alice_id_, "m1"));
  const auto rows = list_push_notifications(tx_, {.limit = 10});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].channel_id, channel_id_);
  EXPECT_EQ(rows[1].member_id, bob_id_);
  EXPECT_EQ(rows[1].channel_arn, std::string(kScope) + "app-instance/1/channel/general");
  EXPECT_EQ(rows[1].member_arn, bob_arn_);
  EXPECT_EQ(rows[1].message_id, "m1");
  EXPECT_EQ(rows[1].endpoint_id, "e");
  EXPECT_EQ(rows[1].endpoint_type, "GCM");
  EXPECT_EQ(rows[1].resource_arn, "r");
  EXPECT_EQ(rows[1].device_token, "token");
  EXPECT_EQ(rows[1].push_notification, R"({"Title":"t"})");
  EXPECT_EQ(rows[1].suppressed_by, "FILTER_RULE");
  EXPECT_EQ(rows[1].created_ms, 500);
  EXPECT_EQ(rows[0].member_arn, alice_arn_);
  EXPECT_FALSE(rows[0].device_token);
  EXPECT_FALSE(rows[0].suppressed_by);
}

TEST_F(PushNotificationsTest, FiltersMayBeCombined) {
  const RowId general = channel_id_;
  insert_push_notification(tx_, notification_row(alice_id_, "m1"));
  insert_push_notification(tx_, notification_row(bob_id_, "m2"));
  channel_id_ = add_channel("other");
  insert_push_notification(tx_, notification_row(bob_id_, "m3"));
  insert_push_notification(tx_, notification_row(alice_id_, "m3"));
  EXPECT_EQ(messages({}), (Texts{"m3", "m3", "m2", "m1"}));
  EXPECT_EQ(messages({.channel_id = general}), (Texts{"m2", "m1"}));
  EXPECT_EQ(messages({.member_id = bob_id_}), (Texts{"m3", "m2"}));
  EXPECT_EQ(messages({.channel_id = general, .member_id = bob_id_}), (Texts{"m2"}));
  EXPECT_EQ(messages({.message_id = "m3"}), (Texts{"m3", "m3"}));
  EXPECT_EQ(messages({.member_id = bob_id_, .message_id = "m3"}), (Texts{"m3"}));
  EXPECT_EQ(messages({.channel_id = general, .message_id = "m3"}), Texts{});

  const auto first = list_push_notifications(tx_, {.limit = 3});
  EXPECT_EQ(messages({.before = first.back().id}), (Texts{"m1"}));
  EXPECT_EQ(messages({.member_id = bob_id_, .before = first.back().id}), Texts{});
}

TEST_F(PushNotificationsTest, OnlyTheNewestAreKept) {
  constexpr RowId kAdded = kPushNotificationsKept + 2 * kPushNotificationsDroppedTogether;
  connection_.begin_immediate();
  for (RowId i = 1; i <= kAdded; ++i) {
    insert_push_notification(tx_, notification_row(bob_id_, "m" + std::to_string(i)));
  }
  connection_.commit();
  const RowId kept = count(tx_, "push_notifications");
  EXPECT_GE(kept, kPushNotificationsKept);
  EXPECT_LT(kept, kPushNotificationsKept + kPushNotificationsDroppedTogether);
  EXPECT_EQ(messages({.message_id = "m" + std::to_string(kAdded - kept)}), Texts{});
  EXPECT_EQ(messages({.message_id = "m" + std::to_string(kAdded - kept + 1)}).size(), 1u);
  EXPECT_EQ(messages({.limit = 1}), Texts{"m" + std::to_string(kAdded)});
}

TEST_F(PushNotificationsTest, GoWithTheirChannelButNotWithTheirMember) {
  insert_push_notification(tx_, notification_row(bob_id_, "m1"));
  delete_identity(tx_, bob_id_);
  EXPECT_EQ(messages({}), Texts{"m1"});
  EXPECT_EQ(list_push_notifications(tx_, {.limit = 1})[0].member_arn, bob_arn_);
  delete_channel(tx_, channel_id_);
  EXPECT_EQ(messages({}), Texts{});
  EXPECT_EQ(count(tx_, "push_notifications"), 1);
  purge_all();
  EXPECT_EQ(count(tx_, "push_notifications"), 0);
}

TEST_F(PushNotificationsTest, GoWithTheirAccount) {
  insert_push_notification(tx_, notification_row(bob_id_, "m1"));
  delete_account(tx_, "210987654321");
  EXPECT_EQ(messages({}), Texts{"m1"});
  delete_account(tx_, "123456789012");
  EXPECT_EQ(messages({}), Texts{});
  purge_all();
  EXPECT_EQ(count(tx_, "push_notifications"), 0);
}

TEST_F(PushNotificationsTest, GoWithEverything) {
  insert_push_notification(tx_, notification_row(bob_id_, "m1"));
  insert_push_fan_out(tx_, fan_out_row("m1"));
  delete_everything(tx_);
  EXPECT_EQ(count(tx_, "push_notifications"), 0);
  EXPECT_FALSE(first_push_fan_out(tx_));
}

}  // namespace

}  // namespace carillon::store
