// The rows of the database as plain values. Times are milliseconds since the Unix epoch; ids are
// the integer keys that rows use among themselves and never leave the process; ARNs and the ids in
// them are what clients see. Text that the store does not understand (attributes, push settings,
// targets, events) is JSON made and read by api/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace carillon::store {

using RowId = std::int64_t;
using TimeMs = std::int64_t;
using OptionalText = std::optional<std::string>;

struct AppInstanceRow {
  RowId id = 0;
  std::string arn;
  std::string name;
  OptionalText metadata;
  TimeMs created_ms = 0;
  TimeMs updated_ms = 0;
};

// An AppInstanceUser. The table is called identities because AppInstanceBots share it: both may be
// bearer, member, moderator and administrator.
struct IdentityRow {
  RowId id = 0;
  RowId app_instance_id = 0;
  std::string arn;
  std::string name;
  OptionalText metadata;
  OptionalText expiration;  // ExpirationSettings as JSON
  TimeMs created_ms = 0;
  TimeMs updated_ms = 0;
};

// An AppInstanceBot: an identity with a configuration.
struct BotRow {
  RowId id = 0;
  RowId app_instance_id = 0;
  std::string arn;
  std::string name;
  OptionalText metadata;
  std::string configuration;  // JSON
  TimeMs created_ms = 0;
  TimeMs updated_ms = 0;
};

// Of any resource that has an ARN.
struct TagRow {
  std::string key;
  std::string value;
};

// A device of a user, for push notifications.
struct EndpointRow {
  RowId id = 0;
  RowId user_id = 0;
  std::string endpoint_id;
  OptionalText name;
  std::string type;  // APNS | APNS_SANDBOX | GCM
  std::string resource_arn;
  std::string attributes;      // EndpointAttributes as JSON
  std::string allow_messages;  // ALL | NONE
  TimeMs created_ms = 0;
  TimeMs updated_ms = 0;
};

struct AdminRow {
  RowId identity_id = 0;
  std::string arn;   // of the identity
  std::string name;  // of the identity, as it is now
  TimeMs created_ms = 0;
};

// One processor of a channel flow version.
struct ProcessorRow {
  int execution_order = 0;
  std::string name;
  std::string lambda_arn;
  std::string invocation_type;
  std::string fallback_action;
};

// UpdateChannelFlow makes a new version; messages under way keep the version they entered with.
struct ChannelFlowRow {
  RowId id = 0;
  RowId app_instance_id = 0;
  RowId version_id = 0;
  std::string arn;
  std::string name;
  TimeMs created_ms = 0;
  TimeMs updated_ms = 0;
};

struct ChannelRow {
  RowId id = 0;
  RowId app_instance_id = 0;
  std::string arn;
  std::string name;
  std::string mode;     // RESTRICTED | UNRESTRICTED
  std::string privacy;  // PUBLIC | PRIVATE
  OptionalText metadata;
  std::string created_by_arn;
  std::string created_by_name;
  std::optional<RowId> channel_flow_id;
  OptionalText channel_flow_arn;
  OptionalText elastic_configuration;  // JSON
  OptionalText expiration;             // JSON
  TimeMs created_ms = 0;
  TimeMs updated_ms = 0;
};

struct MembershipRow {
  RowId member_id = 0;
  std::string member_arn;
  std::string member_name;
  std::string type;  // DEFAULT | HIDDEN
  std::string invited_by_arn;
  std::string invited_by_name;
  std::optional<TimeMs> read_marker_ms;
  TimeMs created_ms = 0;
  TimeMs updated_ms = 0;
};

// A membership seen from its member: the channel, and what he is in it.
struct MemberChannelRow {
  RowId channel_id = 0;
  ChannelRow channel;
  std::string type;  // DEFAULT | HIDDEN
  std::optional<TimeMs> read_marker_ms;
};

// The same without the channel: how far the member has read.
struct MemberReadRow {
  RowId channel_id = 0;
  std::optional<TimeMs> read_marker_ms;
};

struct ModeratorRow {
  RowId identity_id = 0;
  std::string arn;   // of the identity
  std::string name;  // of the identity, as it is now
  std::string created_by_arn;
  std::string created_by_name;
  TimeMs created_ms = 0;
};

struct BanRow {
  RowId member_id = 0;
  std::string member_arn;
  std::string member_name;
  std::string created_by_arn;
  std::string created_by_name;
  TimeMs created_ms = 0;
};

