// ChannelFlowCallback: the verdict of a channel flow's processor.
#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"
#include "api/operations/flow_engine.h"
#include "api/operations/message_rules.h"
#include "api/operations/stored_json.h"
#include "store/channels.h"
#include "store/flow_executions.h"

namespace carillon::api::messaging {
namespace {

// A callback that waits no more. The texts were observed, and by them: a message that the service
// still knows is "non-pending"; one that it dropped, or whose time is over, may not be touched; two
// callbacks that arrive together are a conflict.
Error resolved_error(const store::CallbackRow& callback, const store::WriteTx& tx) {
  if (callback.resolved_batch == tx.batch()) return error::racing_callbacks();
  if (callback.status == "DENIED" || callback.status == "EXPIRED") return error::forbidden();
  return error::message_not_pending(callback.callback_id, callback.message_id);
}

// Whether the request names the channel and the message that the callback was made for. Nothing is
// known of what the service answers otherwise; like an unknown CallbackId it is Forbidden.
bool names_its_message(const store::CallbackRow& callback, const ChannelFlowCallbackRequest& in) {
  return callback.channel_arn == in.channel_arn &&
         callback.message_id == in.channel_message.message_id;
}

domain::FlowEvent verdict(const ChannelFlowCallbackRequest& in) {
  if (in.delete_resource.value_or(false)) return domain::Denied{};
  const ChannelMessageCallback& message = in.channel_message;
  return domain::Passed{{message.content, message.metadata, message.content_type,
                         attributes_json(message.message_attributes),
                         to_stored_json(message.push_notification)}};
}

}  // namespace

Result<ChannelFlowCallbackResponse> channel_flow_callback(Call& call, store::WriteTx& tx,
                                                          const ChannelFlowCallbackRequest& in) {
  const auto callback = store::find_callback(tx, in.callback_id);
  if (!callback || !names_its_message(*callback, in)) {
    return missing_resource("ChannelArn", in.channel_arn, domain::ArnKind::kChannel,
                            Missing::kForbidden);
  }
  if (callback->status != "PENDING") return resolved_error(*callback, tx);
  // The deadline counts even when the job that notices it has not run yet.
  if (callback->deadline_ms <= call.now_ms) return error::forbidden();

  const ChannelMessageCallback& message = in.channel_message;
  if (message.sub_channel_id) {
    const auto channel = store::find_channel(tx, callback->channel_arn);
    TRY(check_sub_channel(channel && channel->elastic_configuration, message.sub_channel_id,
                          Missing::kForbidden));
  }
  if (message.content) TRY(check_standard_content(*message.content));
  TRY(check_attributes(message.message_attributes));
  continue_flow(call, tx, *callback, verdict(in));
  return ChannelFlowCallbackResponse{in.channel_arn, in.callback_id};
}

}  // namespace carillon::api::messaging
