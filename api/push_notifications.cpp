#include "api/push_notifications.h"

#include <stdexcept>
#include <string_view>
#include <utility>

#include "api/domain/filter_rule.h"
#include "api/generated/identity/codec.h"
#include "api/generated/messaging/codec.h"
#include "api/limits.h"
#include "api/operations/message_rules.h"
#include "api/operations/stored_json.h"
#include "store/push_notifications.h"

namespace carillon::api {
namespace {

using messaging::AllowNotifications;

domain::AttributeTexts attribute_texts(const store::OptionalText& stored) {
  domain::AttributeTexts texts;
  auto attributes = messaging::attributes_from_json(stored);
  if (!attributes) return texts;
  for (auto& [name, value] : *attributes) {
    texts.emplace(name, std::move(value.string_values).value_or(std::vector<std::string>()));
  }
  return texts;
}

// One step of one message.
class Recorder {
 public:
  Recorder(store::WriteTx& tx, const store::PushFanOutRow& message)
      : tx_(tx),
        message_(message),
        is_voip_(
            from_stored_json<messaging::PushNotificationConfiguration>(message.push_notification)
                ->type == messaging::PushNotificationType::kVoip) {}

  void record(const store::PushReceiverRow& receiver) {
    store::PushNotificationRow row;
    row.channel_id = message_.channel_id;
    row.member_id = receiver.position.member_id;
    row.message_id = message_.message_id;
    row.endpoint_id = receiver.endpoint_id;
    row.endpoint_type = receiver.endpoint_type;
    row.resource_arn = receiver.resource_arn;
    row.device_token = device_token(receiver);
    row.push_notification = message_.push_notification;
    row.created_ms = message_.sent_ms;
    if (const std::string_view reason = why_not(receiver, row); !reason.empty()) {
      row.suppressed_by = reason;
    }
    store::insert_push_notification(tx_, row);
  }

 private:
  // Documented: VOIP is a kind of push of Apple's devices, which have a token of their own for it.
  store::OptionalText device_token(const store::PushReceiverRow& receiver) const {
    auto attributes = from_stored_json<identity::EndpointAttributes>(receiver.endpoint_attributes);
    if (is_voip_ && receiver.endpoint_type != "GCM") {
      return std::move(attributes->voip_device_token);
    }
    return std::move(attributes->device_token);
  }

  // Empty if nothing is in the way.
  std::string_view why_not(const store::PushReceiverRow& receiver,
                           const store::PushNotificationRow& row) {
    if (receiver.allow_messages == "NONE") return "ENDPOINT_ALLOW_MESSAGES_NONE";
    if (const std::string_view reason = why_not(receiver.preferences); !reason.empty()) {
      return reason;
    }
    return row.device_token ? std::string_view() : "NO_VOIP_DEVICE_TOKEN";
  }

  // Who has set no preferences gets all.
  std::string_view why_not(const store::OptionalText& stored_preferences) {
    const auto preferences =
        from_stored_json<messaging::ChannelMembershipPreferences>(stored_preferences);
    if (!preferences || !preferences->push_notifications) return {};
    switch (preferences->push_notifications->allow_notifications) {
      case AllowNotifications::kAll: return {};
      case AllowNotifications::kNone: return "PREFERENCES_NONE";
      case AllowNotifications::kFiltered: break;
    }
    const auto rule =
        domain::parse_filter_rule(preferences->push_notifications->filter_rule.value());
    if (!rule) throw std::logic_error("a stored filter rule is not valid: " + rule.error().message);
    if (!attributes_) attributes_ = attribute_texts(message_.message_attributes);
    return domain::matches(*rule, *attributes_) ? std::string_view() : "FILTER_RULE";
  }

  store::WriteTx& tx_;
  const store::PushFanOutRow& message_;
  const bool is_voip_;
  std::optional<domain::AttributeTexts> attributes_;  // once somebody has a rule
};

// Returns whether there are more receivers, and leaves in `message` how far it got.
bool record_some(store::WriteTx& tx, store::PushFanOutRow& message) {
  const auto receivers = store::list_push_receivers(tx, message.channel_id, message.target_id,
                                                    message.position, kPushReceiversPerStep);
  Recorder recorder(tx, message);
  for (const store::PushReceiverRow& receiver : receivers) {
    if (receiver.position.endpoint_row_id != 0) recorder.record(receiver);
  }
  if (receivers.size() < static_cast<std::size_t>(kPushReceiversPerStep)) return false;
  message.position = receivers.back().position;
  return true;
}

}  // namespace

void notify_by_push(Call& call, store::WriteTx& tx, const store::MessageRow& message) {
  const store::MessageRevision& revision = message.revision;
  if (!revision.push_notification) return;
  store::PushFanOutRow fan_out;
  fan_out.channel_id = message.channel_id;
  fan_out.target_id = message.target_id;
  fan_out.message_id = message.message_id;
  fan_out.message_attributes = revision.message_attributes;
  fan_out.push_notification = *revision.push_notification;
  fan_out.sent_ms = call.now_ms;
  if (!record_some(tx, fan_out)) return;
  store::insert_push_fan_out(tx, fan_out);
  call.emit(RecordPushNotifications{});
}

bool record_push_notifications(store::WriteTx& tx) {
  auto message = store::first_push_fan_out(tx);
  if (!message) return false;
  if (record_some(tx, *message)) {
    store::set_push_fan_out_position(tx, message->id, message->position);
    return true;
  }
  store::delete_push_fan_out(tx, message->id);
  return push_notifications_pending(tx);
}

bool push_notifications_pending(store::ReadTx& tx) {
  return store::first_push_fan_out(tx).has_value();
}

}  // namespace carillon::api
