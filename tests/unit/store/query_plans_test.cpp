// Every statement of the layer finds its rows by an index: asked of SQLite itself, for every text
// that the layer prepares.
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "store/app_instance_bots.h"
#include "store/channel_search.h"
#include "store/limits.h"
#include "store/provisioned_resources.h"
#include "store/push_notifications.h"
#include "store/quotas.h"
#include "store/resource_tags.h"
#include "store/settings.h"
#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

// Statements that look at a table from its beginning, and why they may. Found by a part of theirs.
const std::map<std::string, std::string> kMayScan = {
    {"FROM purge_queue ORDER BY id LIMIT 1", "reads one row, the first"},
    {"FROM push_fan_outs ORDER BY id LIMIT 1", "reads one row, the first"},
    {"FROM client_request_tokens ORDER BY id LIMIT ?1", "reads the first rows, once in a while"},
    {"FROM callbacks WHERE id <= ?1 ORDER BY id LIMIT ?2",
     "goes through the rows that it selected"},
    {"SELECT k.deadline_ms FROM callbacks k",
     "reads the first row of the index, and those only "
     "whose channel is being purged"},
    {"FROM channel_flow_versions v", "an index of retired versions: those of messages under way"},
};

// Calls every function of the layer's headers, in every form that prepares a statement of its own.
class QueryPlansTest : public StoreTest {
 protected:
  void call_everything() {
    call_identity();
    call_messaging();
    call_channel_users();
    call_messages();
    call_flow();
    call_resources();
    call_push_notifications();
    call_quotas();
    find_token(tx_, "k");
    insert_token(tx_, "k", {"f", 200, "{}"}, 1);
    connection_.run("UPDATE client_request_tokens SET id = " +
                    std::to_string(kTokensDroppedTogether - 1));
    insert_token(tx_, "l", {"f", 200, "{}"}, INT64_MAX / 2);
    insert_provisioned_resource(tx_, "p", 1);
    list_provisioned_resources(tx_, 0, 1);
    delete_provisioned_resource(tx_, 1);
    delete_tokens(tx_, "k");
    delete_account(tx_, "210987654321");
    delete_account(tx_, "123456789012");
    purge_app_instance_of(tx_, "x");
    purge_all();
    delete_everything(tx_);
  }

  void call_identity() {
    find_app_instance(tx_, "x");
    list_app_instances(tx_, kScope, 0, 1);
    update_app_instance(tx_, 0, "", "", 1);
    find_identity(tx_, "x");
    list_identities(tx_, 1, 0, 1);
    update_identity(tx_, 0, "", "", 1);
    delete_identity(tx_, 0);
    is_admin(tx_, 1, 1);
    find_admin(tx_, 1, 1);
    list_admins(tx_, 1, 0, 1);
    insert_admin(tx_, 1, 1, 1);
    delete_admin(tx_, 1, 1);
    find_endpoint(tx_, 1, "e");
    list_endpoints(tx_, 1, 0, 1);
    insert_endpoint(tx_, endpoint_row(alice_id_, "e"));
    update_endpoint(tx_, 0, {}, {}, 1);
    delete_endpoint(tx_, 0);
  }

  void call_messaging() {
    ChannelFlowRow flow;
    flow.app_instance_id = app_instance_id_;
    flow.arn = "f1";
    const RowId flow_id = insert_channel_flow(tx_, flow, {processor_row(1, "mask")});
    find_channel_flow(tx_, "f1");
    list_channel_flows(tx_, 1, 0, 1);
    list_all_channel_flows(tx_, 0, 1);
    list_processors(tx_, 1);
    is_channel_flow_associated(tx_, 1);
    update_channel_flow(tx_, flow_id, "", {}, 1);
    load_channel_access(tx_, "x", "y");
    find_channel(tx_, "x");
    find_channel_by_id(tx_, 1);
    list_channels(tx_, 1, "", 0, 1);
    list_channels(tx_, 1, "PUBLIC", 0, 1);
    list_channels_with_flow(tx_, 1, 0, 1);
    list_all_channels(tx_, 0, 1);
    update_channel(tx_, 0, {}, {}, {}, 1);
    set_channel_flow(tx_, 0, {}, 1);
  }

