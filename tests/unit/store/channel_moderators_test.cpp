#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

using ChannelModeratorsTest = StoreTest;

TEST_F(ChannelModeratorsTest, FromTheChannel) {
  const RowId id = add_channel("general");
  EXPECT_FALSE(is_moderator(tx_, id, alice_id_));
  EXPECT_FALSE(find_moderator(tx_, id, alice_id_));
  EXPECT_TRUE(insert_moderator(tx_, id, alice_id_, alice_id_, 1));
  EXPECT_FALSE(insert_moderator(tx_, id, alice_id_, alice_id_, 2));
  EXPECT_TRUE(insert_moderator(tx_, id, bob_id_, alice_id_, 3));
  EXPECT_TRUE(is_moderator(tx_, id, alice_id_));
  const auto found = find_moderator(tx_, id, bob_id_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->identity_id, bob_id_);
  EXPECT_EQ(found->arn, bob_arn_);
  EXPECT_EQ(found->name, "bob");
  EXPECT_EQ(found->created_by_arn, alice_arn_);
  EXPECT_EQ(found->created_by_name, "alice");
  EXPECT_EQ(found->created_ms, 3);
  EXPECT_EQ(list_moderators(tx_, id, 0, 10).size(), 2u);
  EXPECT_EQ(list_moderators(tx_, id, 0, 1)[0].identity_id, alice_id_);
  EXPECT_EQ(list_moderators(tx_, id, alice_id_, 10)[0].identity_id, bob_id_);
  EXPECT_TRUE(delete_moderator(tx_, id, bob_id_));
  EXPECT_FALSE(delete_moderator(tx_, id, bob_id_));
  EXPECT_FALSE(is_moderator(tx_, id, bob_id_));
}

TEST_F(ChannelModeratorsTest, FromTheModeratorInOrderOfCreation) {
  const RowId first = add_channel("a");
  const RowId second = add_channel("b");
  add_channel("not his");
  insert_moderator(tx_, second, bob_id_, alice_id_, 1);
  insert_moderator(tx_, first, bob_id_, alice_id_, 2);
  const auto all = list_channels_of_moderator(tx_, bob_id_, 0, 10);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, first);
  EXPECT_EQ(all[0].arn, find_channel_by_id(tx_, first)->arn);
  EXPECT_EQ(all[1].id, second);
  EXPECT_EQ(list_channels_of_moderator(tx_, bob_id_, 0, 1).size(), 1u);
  EXPECT_EQ(list_channels_of_moderator(tx_, bob_id_, first, 10)[0].id, second);
  delete_channel(tx_, second);
  EXPECT_EQ(list_channels_of_moderator(tx_, bob_id_, 0, 10).size(), 1u);
}

}  // namespace

}  // namespace carillon::store