// What of a message a processor may change, and what an update replaces.
struct MessageRevision {
  OptionalText content;  // absent once redacted
  OptionalText metadata;
  OptionalText content_type;
  OptionalText message_attributes;  // JSON
  OptionalText push_notification;   // JSON
};

struct MessageRow {
  RowId id = 0;
  RowId channel_id = 0;
  RowId sender_id = 0;
  std::string message_id;
  std::string sender_arn;
  std::string sender_name;
  std::string type;         // STANDARD | CONTROL
  std::string persistence;  // PERSISTENT | NON_PERSISTENT
  std::string status;       // SENT | PENDING | FAILED
  OptionalText status_detail;
  MessageRevision revision;
  std::optional<RowId> target_id;  // whom it is for, if not for the whole channel
  OptionalText target_arn;
  OptionalText sub_channel_id;
  bool redacted = false;
  TimeMs created_ms = 0;
  std::optional<TimeMs> edited_ms;
  TimeMs updated_ms = 0;
  // An update that is going through the channel flow; others still read `revision`.
  std::optional<MessageRevision> pending_update;
};

// A message, or an update of one, on its way through a channel flow. At most one for each message.
struct FlowExecutionRow {
  RowId message_row_id = 0;
  std::string kind;  // CREATE | UPDATE
  RowId flow_version_id = 0;
  int step = 0;              // index into the version's processors, in execution order
  MessageRevision revision;  // as the processors have left it so far
  TimeMs created_ms = 0;
};

// One invocation of one processor: what it was sent, and what became of it.
struct CallbackRow {
  RowId id = 0;
  std::string callback_id;
  RowId message_row_id = 0;
  RowId channel_id = 0;
  std::string message_id;
  std::string channel_arn;
  std::string processor_name;
  std::string processor_arn;
  std::string fallback_action;
  std::string status;      // PENDING | COMPLETED | DENIED | FAILED | EXPIRED
  std::string invocation;  // QUEUED | ACCEPTED | FAILED
  OptionalText detail;     // why FAILED
  std::string event;       // exactly what the processor gets, JSON; empty once it was dropped
  std::int64_t resolved_batch = 0;
  TimeMs created_ms = 0;
  TimeMs deadline_ms = 0;
  std::optional<TimeMs> resolved_ms;
};

// Something that came to exist because a request named it.
struct ProvisionedRow {
  RowId id = 0;
  std::string arn;
  TimeMs created_ms = 0;
};

// How far the members of a channel, each with his endpoints, have been gone through.
struct PushPosition {
  RowId member_id = 0;
  RowId endpoint_row_id = 0;
};

// A member of a channel with one of his endpoints. What follows the position is empty when he has
// none: its endpoint_row_id is 0 then.
struct PushReceiverRow {
  PushPosition position;
  OptionalText preferences;  // JSON
  std::string endpoint_id;
  std::string endpoint_type;  // APNS | APNS_SANDBOX | GCM
  std::string resource_arn;
  std::string endpoint_attributes;  // JSON
  std::string allow_messages;       // ALL | NONE
};

// A message that was sent and of which not all members have been notified yet.
struct PushFanOutRow {
  RowId id = 0;
  RowId channel_id = 0;
  std::optional<RowId> target_id;  // whom it is for, if not for the whole channel
  std::string message_id;
  OptionalText message_attributes;  // JSON
  std::string push_notification;    // PushNotificationConfiguration as JSON
  PushPosition position;            // the last that was looked at
  TimeMs sent_ms = 0;
};

// A push notification that would have been sent to an endpoint, or would not, and why.
struct PushNotificationRow {
  RowId id = 0;
  RowId channel_id = 0;
  RowId member_id = 0;
  std::string channel_arn;
  std::string member_arn;
  std::string message_id;  // of the message, which may be gone
  std::string endpoint_id;
  std::string endpoint_type;
  std::string resource_arn;
  OptionalText device_token;      // where it goes
  std::string push_notification;  // PushNotificationConfiguration as JSON
  OptionalText suppressed_by;     // why it was not sent
  TimeMs created_ms = 0;
};

// The answer that was given to a ClientRequestToken.
struct TokenRow {
  std::string fingerprint;  // of the request, binary
  int http_status = 0;
  std::string response;
};

}  // namespace carillon::store
