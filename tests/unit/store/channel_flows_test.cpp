#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class ChannelFlowsTest : public StoreTest {
 protected:
  RowId add_flow(const std::string& arn, std::vector<ProcessorRow> processors) {
    ChannelFlowRow row;
    row.app_instance_id = app_instance_id_;
    row.arn = arn;
    row.name = "name of " + arn;
    row.created_ms = 1;
    row.updated_ms = 2;
    return insert_channel_flow(tx_, row, processors);
  }
};

TEST_F(ChannelFlowsTest, FindsFlowAndProcessorsInOrder) {
  const RowId id = add_flow("f1", {processor_row(3, "deny"), processor_row(1, "mask")});
  const auto found = find_channel_flow(tx_, "f1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, id);
  EXPECT_EQ(found->app_instance_id, app_instance_id_);
  EXPECT_EQ(found->name, "name of f1");
  EXPECT_EQ(found->updated_ms, 2);
  const auto processors = list_processors(tx_, found->version_id);
  ASSERT_EQ(processors.size(), 2u);
  EXPECT_EQ(processors[0].execution_order, 1);
  EXPECT_EQ(processors[0].name, "mask");
  EXPECT_EQ(processors[1].name, "deny");
  EXPECT_EQ(processors[1].lambda_arn, processor_row(3, "deny").lambda_arn);
  EXPECT_EQ(processors[1].invocation_type, "ASYNC");
  EXPECT_EQ(processors[1].fallback_action, "ABORT");
}

TEST_F(ChannelFlowsTest, Lists) {
  const RowId first = add_flow("f1", {});
  add_flow("f2", {});
  EXPECT_EQ(list_channel_flows(tx_, app_instance_id_, 0, 10).size(), 2u);
  EXPECT_EQ(list_channel_flows(tx_, app_instance_id_, first, 10)[0].arn, "f2");
  EXPECT_EQ(list_channel_flows(tx_, app_instance_id_, 0, 1).size(), 1u);
  EXPECT_TRUE(list_channel_flows(tx_, app_instance_id_ + 1, 0, 10).empty());
  EXPECT_EQ(list_all_channel_flows(tx_, first, 10).size(), 1u);
}

TEST_F(ChannelFlowsTest, AnUpdateMakesANewVersionAndKeepsTheOldWhileMessagesAreInIt) {
  const RowId id = add_flow("f1", {processor_row(1, "old")});
  const RowId old_version = find_channel_flow(tx_, "f1")->version_id;
  insert_flow_execution(tx_, execution_row(50, "CREATE", old_version));
  update_channel_flow(tx_, id, "renamed", {processor_row(1, "new")}, 9);
  const auto updated = find_channel_flow(tx_, "f1");
  EXPECT_EQ(updated->name, "renamed");
  EXPECT_EQ(updated->updated_ms, 9);
  EXPECT_NE(updated->version_id, old_version);
  EXPECT_EQ(list_processors(tx_, updated->version_id)[0].name, "new");
  ASSERT_EQ(list_processors(tx_, old_version).size(), 1u);

  delete_flow_execution(tx_, 50);
  update_channel_flow(tx_, id, "renamed", {processor_row(1, "newer")}, 10);
  EXPECT_TRUE(list_processors(tx_, old_version).empty());
  EXPECT_EQ(count(tx_, "channel_flow_versions"), 1);
  EXPECT_EQ(count(tx_, "processors"), 1);
}

TEST_F(ChannelFlowsTest, ADeletedFlowIsGoneButItsVersionServesTheMessagesInIt) {
  const RowId id = add_flow("f1", {processor_row(1, "mask")});
  const RowId version = find_channel_flow(tx_, "f1")->version_id;
  insert_flow_execution(tx_, execution_row(50, "CREATE", version));
  delete_channel_flow(tx_, id);
  EXPECT_FALSE(find_channel_flow(tx_, "f1"));
  EXPECT_EQ(list_processors(tx_, version).size(), 1u);
  EXPECT_GT(add_flow("f2", {}), id);
}

TEST_F(ChannelFlowsTest, KnowsWhetherAChannelUsesIt) {
  const RowId id = add_flow("f1", {});
  const RowId channel_id = add_channel("general");
  EXPECT_FALSE(is_channel_flow_associated(tx_, id));
  set_channel_flow(tx_, channel_id, id, 5);
  EXPECT_TRUE(is_channel_flow_associated(tx_, id));
  const auto channels = list_channels_with_flow(tx_, id, 0, 10);
  ASSERT_EQ(channels.size(), 1u);
  EXPECT_EQ(channels[0].channel_flow_arn, "f1");
  EXPECT_EQ(channels[0].updated_ms, 5);
  set_channel_flow(tx_, channel_id, std::nullopt, 6);
  EXPECT_FALSE(is_channel_flow_associated(tx_, id));
  EXPECT_FALSE(find_channel_by_id(tx_, channel_id)->channel_flow_id);
}

}  // namespace

}  // namespace carillon::store
