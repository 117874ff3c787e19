#include "store/resource_tags.h"

#include "store/limits.h"
#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

using ResourceTagsTest = StoreTest;

TEST_F(ResourceTagsTest, AreListedByKeyAndOfOneResource) {
  put_tag(tx_, "a", {"team", "choir"});
  put_tag(tx_, "a", {"cost", "7"});
  put_tag(tx_, "ab", {"team", "other"});
  const auto tags = list_tags(tx_, "a");
  ASSERT_EQ(tags.size(), 2u);
  EXPECT_EQ(tags[0].key, "cost");
  EXPECT_EQ(tags[0].value, "7");
  EXPECT_EQ(tags[1].key, "team");
  EXPECT_EQ(tags[1].value, "choir");
  EXPECT_TRUE(list_tags(tx_, "b").empty());
}

TEST_F(ResourceTagsTest, AKeyHasOneValueAndCaseCounts) {
  put_tag(tx_, "a", {"team", "choir"});
  put_tag(tx_, "a", {"Team", "strings"});
  put_tag(tx_, "a", {"team", "brass"});
  const auto tags = list_tags(tx_, "a");
  ASSERT_EQ(tags.size(), 2u);
  EXPECT_EQ(tags[0].value, "strings");
  EXPECT_EQ(tags[1].value, "brass");
  delete_tag(tx_, "a", "team");
  delete_tag(tx_, "a", "never there");
  EXPECT_EQ(list_tags(tx_, "a").size(), 1u);
}

TEST_F(ResourceTagsTest, GoWithTheirResource) {
  const RowId channel_id = add_channel("general");
  const std::string channel_arn = find_channel_by_id(tx_, channel_id)->arn;
  ChannelFlowRow flow;
  flow.app_instance_id = app_instance_id_;
  flow.arn = "flow";
  const RowId flow_id = insert_channel_flow(tx_, flow, {processor_row(1, "mask")});
  const std::vector<std::string> arns = {channel_arn, flow.arn, alice_arn_, bob_arn_};
  for (const auto& arn : arns) put_tag(tx_, arn, {"k", "v"});
  delete_channel(tx_, channel_id);
  delete_channel_flow(tx_, flow_id);
  delete_identity(tx_, alice_id_);
  EXPECT_TRUE(list_tags(tx_, channel_arn).empty());
  EXPECT_TRUE(list_tags(tx_, flow.arn).empty());
  EXPECT_TRUE(list_tags(tx_, alice_arn_).empty());
  EXPECT_EQ(list_tags(tx_, bob_arn_).size(), 1u);
}

TEST_F(ResourceTagsTest, OfAnAppInstanceGoInSteps) {
  const std::string arn = app_instance_row("main").arn;
  const std::string neighbour = app_instance_row("main-2").arn;
  insert_app_instance(tx_, app_instance_row("main-2"));
  put_tag(tx_, arn, {"k", "v"});
  put_tag(tx_, neighbour, {"k", "v"});
  put_tag(tx_, neighbour + "/user/bob", {"k", "v"});
  const std::int64_t many = 2 * kPurgeRowsPerStep + 100;
  for (std::int64_t i = 0; i < many; ++i) {
    put_tag(tx_, arn + "/user/u" + std::to_string(i / 50), {std::to_string(i), "v"});
  }
  delete_app_instance(tx_, app_instance_id_);
  EXPECT_TRUE(list_tags(tx_, arn).empty());
  EXPECT_TRUE(purge_step(tx_));
  EXPECT_EQ(count(tx_, "resource_tags"), 2 + many - kPurgeRowsPerStep);
  purge_all();
  EXPECT_EQ(count(tx_, "resource_tags"), 2);
  EXPECT_EQ(list_tags(tx_, neighbour).size(), 1u);
}

}  // namespace

}  // namespace carillon::store
