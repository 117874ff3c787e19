#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

using ChannelMembershipsTest = StoreTest;

TEST_F(ChannelMembershipsTest, FromTheChannel) {
  const RowId id = add_channel("general");
  EXPECT_FALSE(find_membership(tx_, id, bob_id_));
  EXPECT_TRUE(insert_membership(tx_, id, bob_id_, "DEFAULT", alice_id_, 10));
  EXPECT_FALSE(insert_membership(tx_, id, bob_id_, "HIDDEN", alice_id_, 11));
  EXPECT_TRUE(insert_membership(tx_, id, alice_id_, "HIDDEN", bob_id_, 12));
  const auto found = find_membership(tx_, id, bob_id_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->member_arn, bob_arn_);
  EXPECT_EQ(found->member_name, "bob");
  EXPECT_EQ(found->type, "DEFAULT");
  EXPECT_EQ(found->invited_by_arn, alice_arn_);
  EXPECT_EQ(found->invited_by_name, "alice");
  EXPECT_FALSE(found->read_marker_ms);
  EXPECT_EQ(found->created_ms, 10);
  EXPECT_EQ(found->updated_ms, 10);
  EXPECT_EQ(list_memberships(tx_, id, "", 0, 10).size(), 2u);
  EXPECT_EQ(list_memberships(tx_, id, "", alice_id_, 10)[0].member_id, bob_id_);
  EXPECT_EQ(list_memberships(tx_, id, "HIDDEN", 0, 10)[0].member_id, alice_id_);
  EXPECT_TRUE(list_memberships(tx_, id, "HIDDEN", alice_id_, 10).empty());
  EXPECT_EQ(list_memberships(tx_, id, "", 0, 1).size(), 1u);
  EXPECT_TRUE(delete_membership(tx_, id, bob_id_));
  EXPECT_FALSE(delete_membership(tx_, id, bob_id_));
}

TEST_F(ChannelMembershipsTest, FromTheMemberInOrderOfCreation) {
  const RowId first = add_channel("a");
  const RowId second = add_channel("b");
  const RowId third = add_channel("c");
  add_channel("not his");
  insert_membership(tx_, third, bob_id_, "DEFAULT", alice_id_, 10);
  insert_membership(tx_, first, bob_id_, "HIDDEN", alice_id_, 11);
  insert_membership(tx_, second, bob_id_, "DEFAULT", alice_id_, 12);
  insert_membership(tx_, second, alice_id_, "DEFAULT", alice_id_, 12);
  set_read_marker(tx_, first, bob_id_, 77);

  const auto all = list_channels_of_member(tx_, bob_id_, 0, 10);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].channel_id, first);
  EXPECT_EQ(all[0].channel.arn, find_channel_by_id(tx_, first)->arn);
  EXPECT_EQ(all[0].channel.created_by_name, "alice");
  EXPECT_EQ(all[0].type, "HIDDEN");
  EXPECT_EQ(all[0].read_marker_ms, 77);
  EXPECT_EQ(all[1].channel_id, second);
  EXPECT_EQ(all[1].type, "DEFAULT");
  EXPECT_FALSE(all[1].read_marker_ms);
  EXPECT_EQ(all[2].channel_id, third);
  EXPECT_EQ(list_channels_of_member(tx_, bob_id_, first, 1)[0].channel_id, second);
  delete_channel(tx_, second);
  EXPECT_EQ(list_channels_of_member(tx_, bob_id_, first, 10).size(), 1u);
  EXPECT_TRUE(list_channels_of_member(tx_, alice_id_, 0, 10).empty());
}

