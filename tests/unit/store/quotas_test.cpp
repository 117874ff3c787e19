#include "store/quotas.h"

#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class QuotaCountsTest : public StoreTest {};

TEST_F(QuotaCountsTest, AppInstancesOfAnAccountAndRegion) {
  EXPECT_TRUE(has_app_instances(tx_, kScope, 1));
  EXPECT_FALSE(has_app_instances(tx_, kScope, 2));
  EXPECT_FALSE(has_app_instances(tx_, "arn:aws:chime:eu-central-1:123456789012:", 1));
}

TEST_F(QuotaCountsTest, WhatIsOfAnAppInstance) {
  EXPECT_TRUE(has_users(tx_, app_instance_id_, 2));
  EXPECT_FALSE(has_users(tx_, app_instance_id_, 3));
  delete_identity(tx_, bob_id_);
  EXPECT_FALSE(has_users(tx_, app_instance_id_, 2));

  EXPECT_FALSE(has_admins(tx_, app_instance_id_, 1));
  insert_admin(tx_, app_instance_id_, alice_id_, 1);
  EXPECT_TRUE(has_admins(tx_, app_instance_id_, 1));
  EXPECT_FALSE(has_admins(tx_, app_instance_id_, 2));

  EXPECT_FALSE(has_channels(tx_, app_instance_id_, 1));
  add_channel("one");
  add_channel("two");
  EXPECT_TRUE(has_channels(tx_, app_instance_id_, 2));
  EXPECT_FALSE(has_channels(tx_, app_instance_id_, 3));

  ChannelFlowRow flow;
  flow.app_instance_id = app_instance_id_;
  flow.arn = "f1";
  EXPECT_FALSE(has_channel_flows(tx_, app_instance_id_, 1));
  insert_channel_flow(tx_, flow, {processor_row(1, "mask")});
  EXPECT_TRUE(has_channel_flows(tx_, app_instance_id_, 1));
  EXPECT_FALSE(has_channel_flows(tx_, app_instance_id_, 2));
}

TEST_F(QuotaCountsTest, WhatIsOfAChannelAndOfAUser) {
  const RowId one = add_channel("one");
  const RowId two = add_channel("two");
  insert_membership(tx_, one, alice_id_, "DEFAULT", alice_id_, 1);
  insert_membership(tx_, one, bob_id_, "HIDDEN", alice_id_, 1);
  insert_membership(tx_, two, alice_id_, "DEFAULT", alice_id_, 1);
  insert_moderator(tx_, one, alice_id_, alice_id_, 1);
  EXPECT_TRUE(has_members(tx_, one, 2));
  EXPECT_FALSE(has_members(tx_, one, 3));
  EXPECT_TRUE(has_moderators(tx_, one, 1));
  EXPECT_FALSE(has_moderators(tx_, one, 2));
  EXPECT_TRUE(has_memberships(tx_, alice_id_, 2));
  EXPECT_FALSE(has_memberships(tx_, alice_id_, 3));
  EXPECT_FALSE(has_memberships(tx_, bob_id_, 2));
  EXPECT_FALSE(has_endpoints(tx_, alice_id_, 1));
}

}  // namespace

}  // namespace carillon::store
