#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

using ChannelsTest = StoreTest;

TEST_F(ChannelsTest, FindsWhatWasInserted) {
  ChannelRow row = channel_row(app_instance_id_, "general", alice_arn_);
  row.metadata = "m";
  row.elastic_configuration = "{\"e\":1}";
  row.expiration = "{\"x\":1}";
  const RowId id = insert_channel(tx_, row);
  const auto found = find_channel(tx_, row.arn);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, id);
  EXPECT_EQ(found->name, "general");
  EXPECT_EQ(found->mode, "RESTRICTED");
  EXPECT_EQ(found->privacy, "PRIVATE");
  EXPECT_EQ(found->metadata, "m");
  EXPECT_EQ(found->created_by_arn, alice_arn_);
  EXPECT_EQ(found->created_by_name, "alice");
  EXPECT_FALSE(found->channel_flow_id);
  EXPECT_EQ(found->elastic_configuration, "{\"e\":1}");
  EXPECT_EQ(found->expiration, "{\"x\":1}");
  EXPECT_EQ(found->created_ms, 200);
  EXPECT_EQ(find_channel_by_id(tx_, id)->arn, row.arn);
  EXPECT_FALSE(find_channel(tx_, "nothing"));
}

TEST_F(ChannelsTest, RefusesACreatorWhoDoesNotExist) {
  EXPECT_THROW(insert_channel(tx_, channel_row(app_instance_id_, "x", "nobody")), StoreError);
}

TEST_F(ChannelsTest, ListsByPrivacyInPages) {
  const RowId first = add_channel("a");
  ChannelRow open = channel_row(app_instance_id_, "b", alice_arn_);
  open.privacy = "PUBLIC";
  const RowId second = insert_channel(tx_, open);
  const RowId third = add_channel("c");
  EXPECT_EQ(list_channels(tx_, app_instance_id_, "", 0, 10).size(), 3u);
  const auto closed = list_channels(tx_, app_instance_id_, "PRIVATE", first, 10);
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].id, third);
  EXPECT_EQ(list_channels(tx_, app_instance_id_, "PUBLIC", 0, 10)[0].id, second);
  EXPECT_EQ(list_channels(tx_, app_instance_id_, "", first, 1)[0].id, second);
  EXPECT_EQ(list_all_channels(tx_, second, 10)[0].id, third);
}

TEST_F(ChannelsTest, AnUpdateKeepsWhatItDoesNotName) {
  const RowId id = add_channel("general");
  update_channel(tx_, id, "renamed", std::nullopt, "m", 300);
  update_channel(tx_, id, std::nullopt, "UNRESTRICTED", std::nullopt, 301);
  const auto found = find_channel_by_id(tx_, id);
  EXPECT_EQ(found->name, "renamed");
  EXPECT_EQ(found->mode, "UNRESTRICTED");
  EXPECT_EQ(found->metadata, "m");
  EXPECT_EQ(found->updated_ms, 301);
}

