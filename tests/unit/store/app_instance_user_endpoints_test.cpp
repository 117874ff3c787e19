#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class EndpointsTest : public StoreTest {};

TEST_F(EndpointsTest, FindsWhatWasInserted) {
  insert_endpoint(tx_, endpoint_row(alice_id_, "e1"));
  const auto found = find_endpoint(tx_, alice_id_, "e1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->user_id, alice_id_);
  EXPECT_EQ(found->name, "phone");
  EXPECT_EQ(found->type, "GCM");
  EXPECT_EQ(found->resource_arn, "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a");
  EXPECT_EQ(found->attributes, "{\"DeviceToken\":\"t\"}");
  EXPECT_EQ(found->allow_messages, "ALL");
  EXPECT_EQ(found->created_ms, 150);
  EXPECT_FALSE(find_endpoint(tx_, bob_id_, "e1"));
  EXPECT_FALSE(find_endpoint(tx_, alice_id_, "e2"));
}

TEST_F(EndpointsTest, AreListedInOrderOfRegistrationAndByUser) {
  for (const char* id : {"c", "a", "b"}) insert_endpoint(tx_, endpoint_row(alice_id_, id));
  insert_endpoint(tx_, endpoint_row(bob_id_, "d"));
  const auto first = list_endpoints(tx_, alice_id_, 0, 2);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].endpoint_id, "c");
  EXPECT_EQ(first[1].endpoint_id, "a");
  const auto rest = list_endpoints(tx_, alice_id_, first[1].id, 2);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].endpoint_id, "b");
}

TEST_F(EndpointsTest, AnUpdateKeepsWhatItDoesNotGive) {
  insert_endpoint(tx_, endpoint_row(alice_id_, "e1"));
  const RowId id = find_endpoint(tx_, alice_id_, "e1")->id;
  update_endpoint(tx_, id, {}, "NONE", 200);
  EXPECT_EQ(find_endpoint(tx_, alice_id_, "e1")->name, "phone");
  EXPECT_EQ(find_endpoint(tx_, alice_id_, "e1")->allow_messages, "NONE");
  update_endpoint(tx_, id, "tablet", {}, 300);
  EXPECT_EQ(find_endpoint(tx_, alice_id_, "e1")->name, "tablet");
  EXPECT_EQ(find_endpoint(tx_, alice_id_, "e1")->allow_messages, "NONE");
  EXPECT_EQ(find_endpoint(tx_, alice_id_, "e1")->updated_ms, 300);
}

TEST_F(EndpointsTest, GoAloneOrWithTheirUser) {
  for (const char* id : {"a", "b"}) insert_endpoint(tx_, endpoint_row(alice_id_, id));
  insert_endpoint(tx_, endpoint_row(bob_id_, "c"));
  delete_endpoint(tx_, find_endpoint(tx_, alice_id_, "a")->id);
  EXPECT_EQ(list_endpoints(tx_, alice_id_, 0, 9).size(), 1u);
  delete_identity(tx_, alice_id_);
  EXPECT_TRUE(list_endpoints(tx_, alice_id_, 0, 9).empty());
  EXPECT_EQ(list_endpoints(tx_, bob_id_, 0, 9).size(), 1u);
}

}  // namespace

}  // namespace carillon::store