TEST_F(ChannelMembershipsTest, WhatAMemberKeepsInHis) {
  const RowId id = add_channel("general");
  insert_membership(tx_, id, bob_id_, "DEFAULT", alice_id_, 10);
  insert_membership(tx_, id, alice_id_, "DEFAULT", alice_id_, 10);
  EXPECT_FALSE(find_membership_preferences(tx_, id, bob_id_));
  set_membership_preferences(tx_, id, bob_id_, "{\"a\":1}");
  set_membership_preferences(tx_, id, bob_id_, "{\"b\":2}");
  set_read_marker(tx_, id, bob_id_, 20);
  set_read_marker(tx_, id, bob_id_, 21);
  EXPECT_EQ(find_membership_preferences(tx_, id, bob_id_), "{\"b\":2}");
  EXPECT_EQ(find_membership(tx_, id, bob_id_)->read_marker_ms, 21);
  EXPECT_EQ(find_membership(tx_, id, bob_id_)->updated_ms, 10);
  EXPECT_FALSE(find_membership_preferences(tx_, id, alice_id_));
  EXPECT_FALSE(find_membership(tx_, id, alice_id_)->read_marker_ms);

  // Who comes back begins anew.
  delete_membership(tx_, id, bob_id_);
  insert_membership(tx_, id, bob_id_, "DEFAULT", alice_id_, 30);
  EXPECT_FALSE(find_membership_preferences(tx_, id, bob_id_));
  EXPECT_FALSE(find_membership(tx_, id, bob_id_)->read_marker_ms);
}

TEST_F(ChannelMembershipsTest, IdsFromTheMember) {
  const RowId first = add_channel("a");
  const RowId second = add_channel("b");
  const RowId third = add_channel("c");
  add_channel("not his");
  for (const RowId channel : {third, first, second}) {
    insert_membership(tx_, channel, bob_id_, "DEFAULT", alice_id_, 10);
  }
  set_read_marker(tx_, second, bob_id_, 77);
  EXPECT_EQ(list_channel_ids_of_member(tx_, bob_id_, 0, 10), (std::vector{first, second, third}));
  EXPECT_EQ(list_channel_ids_of_member(tx_, bob_id_, first, 1), std::vector{second});
  EXPECT_TRUE(list_channel_ids_of_member(tx_, alice_id_, 0, 10).empty());

  const auto newest = list_newest_channels_of_member(tx_, bob_id_, 2);
  ASSERT_EQ(newest.size(), 2u);
  EXPECT_EQ(newest[0].channel_id, third);
  EXPECT_FALSE(newest[0].read_marker_ms);
  EXPECT_EQ(newest[1].channel_id, second);
  EXPECT_EQ(newest[1].read_marker_ms, 77);
  delete_channel(tx_, third);
  EXPECT_EQ(list_newest_channels_of_member(tx_, bob_id_, 1)[0].channel_id, second);
}

TEST_F(ChannelMembershipsTest, ThoseOfModeratorsAndAdministrators) {
  const RowId id = add_channel("general");
  const RowId other = add_channel("other");
  EXPECT_TRUE(list_privileged_members(tx_, id, app_instance_id_).empty());
  // Roles without a membership in this channel count for nothing.
  insert_moderator(tx_, id, alice_id_, alice_id_, 1);
  insert_membership(tx_, other, alice_id_, "DEFAULT", alice_id_, 1);
  insert_membership(tx_, id, bob_id_, "DEFAULT", alice_id_, 1);
  EXPECT_TRUE(list_privileged_members(tx_, id, app_instance_id_).empty());
  insert_membership(tx_, id, alice_id_, "HIDDEN", alice_id_, 1);
  EXPECT_EQ(list_privileged_members(tx_, id, app_instance_id_), std::vector{alice_id_});
  insert_admin(tx_, app_instance_id_, bob_id_, 1);
  insert_admin(tx_, app_instance_id_, alice_id_, 1);
  EXPECT_EQ(list_privileged_members(tx_, id, app_instance_id_), (std::vector{alice_id_, bob_id_}));
  EXPECT_EQ(list_privileged_members(tx_, id, app_instance_id_ + 1), std::vector{alice_id_});
}

}  // namespace

}  // namespace carillon::store
