#include "api/admin/listings.h"

#include "api/admin/query.h"
#include "api/domain/paging.h"
#include "api/generated/messaging/codec.h"
#include "api/operations/access.h"
#include "api/operations/message_view.h"
#include "api/protocol/codec.h"
#include "api/protocol/json.h"
#include "api/service.h"
#include "store/app_instances.h"
#include "store/channel_flows.h"
#include "store/channels.h"
#include "store/flow_executions.h"
#include "store/messages.h"
#include "store/provisioned_resources.h"
#include "store/push_notifications.h"

namespace carillon::api::admin {
namespace {

void time(json::Writer& writer, std::string_view name, store::TimeMs ms) {
  writer.key(name).epoch_seconds(ms);
}

// {"<name>": [...], "NextToken": ...}
template <typename Rows, typename WriteRow, typename CursorOf>
std::string render_page(std::string_view name, Rows& rows, int limit,
                        const domain::PageScope& scope, WriteRow write_row, CursorOf cursor_of) {
  const bool more = domain::cut_page(rows, limit);
  json::Writer writer;
  writer.begin_object().key(name).begin_array();
  for (const auto& row : rows) write_row(writer, row);
  writer.end_array();
  if (more) {
    writer.member("NextToken",
                  std::string_view(domain::make_next_token(scope, cursor_of(rows.back()))));
  }
  return writer.end_object().take();
}

template <typename Row>
domain::Cursor by_id(const Row& row) {
  return {row.id, 0};
}

// Everything of a kind, without a filter. `path_name` is the end of the request's path, `name` the
// answer's member.
template <typename Row, typename WriteRow>
Result<std::string> list_everything(std::string_view target, std::string_view path_name,
                                    std::string_view name, store::ReadTx& tx,
                                    std::vector<Row> (*list)(store::ReadTx&, store::RowId, int),
                                    WriteRow write_row) {
  TRY_ASSIGN(const Query query, Query::parse(target, {}));
  TRY_ASSIGN(const int limit, query.max_results());
  const domain::PageScope scope = domain::page_scope(path_name, {});
  TRY_ASSIGN(const auto cursor, domain::read_next_token(scope, query.next_token()));
  auto rows = list(tx, cursor ? cursor->first : 0, limit + 1);
  return render_page(name, rows, limit, scope, write_row, &by_id<Row>);
}

HttpResponse respond(Result<std::string> body) {
  if (!body) return render(body.error());
  return {200, {}, std::move(*body)};
}

Result<store::ChannelRow> require_channel(store::ReadTx& tx, std::string_view arn) {
  auto channel = store::find_channel(tx, arn);
  if (channel) return std::move(*channel);
  return missing_resource("channel-arn", arn, domain::ArnKind::kChannel, Missing::kNotFound);
}

Result<store::IdentityRow> require_member(store::ReadTx& tx, std::string_view arn) {
  auto identity = store::find_identity(tx, arn);
  if (identity) return std::move(*identity);
  return missing_resource("member-arn", arn, domain::ArnKind::kUser, Missing::kNotFound);
}

void write_callback(json::Writer& writer, const store::CallbackRow& row,
                    const HasTarget& has_target) {
  const bool held = row.invocation == "QUEUED" && !has_target(row.processor_arn);
  writer.begin_object()
      .member("CallbackId", std::string_view(row.callback_id))
      .member("ChannelArn", std::string_view(row.channel_arn))
      .member("MessageId", std::string_view(row.message_id))
      .key("Processor")
      .begin_object()
      .member("Name", std::string_view(row.processor_name))
      .member("ResourceArn", std::string_view(row.processor_arn))
      .member("FallbackAction", std::string_view(row.fallback_action))
      .end_object()
      .member("Status", std::string_view(row.status))
      .member("Invocation", held ? std::string_view("HELD") : std::string_view(row.invocation));
  writer.optional_member("Detail", row.detail);
  time(writer, "CreatedTimestamp", row.created_ms);
  time(writer, "DeadlineTimestamp", row.deadline_ms);
  if (row.resolved_ms) time(writer, "ResolvedTimestamp", *row.resolved_ms);
  if (!row.event.empty()) writer.key("Event").raw(row.event);
  writer.end_object();
}

void write_message(json::Writer& writer, const store::MessageRow& row,
                   std::string_view channel_arn) {
  store::MessageRow as_stored = row;
  as_stored.pending_update.reset();
  writer.begin_object().key("ChannelMessage");
  encode(writer, messaging::view_message(as_stored, channel_arn, row.sender_id));
  if (row.pending_update) {
    writer.key("PendingUpdate").begin_object();
    writer.optional_member("Content", row.pending_update->content);
    writer.optional_member("Metadata", row.pending_update->metadata);
    writer.optional_member("ContentType", row.pending_update->content_type);
    writer.optional_raw_member("MessageAttributes", row.pending_update->message_attributes);
    writer.end_object();
  }
  writer.end_object();
}

void write_channel(json::Writer& writer, const store::ChannelRow& row) {
  writer.begin_object()
      .member("ChannelArn", std::string_view(row.arn))
      .member("Name", std::string_view(row.name))
      .member("Mode", std::string_view(row.mode))
      .member("Privacy", std::string_view(row.privacy));
  writer.optional_member("Metadata", row.metadata);
  writer.optional_member("ChannelFlowArn", row.channel_flow_arn);
  writer.key("CreatedBy")
      .begin_object()
      .member("Arn", std::string_view(row.created_by_arn))
      .member("Name", std::string_view(row.created_by_name))
      .end_object();
  time(writer, "CreatedTimestamp", row.created_ms);
  time(writer, "LastUpdatedTimestamp", row.updated_ms);
  writer.end_object();
}

void write_channel_flow(json::Writer& writer, const store::ChannelFlowRow& row,
                        const std::vector<store::ProcessorRow>& processors) {
  writer.begin_object()
      .member("ChannelFlowArn", std::string_view(row.arn))
      .member("Name", std::string_view(row.name))
      .key("Processors")
      .begin_array();
  for (const store::ProcessorRow& processor : processors) {
    writer.begin_object()
        .member("Name", std::string_view(processor.name))
        .member("ResourceArn", std::string_view(processor.lambda_arn))
        .member("ExecutionOrder", std::int64_t{processor.execution_order})
        .member("FallbackAction", std::string_view(processor.fallback_action))
        .end_object();
  }
  writer.end_array();
  time(writer, "CreatedTimestamp", row.created_ms);
  time(writer, "LastUpdatedTimestamp", row.updated_ms);
  writer.end_object();
}

void write_push_notification(json::Writer& writer, const store::PushNotificationRow& row) {
  writer.begin_object()
      .member("ChannelArn", std::string_view(row.channel_arn))
      .member("MessageId", std::string_view(row.message_id))
      .member("MemberArn", std::string_view(row.member_arn))
      .key("Endpoint")
      .begin_object()
      .member("EndpointId", std::string_view(row.endpoint_id))
      .member("Type", std::string_view(row.endpoint_type))
      .member("ResourceArn", std::string_view(row.resource_arn));
  writer.optional_member("DeviceToken", row.device_token);
  writer.end_object().member("Outcome", row.suppressed_by ? "SUPPRESSED" : "SENT");
  writer.optional_member("Reason", row.suppressed_by);
  writer.key("PushNotification")
      .raw(row.push_notification)
      .key("Data")
      .begin_object()
      .member("chime.message_id", std::string_view(row.message_id))
      .member("chime.channel_arn", std::string_view(row.channel_arn))
      .end_object();
  time(writer, "CreatedTimestamp", row.created_ms);
  writer.end_object();
}

Result<std::string> callbacks_body(store::ReadTx& tx, std::string_view target,
                                   const HasTarget& has_target) {
  TRY_ASSIGN(const Query query, Query::parse(target, {"status", "channel-arn", "message-id"}));
  TRY_ASSIGN(const std::string_view status,
             query.one_of("status", {"PENDING", "COMPLETED", "DENIED", "FAILED", "EXPIRED"}));
  TRY_ASSIGN(const int limit, query.max_results());
  const domain::PageScope scope = domain::page_scope(
      "callbacks", {status, query.text("channel-arn"), query.text("message-id")});
  TRY_ASSIGN(const auto cursor, domain::read_next_token(scope, query.next_token()));

  store::CallbackFilter filter;
  filter.status = status;
  filter.message_id = query.text("message-id");
  filter.before = cursor ? cursor->first : 0;
  filter.limit = limit + 1;
  if (const std::string_view arn = query.text("channel-arn"); !arn.empty()) {
    TRY_ASSIGN(const store::ChannelRow channel, require_channel(tx, arn));
    filter.channel_id = channel.id;
  }
  auto rows = store::list_callbacks(tx, filter);
  return render_page(
      "Callbacks", rows, limit, scope,
      [&](json::Writer& writer, const auto& row) { write_callback(writer, row, has_target); },
      &by_id<store::CallbackRow>);
}

Result<std::string> messages_body(store::ReadTx& tx, std::string_view target) {
  TRY_ASSIGN(const Query query, Query::parse(target, {"channel-arn"}));
  TRY_ASSIGN(const std::string_view arn, query.required("channel-arn"));
  TRY_ASSIGN(const int limit, query.max_results());
  TRY_ASSIGN(const store::ChannelRow channel, require_channel(tx, arn));
  const domain::PageScope scope = domain::page_scope("messages", {arn});
  TRY_ASSIGN(const auto cursor, domain::read_next_token(scope, query.next_token()));

  store::MessageRange range;
  range.ascending = true;
  range.limit = limit + 1;
  if (cursor) range.after = store::MessagePosition{cursor->first, cursor->second};
  auto rows = store::list_all_messages(tx, channel.id, range);
  return render_page(
      "Messages", rows, limit, scope,
      [&](json::Writer& writer, const auto& row) { write_message(writer, row, arn); },
      [](const auto& row) {
        return domain::Cursor{row.created_ms, row.id};
      });
}

Result<std::string> channels_body(store::ReadTx& tx, std::string_view target) {
  return list_everything(target, "channels", "Channels", tx, &store::list_all_channels,
                         &write_channel);
}

Result<std::string> channel_flows_body(store::ReadTx& tx, std::string_view target) {
  return list_everything(
      target, "channel-flows", "ChannelFlows", tx, &store::list_all_channel_flows,
      [&](json::Writer& writer, const store::ChannelFlowRow& row) {
        write_channel_flow(writer, row, store::list_processors(tx, row.version_id));
      });
}

Result<std::string> push_notifications_body(store::ReadTx& tx, std::string_view target) {
  TRY_ASSIGN(const Query query, Query::parse(target, {"channel-arn", "message-id", "member-arn"}));
  TRY_ASSIGN(const int limit, query.max_results());
  const domain::PageScope scope = domain::page_scope(
      "push-notifications",
      {query.text("channel-arn"), query.text("message-id"), query.text("member-arn")});
  TRY_ASSIGN(const auto cursor, domain::read_next_token(scope, query.next_token()));

  store::PushNotificationFilter filter;
  filter.message_id = query.text("message-id");
  filter.before = cursor ? cursor->first : 0;
  filter.limit = limit + 1;
  if (const std::string_view arn = query.text("channel-arn"); !arn.empty()) {
    TRY_ASSIGN(const store::ChannelRow channel, require_channel(tx, arn));
    filter.channel_id = channel.id;
  }
  if (const std::string_view arn = query.text("member-arn"); !arn.empty()) {
    TRY_ASSIGN(const store::IdentityRow member, require_member(tx, arn));
    filter.member_id = member.id;
  }
  auto rows = store::list_push_notifications(tx, filter);
  return render_page("PushNotifications", rows, limit, scope, &write_push_notification,
                     &by_id<store::PushNotificationRow>);
}

Result<std::string> provisioned_body(store::ReadTx& tx, std::string_view target) {
  return list_everything(target, "provisioned", "Provisioned", tx,
                         &store::list_provisioned_resources,
                         [](json::Writer& writer, const store::ProvisionedRow& row) {
                           writer.begin_object().member("Arn", std::string_view(row.arn));
                           time(writer, "CreatedTimestamp", row.created_ms);
                           writer.end_object();
                         });
}

}  // namespace

HttpResponse list_callbacks(store::ReadTx& tx, const HttpRequest& request,
                            const HasTarget& has_target) {
  return respond(callbacks_body(tx, request.target, has_target));
}

HttpResponse list_messages(store::ReadTx& tx, const HttpRequest& request) {
  return respond(messages_body(tx, request.target));
}

HttpResponse list_channels(store::ReadTx& tx, const HttpRequest& request) {
  return respond(channels_body(tx, request.target));
}

HttpResponse list_channel_flows(store::ReadTx& tx, const HttpRequest& request) {
  return respond(channel_flows_body(tx, request.target));
}

HttpResponse list_push_notifications(store::ReadTx& tx, const HttpRequest& request) {
  return respond(push_notifications_body(tx, request.target));
}

HttpResponse list_provisioned(store::ReadTx& tx, const HttpRequest& request) {
  return respond(provisioned_body(tx, request.target));
}

}  // namespace carillon::api::admin
