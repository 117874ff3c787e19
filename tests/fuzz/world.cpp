#include "tests/fuzz/world.h"

#include <string>
#include <utility>
#include <variant>

#include "api/call.h"
#include "api/limits.h"
#include "api/messaging_session.h"
#include "api/protocol/json.h"
#include "store/app_instances.h"
#include "store/channel_flows.h"
#include "store/channel_memberships.h"
#include "store/channel_moderators.h"
#include "store/channels.h"
#include "store/connection.h"
#include "store/flow_executions.h"
#include "store/messages.h"
#include "tests/fuzz/invariants.h"

namespace carillon::fuzz {
namespace {

constexpr std::int64_t kNowMs = 1'704'164'645'678;
constexpr std::uint64_t kSeed = 7;

#define APP_INSTANCE \
  "arn:aws:chime:us-east-1:111122223333:app-instance/8a6b1c2d-0f3e-4a5b-9c7d-1e2f3a4b5c6d"
constexpr std::string_view kAppInstance = APP_INSTANCE;
constexpr std::string_view kAlice = APP_INSTANCE "/user/alice";
constexpr std::string_view kBob = APP_INSTANCE "/user/bob";
constexpr std::string_view kAdmin = APP_INSTANCE "/user/admin-1";
constexpr std::string_view kBot = APP_INSTANCE "/bot/5f0c2b1a";
constexpr std::string_view kChannel = APP_INSTANCE "/channel/d1c2b3a4";
constexpr std::string_view kFlow = APP_INSTANCE "/channel-flow/77aa88bb";
#undef APP_INSTANCE
constexpr std::string_view kPendingMessage = "sample-1";
constexpr std::string_view kSentMessage = "sample-2";
constexpr std::string_view kCallback = "0b9c6d1e-7f2a-4c3b-8d5e-6f7a8b9c0d1e";
constexpr std::string_view kLambda = "arn:aws:lambda:us-east-1:111122223333:function:moderate";

store::RowId add_identity(store::WriteTx& tx, store::RowId app_instance_id, std::string_view arn) {
  store::IdentityRow row;
  row.app_instance_id = app_instance_id;
  row.arn = arn;
  row.name = arn.substr(arn.rfind('/') + 1);
  row.created_ms = row.updated_ms = kNowMs;
  return store::insert_identity(tx, row);
}

store::RowId add_flow(store::WriteTx& tx, store::RowId app_instance_id) {
  store::ChannelFlowRow row;
  row.app_instance_id = app_instance_id;
  row.arn = kFlow;
  row.name = "flow";
  row.created_ms = row.updated_ms = kNowMs;
  const store::ProcessorRow first{1, "first", std::string(kLambda), "ASYNC", "ABORT"};
  const store::ProcessorRow second{2, "second", std::string(kLambda), "ASYNC", "CONTINUE"};
  return store::insert_channel_flow(tx, row, {first, second});
}

store::RowId add_channel(store::WriteTx& tx, store::RowId app_instance_id, store::RowId flow_id) {
  store::ChannelRow row;
  row.app_instance_id = app_instance_id;
  row.arn = kChannel;
  row.name = "channel";
  row.mode = "UNRESTRICTED";
  row.privacy = "PUBLIC";
  row.created_by_arn = kAlice;
  row.created_by_name = "alice";
  row.created_ms = row.updated_ms = kNowMs;
  const store::RowId id = store::insert_channel(tx, row);
  store::set_channel_flow(tx, id, flow_id, kNowMs);
  return id;
}

store::RowId add_message(store::WriteTx& tx, store::RowId channel_id, store::RowId sender_id,
                         std::string_view message_id, std::string_view status) {
  store::MessageRow row;
  row.channel_id = channel_id;
  row.sender_id = sender_id;
  row.message_id = message_id;
  row.type = "STANDARD";
  row.persistence = "PERSISTENT";
  row.status = status;
  row.revision.content = "hello";
  row.created_ms = row.updated_ms = kNowMs;
  return store::insert_message(tx, row);
}

void add_execution(store::WriteTx& tx, store::RowId channel_id, store::RowId message_row_id) {
  store::FlowExecutionRow execution;
  execution.message_row_id = message_row_id;
  execution.kind = "CREATE";
  execution.flow_version_id = store::find_channel_flow(tx, kFlow)->version_id;
  execution.revision.content = "hello";
  execution.created_ms = kNowMs;
  store::insert_flow_execution(tx, execution);
  store::CallbackRow callback;
  callback.callback_id = kCallback;
  callback.message_row_id = message_row_id;
  callback.channel_id = channel_id;
  callback.message_id = kPendingMessage;
  callback.processor_name = "first";
  callback.processor_arn = kLambda;
  callback.fallback_action = "ABORT";
  callback.status = "PENDING";
  callback.invocation = "HELD";
  callback.event = "{}";
  callback.created_ms = kNowMs;
  callback.deadline_ms = kNowMs + 1'000'000;
  store::insert_callback(tx, callback);
}

void populate(store::WriteTx& tx) {
  store::AppInstanceRow app_instance;
  app_instance.arn = kAppInstance;
  app_instance.name = "app";
  app_instance.created_ms = app_instance.updated_ms = kNowMs;
  const store::RowId app_instance_id = store::insert_app_instance(tx, app_instance);
  const store::RowId alice = add_identity(tx, app_instance_id, kAlice);
  const store::RowId bob = add_identity(tx, app_instance_id, kBob);
  store::insert_admin(tx, app_instance_id, alice, kNowMs);
  store::insert_admin(tx, app_instance_id, add_identity(tx, app_instance_id, kAdmin), kNowMs);
  const store::RowId channel = add_channel(tx, app_instance_id, add_flow(tx, app_instance_id));
  store::insert_membership(tx, channel, alice, "DEFAULT", alice, kNowMs);
  store::insert_membership(tx, channel, bob, "HIDDEN", alice, kNowMs);
  store::insert_moderator(tx, channel, alice, alice, kNowMs);
  add_execution(tx, channel, add_message(tx, channel, alice, kPendingMessage, "PENDING"));
  add_message(tx, channel, alice, kSentMessage, "SENT");
}

// Whoever asks without credentials is of the account that the world is of.
const api::Options& options() {
  static const api::Options kOptions = [] {
    api::Options options;
    options.default_account = "111122223333";
    return options;
  }();
  return kOptions;
}

void check_effect(const api::Effect& effect) {
  if (const auto* told = std::get_if<api::SessionEvent>(&effect)) {
    require(!api::json::Document(told->payload).error(), "what users are told is JSON");
    require(told->channel_id.has_value() == told->user_ids.empty(),
            "an event is for a channel or for users");
  }
  const auto* invoke = std::get_if<api::InvokeProcessor>(&effect);
  if (invoke == nullptr) return;
  const api::json::Document event(invoke->event);
  require(!event.error(), "what a processor gets is JSON");
  require(event.root().find("CallbackId").string() == invoke->callback_id,
          "what a processor gets names its callback");
}

void check_connect(const api::HttpRequest& request) {
  const auto connect = api::read_connect_request(request, options());
  if (connect) {
    require(!connect->user_arn.empty() && !connect->session_id.empty(), "a session is somebody's");
    return;
  }
  require(connect.error().kind == api::ErrorKind::kBadRequest, "a connect request was understood");
  require(connect.error().message.size() <= api::kCloseReasonBytesMax,
          "a close frame has room for why");
}

}  // namespace

std::string_view sample_value(std::string_view member) {
  static constexpr std::pair<std::string_view, std::string_view> kValues[] = {
      {"AppInstanceArn", kAppInstance},
      {"AppInstanceAdminArn", kAdmin},
      {"AppInstanceBotArn", kBot},
      {"AppInstanceUserArn", kAlice},
      {"ChannelArn", kChannel},
      {"ChannelFlowArn", kFlow},
      {"ChannelModeratorArn", kAlice},
      {"ChimeBearer", kAlice},
      {"MemberArn", kBob},
      {"ResourceARN", kChannel},
      {"MessageId", kSentMessage},
  };
  for (const auto& [name, value] : kValues) {
    if (name == member) return value;
  }
  return "sample-1";
}

World& World::instance() {
  static World world;
  return world;
}

World::World() : database_(store::Database::ephemeral(0)) {
  store::Connection& connection = database_.writer_connection();
  connection.begin_immediate();
  store::WriteTx tx(connection, 1);
  populate(tx);
  connection.commit();
}

void World::ask(const api::HttpRequest& request) {
  check_connect(request);
  std::size_t request_bytes = request.method.size() + request.target.size() + request.body.size();
  request_bytes += request.headers.find("x-amz-chime-bearer").value_or("").size();
  auto result = api::prepare(request, options());
  if (auto* response = std::get_if<api::HttpResponse>(&result)) {
    require(response->is_error(), "what prepare answers by itself is an error");
    check_answer(*response, request_bytes);
    return;
  }
  run(std::move(std::get<api::Prepared>(result)), request_bytes);
}

void World::run(api::Prepared prepared, std::size_t request_bytes) {
  api::Ids ids(kSeed);
  api::Call call{kNowMs + 1'000, ids, options(), prepared.caller()};
  store::Connection& connection = database_.writer_connection();
  connection.begin_immediate();
  store::WriteTx tx(connection, 2);
  store::ReadTx& read_tx = tx;
  const api::HttpResponse response =
      prepared.reads() ? prepared.run(call, read_tx) : prepared.run(call, tx);
  connection.rollback();
  check_answer(response, request_bytes);
  for (const api::Effect& effect : call.effects) check_effect(effect);
}

}  // namespace carillon::fuzz
