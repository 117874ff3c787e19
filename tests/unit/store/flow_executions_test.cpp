#include "store/limits.h"
#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class FlowExecutionsTest : public StoreTest {
 protected:
  void add(const std::string& callback_id, RowId channel_id, const std::string& message_id,
           TimeMs deadline_ms) {
    insert_callback(tx_, callback_row(callback_id, 1, channel_id, message_id, deadline_ms));
  }
  std::string ids(const std::vector<CallbackRow>& rows) {
    std::string result;
    for (const CallbackRow& row : rows) result += row.callback_id + " ";
    return result;
  }
  std::string listed(CallbackFilter filter) {
    if (filter.limit == 0) filter.limit = 10;
    return ids(list_callbacks(tx_, filter));
  }
  void resolve(const std::string& callback_id, const std::string& status) {
    resolve_callback(tx_, find_callback(tx_, callback_id)->id, status, std::nullopt, 1);
  }

  RowId channel_id_ = add_channel("general");
};

TEST_F(FlowExecutionsTest, Executions) {
  EXPECT_FALSE(find_flow_execution(tx_, 5));
  FlowExecutionRow row = execution_row(5, "UPDATE", 3);
  row.revision.message_attributes = "{}";
  insert_flow_execution(tx_, row);
  auto found = find_flow_execution(tx_, 5);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, "UPDATE");
  EXPECT_EQ(found->flow_version_id, 3);
  EXPECT_EQ(found->step, 0);
  EXPECT_EQ(found->revision.content, "revised");
  EXPECT_EQ(found->revision.message_attributes, "{}");
  EXPECT_EQ(found->created_ms, 300);
  row.step = 2;
  row.revision = {"c", "m", "t", "a", "p"};
  update_flow_execution(tx_, row);
  found = find_flow_execution(tx_, 5);
  EXPECT_EQ(found->step, 2);
  EXPECT_EQ(found->revision.content, "c");
  EXPECT_EQ(found->revision.push_notification, "p");
  delete_flow_execution(tx_, 5);
  EXPECT_FALSE(find_flow_execution(tx_, 5));
}