  void call_channel_users() {
    find_membership(tx_, 1, 1);
    list_memberships(tx_, 1, "", 0, 1);
    list_memberships(tx_, 1, "DEFAULT", 0, 1);
    list_channels_of_member(tx_, 1, 0, 1);
    list_channel_ids_of_member(tx_, 1, 0, 1);
    list_newest_channels_of_member(tx_, 1, 1);
    list_privileged_members(tx_, 1, 1);
    insert_membership(tx_, 1, 1, "DEFAULT", 1, 1);
    find_membership_preferences(tx_, 1, 1);
    set_membership_preferences(tx_, 1, 1, "{}");
    set_read_marker(tx_, 1, 1, 1);
    delete_membership(tx_, 1, 1);
    is_moderator(tx_, 1, 1);
    find_moderator(tx_, 1, 1);
    list_moderators(tx_, 1, 0, 1);
    list_channels_of_moderator(tx_, 1, 0, 1);
    insert_moderator(tx_, 1, 1, 1, 1);
    delete_moderator(tx_, 1, 1);
    is_banned(tx_, 1, 1);
    find_ban(tx_, 1, 1);
    list_bans(tx_, 1, 0, 1);
    insert_ban(tx_, 1, 1, 1, 1);
    delete_ban(tx_, 1, 1);
  }

  void call_resources() {
    list_tags(tx_, "x");
    put_tag(tx_, "x", {"k", "v"});
    delete_tag(tx_, "x", "k");
    find_bot(tx_, "x");
    list_bots(tx_, 1, 0, 1);
    insert_bot(tx_, {});
    update_bot(tx_, 0, "", "", {}, 1);
    set_channel_expiration(tx_, 0, {}, 1);
    set_user_expiration(tx_, 0, {}, 1);
    find_retention(tx_, 1);
    set_retention(tx_, 0, {});
    find_streaming(tx_, 1);
    set_streaming(tx_, 0, {});
    const RowId searched = add_channel("searched");
    insert_membership(tx_, searched, bob_id_, "DEFAULT", alice_id_, 1);
    for (const bool nobody_else : {true, false}) {
      search_channels(tx_, {{bob_id_}, nobody_else, {}, 0}, 1);
    }
  }

  void call_messages() {
    const RowId channel_id = add_channel("general");
    const RowId id = add_message(channel_id, "m1", 1);
    find_message(tx_, 1, "x");
    find_message_by_id(tx_, 1);
    MessageRange range;
    range.limit = 1;
    for (const bool ascending : {true, false}) {
      range.ascending = ascending;
      list_messages(tx_, 1, 1, range);
      list_all_messages(tx_, 1, range);
    }
    last_message_ms(tx_, 1, 1);
    set_message_revision(tx_, id, {});
    set_message_status(tx_, id, "SENT", {}, 1);
    set_message_edited(tx_, id, 1);
    redact_message(tx_, id, 1);
    delete_message(tx_, id);
    add_message(channel_id, "m2", 1);
    delete_channel(tx_, channel_id);
    add_channel("another");
    delete_app_instance(tx_, app_instance_id_);
  }

  void call_flow() {
    find_flow_execution(tx_, 1);
    insert_flow_execution(tx_, execution_row(1, "CREATE", 1));
    update_flow_execution(tx_, execution_row(1, "CREATE", 1));
    delete_flow_execution(tx_, 1);
    find_callback(tx_, "x");
    for (int i = 1; i <= kCallbacksDroppedTogether; ++i) {
      insert_callback(tx_, callback_row("k" + std::to_string(i), 1, 1, "m1", 1));
    }
    resolve_callback(tx_, 0, "DENIED", {}, 1);
    set_callback_invocation(tx_, 0, "ACCEPTED");
    list_queued_callbacks(tx_, 0, 1);
    list_expired_callbacks(tx_, 0, 1);
    next_callback_deadline(tx_);
    list_callbacks(tx_, {.limit = 1});
    list_callbacks(tx_, {.status = "PENDING", .limit = 1});
    list_callbacks(tx_, {.channel_id = 1, .limit = 1});
    list_callbacks(tx_, {.message_id = "m1", .limit = 1});
  }