TEST_F(ChannelsTest, AccessTellsEveryRole) {
  const RowId id = add_channel("general");
  const std::string arn = find_channel_by_id(tx_, id)->arn;
  ChannelAccess access = load_channel_access(tx_, arn, bob_arn_);
  EXPECT_EQ(access.bearer_id, bob_id_);
  EXPECT_EQ(access.bearer_app_instance_id, app_instance_id_);
  EXPECT_EQ(access.bearer_name, "bob");
  EXPECT_EQ(access.channel_id, id);
  EXPECT_EQ(access.channel_app_instance_id, app_instance_id_);
  EXPECT_EQ(access.mode, "RESTRICTED");
  EXPECT_EQ(access.privacy, "PRIVATE");
  EXPECT_FALSE(access.channel_flow_id);
  EXPECT_FALSE(access.flow_version_id);
  EXPECT_FALSE(access.elastic);
  EXPECT_FALSE(access.is_admin);
  EXPECT_FALSE(access.is_moderator);
  EXPECT_FALSE(access.membership_type);

  ChannelFlowRow flow;
  flow.app_instance_id = app_instance_id_;
  flow.arn = "f1";
  const RowId flow_id = insert_channel_flow(tx_, flow, {});
  set_channel_flow(tx_, id, flow_id, 1);
  insert_membership(tx_, id, bob_id_, "HIDDEN", alice_id_, 1);
  EXPECT_EQ(load_channel_access(tx_, arn, bob_arn_).membership_type, "HIDDEN");
  EXPECT_EQ(load_channel_access(tx_, arn, bob_arn_).channel_flow_id, flow_id);
  EXPECT_EQ(load_channel_access(tx_, arn, bob_arn_).flow_version_id,
            find_channel_flow(tx_, "f1")->version_id);
  insert_moderator(tx_, id, bob_id_, alice_id_, 1);
  EXPECT_TRUE(load_channel_access(tx_, arn, bob_arn_).is_moderator);
  EXPECT_FALSE(load_channel_access(tx_, arn, bob_arn_).is_admin);
  insert_admin(tx_, app_instance_id_, bob_id_, 1);
  EXPECT_TRUE(load_channel_access(tx_, arn, bob_arn_).is_admin);
  EXPECT_FALSE(load_channel_access(tx_, arn, alice_arn_).is_admin);
}

TEST_F(ChannelsTest, AccessTellsWhichOfTheTwoIsMissing) {
  const RowId id = add_channel("general");
  const std::string arn = find_channel_by_id(tx_, id)->arn;
  ChannelAccess access = load_channel_access(tx_, arn, "nobody");
  EXPECT_EQ(access.channel_id, id);
  EXPECT_EQ(access.privacy, "PRIVATE");
  EXPECT_FALSE(access.bearer_id);
  EXPECT_FALSE(access.bearer_app_instance_id);
  access = load_channel_access(tx_, "nothing", alice_arn_);
  EXPECT_FALSE(access.channel_id);
  EXPECT_EQ(access.bearer_id, alice_id_);
  access = load_channel_access(tx_, "nothing", "nobody");
  EXPECT_FALSE(access.channel_id);
  EXPECT_FALSE(access.bearer_id);
}

TEST_F(ChannelsTest, AccessAcrossAppInstances) {
  const RowId id = add_channel("general");
  const std::string arn = find_channel_by_id(tx_, id)->arn;
  const RowId other = insert_app_instance(tx_, app_instance_row("other"));
  const IdentityRow eve = identity_row(other, "eve");
  insert_identity(tx_, eve);
  const ChannelAccess access = load_channel_access(tx_, arn, eve.arn);
  EXPECT_EQ(access.channel_id, id);
  EXPECT_EQ(access.bearer_app_instance_id, other);
  delete_app_instance(tx_, other);
  EXPECT_FALSE(load_channel_access(tx_, arn, eve.arn).bearer_id);
  EXPECT_EQ(load_channel_access(tx_, arn, eve.arn).channel_id, id);
}

TEST_F(ChannelsTest, ADeletedChannelIsGoneAndItsCallbacksCannotBeAnswered) {
  const RowId id = add_channel("general");
  const std::string arn = find_channel_by_id(tx_, id)->arn;
  const RowId message = add_message(id, "m1", 1, "PENDING");
  insert_callback(tx_, callback_row("k1", message, id, "m1", 10));
  ASSERT_TRUE(find_callback(tx_, "k1"));
  delete_channel(tx_, id);
  EXPECT_FALSE(find_channel(tx_, arn));
  EXPECT_FALSE(load_channel_access(tx_, arn, alice_arn_).channel_id);
  EXPECT_FALSE(find_callback(tx_, "k1"));
  EXPECT_FALSE(next_callback_deadline(tx_));
  // A new channel with the same ARN is another one, even before the old one is purged.
  const RowId again = add_channel("general");
  EXPECT_GT(again, id);
  EXPECT_FALSE(last_message_ms(tx_, again, alice_id_));
}

}  // namespace

}  // namespace carillon::store
