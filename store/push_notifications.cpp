#include "store/push_notifications.h"

#include "store/connection.h"
#include "store/limits.h"

namespace carillon::store {

namespace {

constexpr char kListReceivers[] = R"sql(
  SELECT m.member_id, e.id, m.preferences, e.endpoint_id, e.type, e.resource_arn, e.attributes,
         e.allow_messages
  FROM channels c CROSS JOIN app_instances a CROSS JOIN channel_memberships m
  LEFT JOIN app_instance_user_endpoints e
    ON e.user_id = m.member_id AND e.id > CASE m.member_id WHEN ?2 THEN ?3 ELSE 0 END
  WHERE c.id = ?1 AND a.id = c.app_instance_id
    AND m.channel_id = ?1 AND m.member_id >= ?2 AND m.member_id <= ?4
  ORDER BY m.member_id, e.id LIMIT ?5 )sql";

constexpr char kInsertFanOut[] = R"sql(
  INSERT INTO push_fan_outs
    (channel_id, target_id, message_id, message_attributes, push_notification, member_id,
     endpoint_row_id, sent_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) )sql";
constexpr char kFirstFanOut[] = R"sql(
  SELECT id, channel_id, target_id, message_id, message_attributes, push_notification, member_id,
         endpoint_row_id, sent_ms
  FROM push_fan_outs ORDER BY id LIMIT 1 )sql";
constexpr char kSetPosition[] = R"sql(
  UPDATE push_fan_outs SET member_id = ?2, endpoint_row_id = ?3 WHERE id = ?1 )sql";
constexpr char kDeleteFanOut[] = R"sql( DELETE FROM push_fan_outs WHERE id = ?1 )sql";
constexpr char kDropFanOuts[] = R"sql( DELETE FROM push_fan_outs WHERE id <= ?1 )sql";

constexpr char kInsertNotification[] = R"sql(
  INSERT INTO push_notifications
    (channel_id, member_id, message_id, endpoint_id, endpoint_type, resource_arn, device_token,
     push_notification, suppressed_by, created_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) )sql";
constexpr char kDropNotifications[] = R"sql( DELETE FROM push_notifications WHERE id <= ?1 )sql";

// A member's row outlives him as a nameplate, a channel's does not: the joins hide what is of
// deleted channels and app instances until it is purged.
#define SELECT_NOTIFICATION                                                                 \
  "SELECT n.id, n.channel_id, n.member_id, c.arn, i.arn, n.message_id, n.endpoint_id, "     \
  "n.endpoint_type, n.resource_arn, n.device_token, n.push_notification, n.suppressed_by, " \
  "n.created_ms FROM push_notifications n "                                                 \
  "CROSS JOIN channels c CROSS JOIN app_instances a CROSS JOIN identities i "               \
  "WHERE c.id = n.channel_id AND a.id = c.app_instance_id AND i.id = n.member_id "
#define NEWEST_FIRST "AND n.id < ?1 ORDER BY n.id DESC LIMIT ?2 "

// Of several filters one is served by an index and the others look at what it finds, which is never
// more than the rows that are kept.
constexpr char kListNotifications[] = SELECT_NOTIFICATION NEWEST_FIRST R"sql()sql";
constexpr char kListByMessage[] = SELECT_NOTIFICATION
    "AND n.message_id = ?3 AND (?4 IS NULL OR +n.channel_id = ?4) "
    "AND (?5 IS NULL OR +n.member_id = ?5) " NEWEST_FIRST R"sql()sql";
constexpr char kListByMember[] = SELECT_NOTIFICATION
    "AND n.member_id = ?3 AND (?4 IS NULL OR +n.channel_id = ?4) " NEWEST_FIRST R"sql()sql";
constexpr char kListByChannel[] =
    SELECT_NOTIFICATION "AND n.channel_id = ?3 " NEWEST_FIRST R"sql()sql";

PushReceiverRow read_receiver(Statement& row) {
  PushReceiverRow result;
  result.position.member_id = row.next_integer();
  const std::optional<RowId> endpoint_row_id = row.next_optional_integer();
  if (!endpoint_row_id) return result;
  result.position.endpoint_row_id = *endpoint_row_id;
  result.preferences = row.next_optional_text();
  result.endpoint_id = row.next_text();
  result.endpoint_type = row.next_text();
  result.resource_arn = row.next_text();
  result.endpoint_attributes = row.next_text();
  result.allow_messages = row.next_text();
  return result;
}

