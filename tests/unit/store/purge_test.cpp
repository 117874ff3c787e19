#include "store/limits.h"
#include "store/push_notifications.h"
#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

using PurgeTest = StoreTest;

TEST_F(PurgeTest, NothingToDo) {
  EXPECT_FALSE(purge_pending(tx_));
  EXPECT_FALSE(purge_step(tx_));
}

TEST_F(PurgeTest, AChannelGoesInStepsAndNothingElseWithIt) {
  const RowId doomed = add_channel("doomed");
  const RowId kept = add_channel("kept");
  for (const RowId id : {doomed, kept}) {
    const std::string name = std::to_string(id) + "-";
    insert_membership(tx_, id, bob_id_, "DEFAULT", alice_id_, 1);
    insert_moderator(tx_, id, bob_id_, alice_id_, 1);
    insert_ban(tx_, id, bob_id_, alice_id_, 1);
    for (int i = 0; i < 700; ++i) {
      const std::string message_id = name + std::to_string(i);
      const RowId message = add_message(id, message_id, i, i % 2 == 0 ? "SENT" : "PENDING");
      insert_flow_execution(tx_, execution_row(message, "CREATE", 1));
      insert_callback(tx_, callback_row("k" + message_id, message, id, message_id, 5));
      PushNotificationRow notification;
      notification.channel_id = id;
      insert_push_notification(tx_, notification);
    }
  }
  delete_channel(tx_, doomed);
  EXPECT_TRUE(purge_pending(tx_));
  const auto rows = [&] {
    return count(tx_, "channel_messages") + count(tx_, "flow_executions") +
           count(tx_, "callbacks") + count(tx_, "push_notifications") +
           count(tx_, "channel_memberships") + count(tx_, "channel_moderators") +
           count(tx_, "channel_bans") + count(tx_, "purge_queue");
  };
  for (std::int64_t before = rows(); purge_step(tx_); before = rows()) {
    // One more may go: a message and its flow execution go together.
    EXPECT_LE(before - rows(), kPurgeRowsPerStep + 1);
    EXPECT_GE(before - rows(), kPurgeRowsPerStep);
  }
  EXPECT_FALSE(purge_pending(tx_));
  EXPECT_EQ(count(tx_, "channel_messages"), 700);
  EXPECT_EQ(count(tx_, "flow_executions"), 700);
  EXPECT_EQ(count(tx_, "callbacks"), 700);
  EXPECT_EQ(count(tx_, "push_notifications"), 700);
  EXPECT_EQ(count(tx_, "channel_memberships"), 1);
  EXPECT_EQ(count(tx_, "channel_moderators"), 1);
  EXPECT_EQ(count(tx_, "channel_bans"), 1);
  EXPECT_EQ(count(tx_, "channels"), 1);
}

TEST_F(PurgeTest, AnAppInstanceGoesWithAllThatItHeld) {
  for (int i = 0; i < 30; ++i) {
    const RowId channel_id = add_channel("c" + std::to_string(i));
    insert_membership(tx_, channel_id, bob_id_, "DEFAULT", alice_id_, 1);
    insert_ban(tx_, channel_id, bob_id_, alice_id_, 1);
    for (int k = 0; k < 30; ++k) {
      add_message(channel_id, std::to_string(i) + "-" + std::to_string(k), k);
    }
  }
  ChannelFlowRow flow;
  flow.app_instance_id = app_instance_id_;
  flow.arn = "f1";
  insert_channel_flow(tx_, flow, {processor_row(1, "mask")});
  insert_admin(tx_, app_instance_id_, bob_id_, 1);
  insert_endpoint(tx_, endpoint_row(bob_id_, "e1"));
  const RowId other = insert_app_instance(tx_, app_instance_row("other"));
  insert_identity(tx_, identity_row(other, "carol"));
  add_channel("deleted on its own");
  delete_channel(tx_, list_channels(tx_, app_instance_id_, "", 0, 1)[0].id);

  delete_identity(tx_, alice_id_);
  delete_app_instance(tx_, app_instance_id_);
  EXPECT_GT(purge_all(), 1);
  for (const char* table : {"channels", "channel_messages", "channel_memberships", "channel_bans",
                            "channel_flows", "processors", "channel_flow_versions",
                            "app_instance_admins", "app_instance_user_endpoints", "purge_queue"}) {
    EXPECT_EQ(count(tx_, table), 0) << table;
  }
  EXPECT_EQ(count(tx_, "app_instances"), 1);
  EXPECT_EQ(count(tx_, "identities"), 1);
}

TEST_F(PurgeTest, OneDeletedAppInstanceCanBeFinishedBeforeTheOthers) {
  const auto fill = [&](const char* name) {
    const RowId id = insert_app_instance(tx_, app_instance_row(name));
    for (int i = 0; i < 2 * kPurgeRowsPerStep; ++i) {
      insert_identity(tx_, identity_row(id, "user" + std::to_string(i)));
    }
    delete_app_instance(tx_, id);
    return app_instance_row(name).arn;
  };
  fill("first");
  const std::string arn = fill("second");
  purge_app_instance_of(tx_, arn);
  EXPECT_EQ(count(tx_, "purge_queue"), 1);
  EXPECT_EQ(count(tx_, "identities WHERE app_instance_id NOT IN (SELECT id FROM app_instances)"),
            2 * kPurgeRowsPerStep);
  purge_app_instance_of(tx_, arn);
  purge_all();
  EXPECT_EQ(count(tx_, "purge_queue"), 0);
}

TEST_F(PurgeTest, EverythingMeansEveryTable) {
  const RowId channel_id = add_channel("general");
  const RowId message = add_message(channel_id, "m1", 1);
  insert_membership(tx_, channel_id, bob_id_, "DEFAULT", alice_id_, 1);
  insert_moderator(tx_, channel_id, bob_id_, alice_id_, 1);
  insert_admin(tx_, app_instance_id_, bob_id_, 1);
  ChannelFlowRow flow;
  flow.app_instance_id = app_instance_id_;
  flow.arn = "f1";
  insert_channel_flow(tx_, flow, {processor_row(1, "mask")});
  insert_flow_execution(tx_, execution_row(message, "UPDATE", 1));
  insert_callback(tx_, callback_row("k1", message, channel_id, "m1", 5));
  insert_token(tx_, "0123456789abcdef", {"f", 200, "{}"}, 1);
  delete_channel(tx_, add_channel("doomed"));
  insert_ban(tx_, channel_id, bob_id_, alice_id_, 1);
  insert_endpoint(tx_, endpoint_row(bob_id_, "e1"));
  insert_push_notification(tx_, {});
  insert_push_fan_out(tx_, {});
  connection_.run("INSERT INTO resource_tags VALUES ('a', 'k', 'v')");
  connection_.run("INSERT INTO provisioned_resources VALUES (1, 'a', 1)");

  // Asked of the schema, so that a table that comes later cannot be forgotten.
  std::vector<std::string> tables;
  {
    Statement names = connection_.query(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    while (names.step()) tables.push_back(names.text(0));
  }
  ASSERT_EQ(tables.size(), 20u);
  for (const auto& table : tables) EXPECT_GT(count(tx_, table), 0) << table;
  delete_everything(tx_);
  for (const auto& table : tables) EXPECT_EQ(count(tx_, table), 0) << table;
  EXPECT_GT(insert_app_instance(tx_, app_instance_row("main")), app_instance_id_);
}

}  // namespace

}  // namespace carillon::store