TEST_F(FlowExecutionsTest, FindsEverythingThatWasInserted) {
  CallbackRow row = callback_row("k1", 9, channel_id_, "m1", 5'000);
  row.detail = "d";
  insert_callback(tx_, row);
  const auto found = find_callback(tx_, "k1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->message_row_id, 9);
  EXPECT_EQ(found->channel_id, channel_id_);
  EXPECT_EQ(found->message_id, "m1");
  EXPECT_EQ(found->channel_arn, find_channel_by_id(tx_, channel_id_)->arn);
  EXPECT_EQ(found->processor_name, "mask");
  EXPECT_EQ(found->processor_arn, row.processor_arn);
  EXPECT_EQ(found->fallback_action, "CONTINUE");
  EXPECT_EQ(found->status, "PENDING");
  EXPECT_EQ(found->invocation, "QUEUED");
  EXPECT_EQ(found->detail, "d");
  EXPECT_EQ(found->event, row.event);
  EXPECT_EQ(found->resolved_batch, 0);
  EXPECT_EQ(found->created_ms, 400);
  EXPECT_EQ(found->deadline_ms, 5'000);
  EXPECT_FALSE(found->resolved_ms);
  EXPECT_FALSE(find_callback(tx_, "k2"));
}

TEST_F(FlowExecutionsTest, ResolvingKeepsWhenAndInWhichBatch) {
  add("k1", channel_id_, "m1", 5'000);
  resolve_callback(tx_, find_callback(tx_, "k1")->id, "FAILED", "because", 4'321);
  const auto found = find_callback(tx_, "k1");
  EXPECT_EQ(found->status, "FAILED");
  EXPECT_EQ(found->detail, "because");
  EXPECT_EQ(found->resolved_ms, 4'321);
  EXPECT_EQ(found->resolved_batch, tx_.batch());
}

TEST_F(FlowExecutionsTest, QueuedAreThePendingNotYetInvoked) {
  add("k1", channel_id_, "m1", 1);
  add("k2", channel_id_, "m2", 1);
  add("k3", channel_id_, "m3", 1);
  add("k4", channel_id_, "m4", 1);
  set_callback_invocation(tx_, find_callback(tx_, "k2")->id, "ACCEPTED");
  resolve("k3", "DENIED");
  EXPECT_EQ(find_callback(tx_, "k2")->invocation, "ACCEPTED");
  EXPECT_EQ(ids(list_queued_callbacks(tx_, 0, 10)), "k1 k4 ");
  EXPECT_EQ(ids(list_queued_callbacks(tx_, find_callback(tx_, "k1")->id, 10)), "k4 ");
  EXPECT_EQ(ids(list_queued_callbacks(tx_, 0, 1)), "k1 ");
}

TEST_F(FlowExecutionsTest, Deadlines) {
  EXPECT_FALSE(next_callback_deadline(tx_));
  add("k1", channel_id_, "m1", 300);
  add("k2", channel_id_, "m2", 100);
  add("k3", channel_id_, "m3", 200);
  EXPECT_EQ(next_callback_deadline(tx_), 100);
  EXPECT_EQ(ids(list_expired_callbacks(tx_, 200, 10)), "k2 k3 ");
  EXPECT_EQ(ids(list_expired_callbacks(tx_, 200, 1)), "k2 ");
  EXPECT_EQ(ids(list_expired_callbacks(tx_, 99, 10)), "");
  resolve("k2", "EXPIRED");
  EXPECT_EQ(next_callback_deadline(tx_), 200);
}

TEST_F(FlowExecutionsTest, EveryCombinationOfFilters) {
  const RowId other = add_channel("other");
  add("k1", channel_id_, "m1", 1);
  add("k2", other, "m2", 1);
  add("k3", channel_id_, "m3", 1);
  add("k4", channel_id_, "m1", 1);
  resolve("k1", "COMPLETED");
  EXPECT_EQ(listed({}), "k4 k3 k2 k1 ");
  EXPECT_EQ(listed({.status = "PENDING"}), "k4 k3 k2 ");
  EXPECT_EQ(listed({.channel_id = channel_id_}), "k4 k3 k1 ");
  EXPECT_EQ(listed({.channel_id = channel_id_, .limit = 2}), "k4 k3 ");
  EXPECT_EQ(listed({.status = "COMPLETED", .channel_id = channel_id_}), "k1 ");
  EXPECT_EQ(listed({.message_id = "m1"}), "k4 k1 ");
  EXPECT_EQ(listed({.status = "PENDING", .message_id = "m1"}), "k4 ");
  EXPECT_EQ(listed({.channel_id = other, .message_id = "m1"}), "");
  EXPECT_EQ(listed({.status = "COMPLETED", .channel_id = channel_id_, .message_id = "m1"}), "k1 ");
  const RowId third = find_callback(tx_, "k3")->id;
  EXPECT_EQ(listed({.before = third}), "k2 k1 ");
  EXPECT_EQ(listed({.channel_id = channel_id_, .before = third}), "k1 ");
  EXPECT_EQ(listed({.status = "PENDING", .before = third, .limit = 1}), "k2 ");
}

// Inserted at `now_ms` with ids "1", "2", ...; all but the third are over.
class ManyCallbacksTest : public FlowExecutionsTest {
 protected:
  void add_many(RowId last, TimeMs now_ms, TimeMs deadline_ms) {
    while (added_ < last) {
      const std::string id = std::to_string(++added_);
      CallbackRow row = callback_row(id, added_, channel_id_, "m" + id, deadline_ms);
      row.status = id == "3" ? "PENDING" : "COMPLETED";
      row.created_ms = now_ms;
      EXPECT_EQ(insert_callback(tx_, row), added_);
    }
  }
  std::string event(const std::string& callback_id) {
    return find_callback(tx_, callback_id)->event;
  }

  RowId added_ = 0;
};

TEST_F(ManyCallbacksTest, OldOnesThatAreOverLoseTheirEvent) {
  connection_.begin_immediate();
  const RowId first_step = kCallbackEventsMax + kCallbacksDroppedTogether;
  add_many(first_step - first_step % kCallbacksDroppedTogether, 1'000, 9'000);
  const std::string last_without = std::to_string(added_ - kCallbackEventsMax);
  EXPECT_EQ(event("1"), "");
  EXPECT_EQ(event(last_without), "");
  EXPECT_NE(event(std::to_string(added_ - kCallbackEventsMax + 1)), "");
  EXPECT_EQ(count(tx_, "callbacks"), added_);
  // What is pending keeps it, and loses it in the end.
  EXPECT_NE(event("3"), "");
  resolve("3", "EXPIRED");
  EXPECT_EQ(event("3"), "");
  EXPECT_EQ(find_callback(tx_, "3")->status, "EXPIRED");
  // One of the newest does not.
  resolve(std::to_string(added_), "DENIED");
  EXPECT_NE(event(std::to_string(added_)), "");
  connection_.commit();
}

TEST_F(ManyCallbacksTest, GoWhenThereAreManyAndTheirTimeHasPassed) {
  connection_.begin_immediate();
  const RowId many =
      kCallbacksMax - kCallbacksMax % kCallbacksDroppedTogether + 4 * kCallbacksDroppedTogether;
  add_many(many, 1'000, 9'000);
  EXPECT_EQ(count(tx_, "callbacks"), added_) << "their time has not passed";
  add_many(added_ + 4 * kCallbacksDroppedTogether, 9'001, 90'000);
  EXPECT_LE(count(tx_, "callbacks"), kCallbacksMax + kCallbacksDroppedTogether + 1);
  EXPECT_GE(count(tx_, "callbacks"), kCallbacksMax);
  EXPECT_FALSE(find_callback(tx_, "1"));
  EXPECT_TRUE(find_callback(tx_, "3")) << "it is still pending";
  EXPECT_TRUE(find_callback(tx_, std::to_string(added_ - kCallbacksMax + 1)));
  connection_.commit();
}

}  // namespace

}  // namespace carillon::store