PushFanOutRow read_fan_out(Statement& row) {
  PushFanOutRow result;
  result.id = row.next_integer();
  result.channel_id = row.next_integer();
  result.target_id = row.next_optional_integer();
  result.message_id = row.next_text();
  result.message_attributes = row.next_optional_text();
  result.push_notification = row.next_text();
  result.position.member_id = row.next_integer();
  result.position.endpoint_row_id = row.next_integer();
  result.sent_ms = row.next_integer();
  return result;
}

PushNotificationRow read_notification(Statement& row) {
  PushNotificationRow result;
  result.id = row.next_integer();
  result.channel_id = row.next_integer();
  result.member_id = row.next_integer();
  result.channel_arn = row.next_text();
  result.member_arn = row.next_text();
  result.message_id = row.next_text();
  result.endpoint_id = row.next_text();
  result.endpoint_type = row.next_text();
  result.resource_arn = row.next_text();
  result.device_token = row.next_optional_text();
  result.push_notification = row.next_text();
  result.suppressed_by = row.next_optional_text();
  result.created_ms = row.next_integer();
  return result;
}

}  // namespace

std::vector<PushReceiverRow> list_push_receivers(ReadTx& tx, RowId channel_id,
                                                 const std::optional<RowId>& only_member_id,
                                                 const PushPosition& from, int limit) {
  const PushPosition begin = from.member_id == 0 ? PushPosition{only_member_id.value_or(0)} : from;
  return read_all(
      tx.connection().query(kListReceivers, channel_id, begin.member_id, begin.endpoint_row_id,
                            only_member_id.value_or(INT64_MAX), limit),
      read_receiver);
}

void insert_push_fan_out(WriteTx& tx, const PushFanOutRow& row) {
  tx.connection().execute(kInsertFanOut, row.channel_id, row.target_id, row.message_id,
                          row.message_attributes, row.push_notification, row.position.member_id,
                          row.position.endpoint_row_id, row.sent_ms);
  tx.connection().execute(kDropFanOuts, tx.connection().last_insert_id() - kPushFanOutsMax);
}

std::optional<PushFanOutRow> first_push_fan_out(ReadTx& tx) {
  return read_one(tx.connection().query(kFirstFanOut), read_fan_out);
}

void set_push_fan_out_position(WriteTx& tx, RowId id, const PushPosition& position) {
  tx.connection().execute(kSetPosition, id, position.member_id, position.endpoint_row_id);
}

void delete_push_fan_out(WriteTx& tx, RowId id) { tx.connection().execute(kDeleteFanOut, id); }

void insert_push_notification(WriteTx& tx, const PushNotificationRow& row) {
  Connection& connection = tx.connection();
  connection.execute(kInsertNotification, row.channel_id, row.member_id, row.message_id,
                     row.endpoint_id, row.endpoint_type, row.resource_arn, row.device_token,
                     row.push_notification, row.suppressed_by, row.created_ms);
  const RowId newest = connection.last_insert_id();
  if (newest % kPushNotificationsDroppedTogether != 0) return;
  connection.execute(kDropNotifications, newest - kPushNotificationsKept);
}

std::vector<PushNotificationRow> list_push_notifications(ReadTx& tx,
                                                         const PushNotificationFilter& filter) {
  Connection& connection = tx.connection();
  const RowId before = filter.before == 0 ? INT64_MAX : filter.before;
  if (!filter.message_id.empty()) {
    return read_all(connection.query(kListByMessage, before, filter.limit, filter.message_id,
                                     filter.channel_id, filter.member_id),
                    read_notification);
  }
  if (filter.member_id) {
    return read_all(
        connection.query(kListByMember, before, filter.limit, *filter.member_id, filter.channel_id),
        read_notification);
  }
  if (filter.channel_id) {
    return read_all(connection.query(kListByChannel, before, filter.limit, *filter.channel_id),
                    read_notification);
  }
  return read_all(connection.query(kListNotifications, before, filter.limit), read_notification);
}

}  // namespace carillon::store
