#include "store/migrations.h"

#include <fstream>
#include <iterator>

#include "store/push_notifications.h"
#include "store/resource_tags.h"
#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class MigrationsTest : public testing::Test {
 protected:
  // As another program would, or another version of this one.
  void change(const std::string& sql) {
    Connection connection(path(), Connection::Role::kWriter);
    connection.run(sql);
  }
  std::string path() const { return (directory_.path() / "carillon.db").string(); }
  std::string open_error() const {
    return error_of([this] { Database::open(directory_.path()); });
  }
  std::string bytes() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  // The file as a Carillon of that version would have left it, with one of most things in it.
  void make_version(int version) {
    Connection connection(path(), Connection::Role::kWriter);
    migrate_to(connection, version);
    ASSERT_EQ(connection.run_for_value("PRAGMA user_version"), version);
    connection.run(kRowsOfVersion1);
    if (version >= 2) connection.run(kRowsOfVersion2);
  }

  static const char kRowsOfVersion1[];
  static const char kRowsOfVersion2[];

  TemporaryDirectory directory_;
};

// No columns that a later version added, and none that one took away.
const char MigrationsTest::kRowsOfVersion1[] = R"rows(
INSERT INTO app_instances (arn, scope, name, metadata, created_ms, updated_ms) VALUES
  ('arn:aws:chime:us-east-1:123456789012:app-instance/a', 'arn:aws:chime:us-east-1:123456789012:',
   'a', 'about a', 1, 2);
INSERT INTO identities (app_instance_id, kind, arn, name, created_ms, updated_ms) VALUES
  (1, 'USER', 'arn:aws:chime:us-east-1:123456789012:app-instance/a/user/alice', 'Alice', 3, 3),
  (1, 'USER', 'arn:aws:chime:us-east-1:123456789012:app-instance/a/user/bob', 'Bob', 3, 3);
INSERT INTO app_instance_admins VALUES (1, 1, 4);
INSERT INTO channel_flow_versions (retired) VALUES (0);
INSERT INTO channel_flows (app_instance_id, version_id, arn, name, created_ms, updated_ms) VALUES
  (1, 1, 'arn:aws:chime:us-east-1:123456789012:app-instance/a/channel-flow/f', 'f', 5, 5);
INSERT INTO processors VALUES (1, 1, 'mask', 'arn:aws:lambda:us-east-1:1:function:f', 'ASYNC',
                               'ABORT');
INSERT INTO channels (app_instance_id, arn, name, mode, privacy, created_by_id, channel_flow_id,
                      created_ms, updated_ms) VALUES
  (1, 'arn:aws:chime:us-east-1:123456789012:app-instance/a/channel/c', 'c', 'RESTRICTED', 'PRIVATE',
   1, 1, 6, 6);
INSERT INTO channel_memberships (channel_id, member_id, type, invited_by_id, created_ms, updated_ms)
  VALUES (1, 1, 'DEFAULT', 1, 7, 7), (1, 2, 'HIDDEN', 1, 7, 7);
INSERT INTO channel_moderators VALUES (1, 1, 1, 7);
INSERT INTO channel_messages (channel_id, sender_id, message_id, type, persistence, status, content,
                              push_notification, redacted, created_ms, updated_ms) VALUES
  (1, 1, 'm1', 'STANDARD', 'PERSISTENT', 'SENT', 'hello', NULL, 0, 10, 10),
  (1, 1, 'm2', 'STANDARD', 'PERSISTENT', 'PENDING', 'wait', '{"Title":"t"}', 0, 11, 11),
  (1, 1, 'm3', 'STANDARD', 'PERSISTENT', 'SENT', 'world', NULL, 0, 12, 12);
INSERT INTO flow_executions (message_row_id, kind, flow_version_id, step, content, created_ms)
  VALUES (2, 'CREATE', 1, 0, 'wait', 11);
INSERT INTO callbacks (callback_id, message_row_id, channel_id, message_id, processor_name,
                       processor_arn, fallback_action, status, invocation, event, resolved_batch,
                       created_ms, deadline_ms) VALUES
  ('k', 2, 1, 'm2', 'mask', 'arn:aws:lambda:us-east-1:1:function:f', 'ABORT', 'PENDING', 'QUEUED',
   '{}', 0, 11, 1000);