  void call_push_notifications() {
    list_push_receivers(tx_, 1, {}, {}, 2);
    insert_push_fan_out(tx_, {});
    first_push_fan_out(tx_);
    set_push_fan_out_position(tx_, 0, {});
    delete_push_fan_out(tx_, 0);
    for (int i = 1; i <= kPushNotificationsDroppedTogether; ++i) insert_push_notification(tx_, {});
    list_push_notifications(tx_, {.limit = 1});
    list_push_notifications(tx_, {.channel_id = 1, .limit = 1});
    list_push_notifications(tx_, {.member_id = 1, .limit = 1});
    list_push_notifications(tx_, {.message_id = "m1", .limit = 1});
  }

  void call_quotas() {
    has_app_instances(tx_, kScope, 1);
    has_users(tx_, 1, 1);
    has_admins(tx_, 1, 1);
    has_endpoints(tx_, 1, 1);
    has_channels(tx_, 1, 1);
    has_members(tx_, 1, 1);
    has_moderators(tx_, 1, 1);
    has_memberships(tx_, 1, 1);
    has_channel_flows(tx_, 1, 1);
  }

  std::vector<std::string> prepared_texts() {
    // What begins and ends transactions has no plan.
    const std::set<std::string> control = {"BEGIN",          "BEGIN IMMEDIATE", "COMMIT",
                                           "ROLLBACK",       "SAVEPOINT job",   "RELEASE job",
                                           "ROLLBACK TO job"};
    std::vector<std::string> texts;
    for (const auto& text : connection_.prepared_texts()) {
      const bool asked_by_this_test = text.rfind("EXPLAIN", 0) == 0;
      if (control.count(text) == 0 && !asked_by_this_test) texts.push_back(text);
    }
    return texts;
  }

  std::vector<std::string> plan_of(const std::string& sql) {
    const std::string text = "EXPLAIN QUERY PLAN " + sql;
    plans_.push_back(text);  // the connection keeps statements under the address of their text
    std::vector<std::string> lines;
    Statement row = connection_.query(plans_.back().c_str());
    while (row.step()) lines.push_back(row.text(3));
    return lines;
  }

  std::string plan_text(const std::string& part) {
    std::string result;
    for (const auto& sql : prepared_texts()) {
      if (sql.find(part) == std::string::npos) continue;
      for (const auto& line : plan_of(sql)) result += line + "\n";
    }
    return result;
  }

 private:
  std::deque<std::string> plans_;
};

// Each literal of the sources is marked R"sql(, so that one that the test below does not reach is
// noticed.
TEST_F(QueryPlansTest, EveryStatementOfTheSourcesIsLookedAt) {
  call_everything();
  std::size_t marks = 0;
  for (const auto& file : std::filesystem::directory_iterator(CARILLON_STORE_SOURCES)) {
    if (file.path().extension() != ".cpp") continue;
    std::ifstream stream(file.path());
    const std::string source{std::istreambuf_iterator<char>(stream), {}};
    const std::string mark = "R\"sql(";
    for (auto at = source.find(mark); at != std::string::npos; at = source.find(mark, at + 1)) {
      ++marks;
    }
  }
  EXPECT_GT(marks, 50u);
  EXPECT_EQ(prepared_texts().size(), marks);
}

TEST_F(QueryPlansTest, NoStatementScansOrSorts) {
  call_everything();
  std::set<std::string> excused;
  for (const auto& sql : prepared_texts()) {
    std::string problems;
    for (const auto& line : plan_of(sql)) {
      const bool scans = line.rfind("SCAN", 0) == 0;
      const bool sorts = line.find("TEMP B-TREE") != std::string::npos;
      const bool builds_index = line.find("AUTOMATIC") != std::string::npos;
      if (scans || sorts || builds_index) problems += "  " + line + "\n";
    }
    if (problems.empty()) continue;
    // Emptying a table: page by page, no row is looked at.
    if (sql.rfind(" DELETE FROM ", 0) == 0 && sql.find("WHERE") == std::string::npos) continue;
    bool may_scan = false;
    for (const auto& [part, reason] : kMayScan) {
      if (sql.find(part) == std::string::npos) continue;
      may_scan = true;
      excused.insert(part);
    }
    EXPECT_TRUE(may_scan) << sql << "\n" << problems;
  }
  // An excuse that nobody needs any more is taken back.
  EXPECT_EQ(excused.size(), kMayScan.size());
}

