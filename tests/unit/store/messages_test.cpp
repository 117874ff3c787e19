#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class MessagesTest : public StoreTest {
 protected:
  std::vector<std::string> ids(const std::vector<MessageRow>& rows) {
    std::vector<std::string> result;
    for (const MessageRow& row : rows) result.push_back(row.message_id);
    return result;
  }
  RowId add_from(RowId sender_id, const std::string& id, TimeMs created_ms,
                 const std::string& status) {
    return insert_message(tx_, message_row(channel_id_, sender_id, id, created_ms, status));
  }
  using Ids = std::vector<std::string>;

  RowId channel_id_ = add_channel("general");
};

MessageRange range(int limit, bool ascending = false) {
  MessageRange result;
  result.limit = limit;
  result.ascending = ascending;
  return result;
}

TEST_F(MessagesTest, FindsEverythingThatWasInserted) {
  MessageRow row = message_row(channel_id_, alice_id_, "m1", 1'000, "FAILED");
  row.status_detail = "why";
  row.revision = {"content", "metadata", "text/plain", "{\"a\":1}", "{\"p\":1}"};
  row.target_id = bob_id_;
  row.sub_channel_id = "s1";
  row.edited_ms = 1'500;
  const RowId id = insert_message(tx_, row);
  const auto found = find_message(tx_, channel_id_, "m1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, id);
  EXPECT_EQ(found->channel_id, channel_id_);
  EXPECT_EQ(found->sender_id, alice_id_);
  EXPECT_EQ(found->message_id, "m1");
  EXPECT_EQ(found->sender_arn, alice_arn_);
  EXPECT_EQ(found->sender_name, "alice");
  EXPECT_EQ(found->type, "STANDARD");
  EXPECT_EQ(found->persistence, "PERSISTENT");
  EXPECT_EQ(found->status, "FAILED");
  EXPECT_EQ(found->status_detail, "why");
  EXPECT_EQ(found->revision.content, "content");
  EXPECT_EQ(found->revision.metadata, "metadata");
  EXPECT_EQ(found->revision.content_type, "text/plain");
  EXPECT_EQ(found->revision.message_attributes, "{\"a\":1}");
  EXPECT_EQ(found->revision.push_notification, "{\"p\":1}");
  EXPECT_EQ(found->target_id, bob_id_);
  EXPECT_EQ(found->target_arn, bob_arn_);
  EXPECT_EQ(found->sub_channel_id, "s1");
  EXPECT_FALSE(found->redacted);
  EXPECT_EQ(found->created_ms, 1'000);
  EXPECT_EQ(found->edited_ms, 1'500);
  EXPECT_FALSE(found->pending_update);
  EXPECT_EQ(find_message_by_id(tx_, id)->message_id, "m1");
  EXPECT_FALSE(find_message(tx_, channel_id_ + 1, "m1"));
  EXPECT_FALSE(find_message(tx_, channel_id_, "m2"));
}

TEST_F(MessagesTest, TheSenderNameIsTheOneOfNow) {
  add_message(channel_id_, "m1", 1);
  update_identity(tx_, alice_id_, "Alice", "", 2);
  EXPECT_EQ(find_message(tx_, channel_id_, "m1")->sender_name, "Alice");
}

TEST_F(MessagesTest, OnlyAnUpdateUnderWayIsAPendingUpdate) {
  const RowId id = add_message(channel_id_, "m1", 1);
  insert_flow_execution(tx_, execution_row(id, "UPDATE", 1));
  auto found = find_message(tx_, channel_id_, "m1");
  ASSERT_TRUE(found->pending_update);
  EXPECT_EQ(found->pending_update->content, "revised");
  EXPECT_FALSE(found->pending_update->metadata);
  EXPECT_EQ(found->revision.content, "content of m1");
  delete_flow_execution(tx_, id);
  insert_flow_execution(tx_, execution_row(id, "CREATE", 1));
  EXPECT_FALSE(find_message(tx_, channel_id_, "m1")->pending_update);
}

TEST_F(MessagesTest, ListsSentAndOwnUnsentInOrder) {
  add_from(bob_id_, "s1", 10, "SENT");
  add_from(alice_id_, "p1", 20, "PENDING");
  add_from(bob_id_, "p2", 30, "PENDING");
  add_from(alice_id_, "s2", 40, "SENT");
  add_from(bob_id_, "f1", 50, "FAILED");
  EXPECT_EQ(ids(list_messages(tx_, channel_id_, alice_id_, range(10, true))),
            (Ids{"s1", "p1", "s2"}));
  EXPECT_EQ(ids(list_messages(tx_, channel_id_, bob_id_, range(10))),
            (Ids{"f1", "s2", "p2", "s1"}));
  EXPECT_EQ(ids(list_messages(tx_, channel_id_, bob_id_ + 1, range(10))), (Ids{"s2", "s1"}));
  EXPECT_EQ(ids(list_all_messages(tx_, channel_id_, range(10))),
            (Ids{"f1", "s2", "p2", "p1", "s1"}));
  EXPECT_EQ(ids(list_all_messages(tx_, channel_id_, range(2, true))), (Ids{"s1", "p1"}));
  EXPECT_TRUE(list_messages(tx_, channel_id_, bob_id_, range(0)).empty());
}

TEST_F(MessagesTest, ANonPersistentMessageIsNeverListedOnceSent) {
  MessageRow row = message_row(channel_id_, alice_id_, "n1", 10, "PENDING");
  row.persistence = "NON_PERSISTENT";
  const RowId id = insert_message(tx_, row);
  EXPECT_EQ(ids(list_messages(tx_, channel_id_, alice_id_, range(10))), (Ids{"n1"}));
  set_message_status(tx_, id, "SENT", std::nullopt, 11);
  EXPECT_TRUE(list_messages(tx_, channel_id_, alice_id_, range(10)).empty());
  EXPECT_FALSE(last_message_ms(tx_, channel_id_, alice_id_));
  EXPECT_EQ(ids(list_all_messages(tx_, channel_id_, range(10))), (Ids{"n1"}));
}

TEST_F(MessagesTest, TimesAreInclusiveAtBothEnds) {
  for (int i = 1; i <= 5; ++i) add_message(channel_id_, "m" + std::to_string(i), i * 10);
  MessageRange some = range(10, true);
  some.not_before_ms = 20;
  some.not_after_ms = 40;
  EXPECT_EQ(ids(list_messages(tx_, channel_id_, alice_id_, some)), (Ids{"m2", "m3", "m4"}));
  some.ascending = false;
  EXPECT_EQ(ids(list_messages(tx_, channel_id_, alice_id_, some)), (Ids{"m4", "m3", "m2"}));
  some.not_before_ms = 41;
  EXPECT_TRUE(list_messages(tx_, channel_id_, alice_id_, some).empty());
}

// Every page size, both directions, with many messages of one moment and of both kinds: the pages
// together are the whole list, without gap and without repetition.
TEST_F(MessagesTest, PagesTogetherAreTheWhole) {
  for (int i = 0; i < 40; ++i) {
    add_from(i % 3 == 0 ? alice_id_ : bob_id_, "m" + std::to_string(i), 1'000 + (i / 7),
             i % 4 == 0 ? "PENDING" : "SENT");
  }
  for (const bool ascending : {true, false}) {
    MessageRange whole = range(100, ascending);
    whole.not_before_ms = 1'001;
    whole.not_after_ms = 1'004;
    const auto all = list_messages(tx_, channel_id_, alice_id_, whole);
    ASSERT_GT(all.size(), 15u);
    for (int limit = 1; limit <= 8; ++limit) {
      MessageRange page = whole;
      page.limit = limit;
      std::vector<std::string> seen;
      for (;;) {
        const auto rows = list_messages(tx_, channel_id_, alice_id_, page);
        if (rows.empty()) break;
        for (const auto& row : rows) seen.push_back(row.message_id);
        page.after = MessagePosition{rows.back().created_ms, rows.back().id};
      }
      EXPECT_EQ(seen, ids(all)) << "limit " << limit << " ascending " << ascending;
    }
  }
}

TEST_F(MessagesTest, LastMessage) {
  EXPECT_FALSE(last_message_ms(tx_, channel_id_, alice_id_));
  add_message(channel_id_, "m1", 10);
  add_message(channel_id_, "m2", 20);
  add_message(channel_id_, "m3", 30, "PENDING");
  EXPECT_EQ(last_message_ms(tx_, channel_id_, alice_id_), 20);
}

TEST_F(MessagesTest, Changes) {
  const RowId id = add_message(channel_id_, "m1", 10, "PENDING");
  set_message_status(tx_, id, "FAILED", "no processor", 11);
  EXPECT_EQ(find_message_by_id(tx_, id)->status, "FAILED");
  EXPECT_EQ(find_message_by_id(tx_, id)->status_detail, "no processor");
  EXPECT_EQ(find_message_by_id(tx_, id)->updated_ms, 11);
  set_message_revision(tx_, id, {"c", "m", "t", "a", "p"});
  EXPECT_EQ(find_message_by_id(tx_, id)->revision.content, "c");
  EXPECT_EQ(find_message_by_id(tx_, id)->revision.push_notification, "p");
  set_message_edited(tx_, id, 12);
  EXPECT_EQ(find_message_by_id(tx_, id)->edited_ms, 12);
  redact_message(tx_, id, 13);
  const auto redacted = find_message_by_id(tx_, id);
  EXPECT_TRUE(redacted->redacted);
  EXPECT_FALSE(redacted->revision.content);
  EXPECT_FALSE(redacted->revision.metadata);
  EXPECT_EQ(redacted->updated_ms, 13);
}

TEST_F(MessagesTest, DeletingTakesTheFlowExecutionAlong) {
  const RowId id = add_message(channel_id_, "m1", 10);
  insert_flow_execution(tx_, execution_row(id, "UPDATE", 1));
  delete_message(tx_, id);
  EXPECT_FALSE(find_message_by_id(tx_, id));
  EXPECT_FALSE(find_flow_execution(tx_, id));
  EXPECT_GT(add_message(channel_id_, "m2", 11), id);
}

}  // namespace

}  // namespace carillon::store
