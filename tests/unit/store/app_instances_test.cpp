#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

using AppInstancesTest = StoreTest;

TEST_F(AppInstancesTest, FindsWhatWasInserted) {
  AppInstanceRow row = app_instance_row("second");
  row.metadata = "{\"a\":1}";
  const RowId id = insert_app_instance(tx_, row);
  const auto found = find_app_instance(tx_, row.arn);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, id);
  EXPECT_EQ(found->arn, row.arn);
  EXPECT_EQ(found->name, "second");
  EXPECT_EQ(found->metadata, "{\"a\":1}");
  EXPECT_EQ(found->created_ms, 100);
  EXPECT_FALSE(find_app_instance(tx_, row.arn + "x"));
}

TEST_F(AppInstancesTest, ListsOneAccountAndRegionInOrderOfCreation) {
  AppInstanceRow other = app_instance_row("other");
  other.arn = "arn:aws:chime:eu-central-1:123456789012:app-instance/other";
  insert_app_instance(tx_, other);
  const RowId third = insert_app_instance(tx_, app_instance_row("third"));
  const auto all = list_app_instances(tx_, kScope, 0, 10);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "main");
  EXPECT_EQ(all[1].name, "third");
  EXPECT_EQ(list_app_instances(tx_, kScope, 0, 1).size(), 1u);
  EXPECT_EQ(list_app_instances(tx_, kScope, app_instance_id_, 10)[0].id, third);
  EXPECT_TRUE(list_app_instances(tx_, kScope, third, 10).empty());
}

TEST_F(AppInstancesTest, Updates) {
  update_app_instance(tx_, app_instance_id_, "renamed", "m", 555);
  const auto found = find_app_instance(tx_, app_instance_row("main").arn);
  EXPECT_EQ(found->name, "renamed");
  EXPECT_EQ(found->metadata, "m");
  EXPECT_EQ(found->updated_ms, 555);
  EXPECT_EQ(found->created_ms, 100);
}

TEST_F(AppInstancesTest, DeletingHidesAllItHeldAtOnce) {
  const RowId channel_id = add_channel("general");
  ChannelFlowRow flow;
  flow.app_instance_id = app_instance_id_;
  flow.arn = "flow";
  const RowId flow_id = insert_channel_flow(tx_, flow, {processor_row(1, "mask")});
  add_message(channel_id, "m1", 1, "PENDING");
  insert_callback(tx_, callback_row("k1", 1, channel_id, "m1", 10));
  const std::string channel_arn = find_channel_by_id(tx_, channel_id)->arn;
  ASSERT_TRUE(find_channel_flow(tx_, "flow"));

  delete_app_instance(tx_, app_instance_id_);

  EXPECT_FALSE(find_app_instance(tx_, app_instance_row("main").arn));
  EXPECT_TRUE(list_app_instances(tx_, kScope, 0, 10).empty());
  EXPECT_FALSE(find_identity(tx_, alice_arn_));
  EXPECT_FALSE(find_channel(tx_, channel_arn));
  EXPECT_FALSE(find_channel_by_id(tx_, channel_id));
  EXPECT_FALSE(find_channel_flow(tx_, "flow"));
  EXPECT_TRUE(list_all_channels(tx_, 0, 10).empty());
  EXPECT_TRUE(list_all_channel_flows(tx_, 0, 10).empty());
  EXPECT_TRUE(list_channels_with_flow(tx_, flow_id, 0, 10).empty());
  EXPECT_FALSE(find_callback(tx_, "k1"));
  EXPECT_FALSE(next_callback_deadline(tx_));
  EXPECT_TRUE(list_queued_callbacks(tx_, 0, 10).empty());
  EXPECT_TRUE(list_expired_callbacks(tx_, 100, 10).empty());
  const ChannelAccess access = load_channel_access(tx_, channel_arn, alice_arn_);
  EXPECT_FALSE(access.channel_id);
  EXPECT_FALSE(access.bearer_id);
}

TEST_F(AppInstancesTest, IdsAreNeverUsedAgain) {
  const RowId id = insert_app_instance(tx_, app_instance_row("short-lived"));
  delete_app_instance(tx_, id);
  EXPECT_GT(insert_app_instance(tx_, app_instance_row("next")), id);
}

TEST_F(AppInstancesTest, FindsIdentities) {
  IdentityRow row = identity_row(app_instance_id_, "carol");
  row.metadata = "m";
  row.expiration = "{}";
  const RowId id = insert_identity(tx_, row);
  const auto found = find_identity(tx_, row.arn);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, id);
  EXPECT_EQ(found->app_instance_id, app_instance_id_);
  EXPECT_EQ(found->name, "carol");
  EXPECT_EQ(found->metadata, "m");
  EXPECT_EQ(found->expiration, "{}");
  update_identity(tx_, id, "Carol", "n", 777);
  EXPECT_EQ(find_identity(tx_, row.arn)->name, "Carol");
  EXPECT_EQ(find_identity(tx_, row.arn)->metadata, "n");
  EXPECT_EQ(find_identity(tx_, row.arn)->updated_ms, 777);
}

