#include "store/app_instance_bots.h"

#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class BotsTest : public StoreTest {
 protected:
  RowId add_bot(const std::string& name) {
    BotRow row;
    row.app_instance_id = app_instance_id_;
    row.arn = app_instance_row("main").arn + "/bot/" + name;
    row.name = name;
    row.metadata = "m";
    row.configuration = "{\"Lex\":1}";
    row.created_ms = row.updated_ms = 100;
    arn_ = row.arn;
    return insert_bot(tx_, row);
  }

  std::string arn_;  // of the last
};

TEST_F(BotsTest, FindsWhatWasInserted) {
  const RowId id = add_bot("usher");
  const auto found = find_bot(tx_, arn_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, id);
  EXPECT_EQ(found->app_instance_id, app_instance_id_);
  EXPECT_EQ(found->arn, arn_);
  EXPECT_EQ(found->name, "usher");
  EXPECT_EQ(found->metadata, "m");
  EXPECT_EQ(found->configuration, "{\"Lex\":1}");
  EXPECT_EQ(found->created_ms, 100);
  EXPECT_EQ(found->updated_ms, 100);
}

TEST_F(BotsTest, AreIdentitiesButNoUsers) {
  const RowId id = add_bot("usher");
  EXPECT_EQ(find_identity(tx_, arn_)->id, id);
  EXPECT_FALSE(find_bot(tx_, alice_arn_));
  EXPECT_EQ(list_identities(tx_, app_instance_id_, 0, 10).size(), 2u);
  EXPECT_EQ(list_bots(tx_, app_instance_id_, 0, 10).size(), 1u);
}

TEST_F(BotsTest, AreListedInPages) {
  const RowId first = add_bot("one");
  add_bot("two");
  ASSERT_EQ(list_bots(tx_, app_instance_id_, 0, 1).size(), 1u);
  const auto rest = list_bots(tx_, app_instance_id_, first, 10);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].name, "two");
  EXPECT_TRUE(list_bots(tx_, app_instance_id_ + 1, 0, 10).empty());
}

TEST_F(BotsTest, KeepTheirConfigurationUnlessGivenAnother) {
  const RowId id = add_bot("usher");
  update_bot(tx_, id, "Usher", "n", {}, 200);
  EXPECT_EQ(find_bot(tx_, arn_)->name, "Usher");
  EXPECT_EQ(find_bot(tx_, arn_)->metadata, "n");
  EXPECT_EQ(find_bot(tx_, arn_)->updated_ms, 200);
  EXPECT_EQ(find_bot(tx_, arn_)->configuration, "{\"Lex\":1}");
  update_bot(tx_, id, "Usher", "n", "{\"Lex\":2}", 300);
  EXPECT_EQ(find_bot(tx_, arn_)->configuration, "{\"Lex\":2}");
}

TEST_F(BotsTest, GoLikeUsers) {
  const RowId id = add_bot("usher");
  insert_admin(tx_, app_instance_id_, id, 1);
  delete_identity(tx_, id);
  EXPECT_FALSE(find_bot(tx_, arn_));
  EXPECT_FALSE(is_admin(tx_, app_instance_id_, id));
  EXPECT_TRUE(list_bots(tx_, app_instance_id_, 0, 10).empty());
  add_bot("second");
  delete_app_instance(tx_, app_instance_id_);
  EXPECT_FALSE(find_bot(tx_, arn_));
  purge_all();
  EXPECT_EQ(count(tx_, "identities"), 0);
}

}  // namespace

}  // namespace carillon::store
