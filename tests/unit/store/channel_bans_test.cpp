#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

using ChannelBansTest = StoreTest;

TEST_F(ChannelBansTest, AreOfOneChannel) {
  const RowId id = add_channel("general");
  const RowId other = add_channel("other");
  EXPECT_FALSE(is_banned(tx_, id, bob_id_));
  EXPECT_FALSE(find_ban(tx_, id, bob_id_));
  EXPECT_TRUE(insert_ban(tx_, id, bob_id_, alice_id_, 5));
  EXPECT_FALSE(insert_ban(tx_, id, bob_id_, alice_id_, 6));
  EXPECT_TRUE(insert_ban(tx_, id, alice_id_, bob_id_, 7));
  EXPECT_TRUE(is_banned(tx_, id, bob_id_));
  EXPECT_FALSE(is_banned(tx_, other, bob_id_));
  const auto found = find_ban(tx_, id, bob_id_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->member_id, bob_id_);
  EXPECT_EQ(found->member_arn, bob_arn_);
  EXPECT_EQ(found->member_name, "bob");
  EXPECT_EQ(found->created_by_arn, alice_arn_);
  EXPECT_EQ(found->created_by_name, "alice");
  EXPECT_EQ(found->created_ms, 5);
  EXPECT_EQ(list_bans(tx_, id, 0, 10).size(), 2u);
  EXPECT_EQ(list_bans(tx_, id, 0, 1)[0].member_id, alice_id_);
  EXPECT_EQ(list_bans(tx_, id, alice_id_, 10)[0].member_id, bob_id_);
  EXPECT_TRUE(list_bans(tx_, other, 0, 10).empty());
  EXPECT_TRUE(delete_ban(tx_, id, bob_id_));
  EXPECT_FALSE(delete_ban(tx_, id, bob_id_));
  EXPECT_FALSE(is_banned(tx_, id, bob_id_));
}

}  // namespace

}  // namespace carillon::store