INSERT INTO client_request_tokens (key, fingerprint, http_status, response, created_ms)
  VALUES (x'01', x'02', 201, '{}', 11);
INSERT INTO purge_queue (kind, target_id) VALUES ('CHANNEL', 77);
)rows";

const char MigrationsTest::kRowsOfVersion2[] = R"rows(
INSERT INTO app_instance_user_endpoints
  (app_instance_id, user_id, endpoint_id, type, resource_arn, attributes, allow_messages,
   created_ms, updated_ms) VALUES (1, 2, 'e', 'GCM', 'r', '{"DeviceToken":"d"}', 'ALL', 8, 8);
UPDATE channel_memberships SET preferences = '{"p":1}', read_marker_ms = 9 WHERE member_id = 2;
INSERT INTO resource_tags VALUES
  ('arn:aws:chime:us-east-1:123456789012:app-instance/a', 'key', 'value');
INSERT INTO channel_messages (channel_id, sender_id, message_id, type, persistence, status, content,
                              target_id, redacted, created_ms, updated_ms) VALUES
  (1, 1, 'm4', 'STANDARD', 'PERSISTENT', 'SENT', 'psst', 2, 0, 13, 13);
)rows";

TEST_F(MigrationsTest, AFreshFileGetsTheSchema) {
  ASSERT_EQ(open_error(), "");
  Connection connection(path(), Connection::Role::kWriter);
  EXPECT_EQ(connection.run_for_value("PRAGMA user_version"), known_schema_version());
  EXPECT_EQ(connection.run_for_value("PRAGMA application_id"), kApplicationId);
  EXPECT_EQ(connection.run_for_value(
                "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                "AND name NOT LIKE 'sqlite_%' AND NOT strict"),
            0);
}

TEST_F(MigrationsTest, TheSameVersionIsOpenedAsItIs) {
  ASSERT_EQ(open_error(), "");
  change(
      "INSERT INTO app_instances (arn, scope, name, created_ms, updated_ms) VALUES ('a', 's', 'n', "
      "1, 1)");
  ASSERT_EQ(open_error(), "");
  Connection connection(path(), Connection::Role::kWriter);
  EXPECT_EQ(connection.run_for_value("SELECT count(*) FROM app_instances"), 1);
}

TEST_F(MigrationsTest, AnOlderVersionIsBroughtUpWithAllThatItHas) {
  for (int version = 1; version < known_schema_version(); ++version) {
    SCOPED_TRACE(version);
    std::filesystem::remove_all(directory_.path() / "carillon.db");
    make_version(version);
    Database database = Database::open(directory_.path());
    Connection& connection = database.writer_connection();
    EXPECT_EQ(connection.run_for_value("PRAGMA user_version"), known_schema_version());
    EXPECT_EQ(connection.run_for_value("SELECT count(*) FROM pragma_integrity_check "
                                       "WHERE integrity_check <> 'ok'"),
              0);
    WriteTx tx(connection, 7);

    const std::string a = std::string(kScope) + "app-instance/a";
    const auto app_instance = find_app_instance(tx, a);
    ASSERT_TRUE(app_instance);
    EXPECT_EQ(app_instance->metadata, "about a");
    const auto channel = find_channel(tx, a + "/channel/c");
    ASSERT_TRUE(channel);
    EXPECT_EQ(channel->created_by_name, "Alice");
    EXPECT_EQ(channel->channel_flow_arn, a + "/channel-flow/f");
    const auto bob = find_identity(tx, a + "/user/bob");
    ASSERT_TRUE(bob);
    EXPECT_TRUE(is_admin(tx, app_instance->id, 1));
    EXPECT_TRUE(is_moderator(tx, channel->id, 1));
    EXPECT_EQ(find_membership(tx, channel->id, bob->id)->type, "HIDDEN");
    EXPECT_EQ(find_callback(tx, "k")->message_id, "m2");
    EXPECT_EQ(find_flow_execution(tx, 2)->revision.content, "wait");
    EXPECT_EQ(find_message(tx, channel->id, "m2")->revision.push_notification, "{\"Title\":\"t\"}");
    EXPECT_EQ(find_token(tx, "\x01")->http_status, 201);

    std::string listed;
    MessageRange range;
    range.ascending = true;
    range.limit = 10;
    for (const auto& row : list_messages(tx, channel->id, bob->id, range)) listed += row.message_id;
    EXPECT_EQ(listed, version == 1 ? "m1m3" : "m1m3m4");
    EXPECT_EQ(find_endpoint(tx, bob->id, "e").has_value(), version >= 2);
    EXPECT_EQ(find_membership_preferences(tx, channel->id, bob->id).has_value(), version >= 2);
    EXPECT_EQ(list_tags(tx, a).size(), version >= 2 ? 1u : 0u);
  }
}

// What the later versions brought works on the rows of an older one.
TEST_F(MigrationsTest, WhatWasBroughtUpWorks) {
  for (int version = 1; version < known_schema_version(); ++version) {
    SCOPED_TRACE(version);
    std::filesystem::remove_all(directory_.path() / "carillon.db");
    make_version(version);
    Database database = Database::open(directory_.path());
    WriteTx tx(database.writer_connection(), 7);
    const RowId channel_id = 1;
    const RowId bob_id = 2;
    insert_endpoint(tx, endpoint_row(bob_id, "later"));
    set_membership_preferences(tx, channel_id, bob_id, "{}");
    MessageRow targeted = message_row(channel_id, 1, "m9", 20);
    targeted.target_id = bob_id;
    insert_message(tx, targeted);
    EXPECT_EQ(last_message_ms(tx, channel_id, bob_id), 20);
    const auto receivers = list_push_receivers(tx, channel_id, bob_id, {}, 10);
    ASSERT_EQ(receivers.size(), version >= 2 ? 2u : 1u);
    PushNotificationRow notification;
    notification.channel_id = channel_id;
    notification.member_id = bob_id;
    insert_push_notification(tx, notification);
    EXPECT_EQ(list_push_notifications(tx, {.limit = 10}).size(), 1u);

    insert_ban(tx, channel_id, bob_id, 1, 1);
    delete_app_instance(tx, 1);
    while (purge_step(tx)) {
    }
    for (const char* table :
         {"purge_queue", "channels", "channel_messages", "identities", "callbacks", "channel_bans",
          "app_instance_user_endpoints", "push_notifications", "resource_tags"}) {
      EXPECT_EQ(count(tx, table), 0) << table;
    }
  }
}

TEST_F(MigrationsTest, ANewerVersionIsRefusedAndLeftAlone) {
  ASSERT_EQ(open_error(), "");
  change("PRAGMA user_version = 99");
  const std::string before = bytes();
  const std::string error = open_error();
  EXPECT_TRUE(contains(error, path())) << error;
  EXPECT_TRUE(contains(error, "newer version")) << error;
  EXPECT_TRUE(contains(error, "99")) << error;
  EXPECT_TRUE(contains(error, std::to_string(known_schema_version()))) << error;
  EXPECT_EQ(bytes(), before);
}

TEST_F(MigrationsTest, AnotherApplicationsFileIsRefusedAndLeftAlone) {
  change("PRAGMA application_id = 1196444487; CREATE TABLE layers (id INTEGER)");
  const std::string before = bytes();
  const std::string error = open_error();
  EXPECT_TRUE(contains(error, path())) << error;
  EXPECT_TRUE(contains(error, "another application")) << error;
  EXPECT_TRUE(contains(error, "1196444487")) << error;
  EXPECT_EQ(bytes(), before);
}

TEST_F(MigrationsTest, AFileWithTablesAndNoMarkIsRefused) {
  change("CREATE TABLE notes (id INTEGER)");
  EXPECT_TRUE(contains(open_error(), "another application"));
}

TEST_F(MigrationsTest, AFileThatIsNoDatabaseIsRefusedAndLeftAlone) {
  std::ofstream(path()) << std::string(8'192, 'z');
  const std::string error = open_error();
  EXPECT_TRUE(contains(error, path())) << error;
  EXPECT_TRUE(contains(error, "not an SQLite database")) << error;
  EXPECT_EQ(bytes(), std::string(8'192, 'z'));
}

TEST_F(MigrationsTest, ADamagedFileIsRefused) {
  ASSERT_EQ(open_error(), "");
  // The schema's page, behind the header of the file.
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(100);
  file << std::string(3'000, '\xff');
  file.close();
  const std::string error = open_error();
  EXPECT_TRUE(contains(error, path())) << error;
  EXPECT_TRUE(contains(error, "damaged")) << error;
}

}  // namespace

}  // namespace carillon::store