TEST_F(AppInstancesTest, ListsIdentitiesInPages) {
  const auto first = list_identities(tx_, app_instance_id_, 0, 1);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].name, "alice");
  const auto second = list_identities(tx_, app_instance_id_, first[0].id, 5);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].name, "bob");
  EXPECT_TRUE(list_identities(tx_, app_instance_id_ + 1, 0, 5).empty());
}

TEST_F(AppInstancesTest, ADeletedUserLeavesANameplateAndItsArn) {
  const RowId channel_id = add_channel("general");
  insert_membership(tx_, channel_id, alice_id_, "DEFAULT", alice_id_, 1);
  insert_membership(tx_, channel_id, bob_id_, "DEFAULT", alice_id_, 1);
  insert_moderator(tx_, channel_id, alice_id_, alice_id_, 1);
  insert_admin(tx_, app_instance_id_, alice_id_, 1);
  insert_ban(tx_, channel_id, alice_id_, bob_id_, 1);
  insert_ban(tx_, channel_id, bob_id_, alice_id_, 1);
  const RowId message = add_message(channel_id, "m1", 1);

  delete_identity(tx_, alice_id_);

  EXPECT_FALSE(find_identity(tx_, alice_arn_));
  EXPECT_EQ(list_identities(tx_, app_instance_id_, 0, 5).size(), 1u);
  EXPECT_FALSE(find_membership(tx_, channel_id, alice_id_));
  EXPECT_FALSE(is_moderator(tx_, channel_id, alice_id_));
  EXPECT_FALSE(is_banned(tx_, channel_id, alice_id_));
  EXPECT_FALSE(is_admin(tx_, app_instance_id_, alice_id_));
  EXPECT_EQ(find_message_by_id(tx_, message)->sender_arn, alice_arn_);
  EXPECT_EQ(find_message_by_id(tx_, message)->sender_name, "alice");
  EXPECT_EQ(find_channel_by_id(tx_, channel_id)->created_by_name, "alice");
  EXPECT_EQ(find_membership(tx_, channel_id, bob_id_)->invited_by_arn, alice_arn_);
  EXPECT_EQ(find_ban(tx_, channel_id, bob_id_)->created_by_arn, alice_arn_);

  // The same ARN again is somebody else, who inherits nothing.
  const RowId again = insert_identity(tx_, identity_row(app_instance_id_, "alice"));
  EXPECT_NE(again, alice_id_);
  EXPECT_EQ(find_identity(tx_, alice_arn_)->id, again);
  EXPECT_FALSE(is_admin(tx_, app_instance_id_, again));
}

TEST_F(AppInstancesTest, TwoLivingIdentitiesCannotShareAnArn) {
  EXPECT_THROW(insert_identity(tx_, identity_row(app_instance_id_, "alice")), StoreError);
}

TEST_F(AppInstancesTest, AreSeenByTheirOwnAccountAndRegionAlone) {
  const std::string arn = find_identity(tx_, alice_arn_)->arn;
  const std::string app_instance_arn = list_app_instances(tx_, kScope, 0, 1).at(0).arn;
  {
    const AccountScope scope(tx_, kScope);
    EXPECT_TRUE(find_app_instance(tx_, app_instance_arn));
    EXPECT_TRUE(find_identity(tx_, arn));
    EXPECT_EQ(scope.foreign_arn(), "");
  }
  for (const char* other :
       {"arn:aws:chime:us-east-1:210987654321:", "arn:aws:chime:eu-central-1:123456789012:",
        "arn:aws:chime:us-east-1:1:"}) {
    const AccountScope scope(tx_, other);
    EXPECT_FALSE(find_identity(tx_, arn)) << other;
    EXPECT_FALSE(find_app_instance(tx_, app_instance_arn)) << other;
    EXPECT_EQ(scope.foreign_arn(), arn) << "the first that was looked for";
  }
  EXPECT_TRUE(find_identity(tx_, arn)) << "a scope ends";
}

TEST_F(AppInstancesTest, Admins) {
  EXPECT_FALSE(is_admin(tx_, app_instance_id_, alice_id_));
  EXPECT_FALSE(find_admin(tx_, app_instance_id_, alice_id_));
  EXPECT_TRUE(insert_admin(tx_, app_instance_id_, bob_id_, 5));
  EXPECT_TRUE(insert_admin(tx_, app_instance_id_, alice_id_, 6));
  EXPECT_FALSE(insert_admin(tx_, app_instance_id_, alice_id_, 7));
  EXPECT_TRUE(is_admin(tx_, app_instance_id_, alice_id_));
  EXPECT_EQ(find_admin(tx_, app_instance_id_, alice_id_)->created_ms, 6);
  EXPECT_EQ(find_admin(tx_, app_instance_id_, alice_id_)->arn, alice_arn_);
  const auto admins = list_admins(tx_, app_instance_id_, 0, 10);
  ASSERT_EQ(admins.size(), 2u);
  EXPECT_EQ(admins[0].name, "alice");
  EXPECT_EQ(admins[1].name, "bob");
  EXPECT_EQ(list_admins(tx_, app_instance_id_, alice_id_, 10).size(), 1u);
  EXPECT_TRUE(delete_admin(tx_, app_instance_id_, alice_id_));
  EXPECT_FALSE(delete_admin(tx_, app_instance_id_, alice_id_));
}

}  // namespace

}  // namespace carillon::store