TEST_F(QueryPlansTest, PagesOfMessagesBeginInTheMiddleOfTheirIndex) {
  call_everything();
  const std::string sent = plan_text("m.status = 'SENT' AND m.persistence = 'PERSISTENT'");
  EXPECT_NE(sent.find("USING INDEX channel_messages_sent "
                      "(channel_id=? AND created_ms>? AND created_ms<?)"),
            std::string::npos)
      << sent;
  const std::string to_target = plan_text("m.target_id = ?5");
  EXPECT_NE(to_target.find("USING INDEX channel_messages_by_target "
                           "(channel_id=? AND target_id=? AND created_ms>? AND created_ms<?)"),
            std::string::npos)
      << to_target;
  const std::string targeted = plan_text("m.target_id IS NOT NULL AND m.sender_id = ?5");
  EXPECT_NE(targeted.find("USING INDEX channel_messages_targeted_by_sender "
                          "(channel_id=? AND sender_id=? AND created_ms>? AND created_ms<?)"),
            std::string::npos)
      << targeted;
  const std::string own = plan_text("m.sender_id = ?5 AND m.status <> 'SENT'");
  EXPECT_NE(own.find("USING INDEX channel_messages_unsent_by_sender "
                     "(channel_id=? AND sender_id=? AND "),
            std::string::npos)
      << own;
}

// A user in ten thousand channels pages through them from where he was.
TEST_F(QueryPlansTest, ChannelsOfAUserBeginInTheMiddleOfTheirIndex) {
  call_everything();
  const std::string member = plan_text("m.member_id = ?1 AND m.channel_id > ?2");
  EXPECT_NE(member.find("channel_memberships_by_member (member_id=? AND channel_id>?)"),
            std::string::npos)
      << member;
  const std::string moderator = plan_text("o.identity_id = ?1 AND o.channel_id > ?2");
  EXPECT_NE(moderator.find("channel_moderators_by_identity (identity_id=? AND channel_id>?)"),
            std::string::npos)
      << moderator;
}

TEST_F(QueryPlansTest, CallbacksAreFoundByTheMostSelectiveIndex) {
  call_everything();
  const std::string queued = plan_text("k.invocation = 'QUEUED'");
  EXPECT_NE(queued.find("callbacks_queued (id>?)"), std::string::npos) << queued;
  const std::string expired = plan_text("k.deadline_ms <= ?1");
  EXPECT_NE(expired.find("callbacks_by_deadline (deadline_ms<?)"), std::string::npos) << expired;
  const std::string message = plan_text("AND k.message_id = ?3");
  EXPECT_NE(message.find("callbacks_by_message (message_id=?"), std::string::npos) << message;
}

TEST_F(QueryPlansTest, ReceiversOfPushAreLookedUpFromMembershipToEndpoint) {
  call_everything();
  const std::string plan = plan_text("LEFT JOIN app_instance_user_endpoints e");
  EXPECT_NE(plan.find("m USING PRIMARY KEY (channel_id=? AND member_id>? AND member_id<?)"),
            std::string::npos)
      << plan;
  EXPECT_NE(plan.find("e USING INDEX app_instance_user_endpoints_by_user (user_id=? AND rowid>?)"),
            std::string::npos)
      << plan;
}

TEST_F(QueryPlansTest, PushNotificationsAreFoundByTheFirstOfTheirFilters) {
  call_everything();
  const std::string message = plan_text("AND n.message_id = ?3");
  EXPECT_NE(message.find("push_notifications_by_message (message_id=? AND rowid<?)"),
            std::string::npos)
      << message;
  const std::string member = plan_text("AND n.member_id = ?3");
  EXPECT_NE(member.find("push_notifications_by_member (member_id=? AND rowid<?)"),
            std::string::npos)
      << member;
  const std::string channel = plan_text("AND n.channel_id = ?3");
  EXPECT_NE(channel.find("push_notifications_by_channel (channel_id=? AND rowid<?)"),
            std::string::npos)
      << channel;
}

TEST_F(QueryPlansTest, AccessIsPrimaryKeysAndUniqueIndexesAlone) {
  call_everything();
  const auto lines = plan_text("FROM channels c\n  CROSS JOIN app_instances i");
  EXPECT_NE(lines.find("sqlite_autoindex_channels_1 (arn=?)"), std::string::npos) << lines;
  EXPECT_NE(lines.find("identities_by_arn (arn=?)"), std::string::npos) << lines;
  EXPECT_NE(lines.find("PRIMARY KEY (channel_id=? AND member_id=?)"), std::string::npos) << lines;
}

}  // namespace

}  // namespace carillon::store
