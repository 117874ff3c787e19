#include "tests/component/audience.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "api/domain/arn.h"
#include "api/protocol/json.h"
#include "store/app_instances.h"

namespace carillon::tests {

namespace json = api::json;

void Audience::meet(store::ReadTx& tx, const Variables& variables) {
  for (const auto& [variable, value] : variables) {
    if (api::domain::arn_kind(value) == api::domain::ArnKind::kOther) continue;
    if (const auto user = store::find_identity(tx, value)) names_[user->id] = user->arn;
  }
}

void Audience::follow(const api::Effect& effect) {
  if (const auto* event = std::get_if<api::SessionEvent>(&effect)) {
    hear(*event);
  } else if (const auto* added = std::get_if<api::MemberAdded>(&effect)) {
    if (!members_[added->channel_id].insert(added->member_id).second) {
      throw CaseFailure(name(added->member_id) + " is added to a channel that he is in");
    }
  } else if (const auto* removed = std::get_if<api::MemberRemoved>(&effect)) {
    if (members_[removed->channel_id].erase(removed->member_id) == 0) {
      throw CaseFailure(name(removed->member_id) + " is removed from a channel that he is not in");
    }
  } else if (const auto* channel = std::get_if<api::ChannelRemoved>(&effect)) {
    members_.erase(channel->channel_id);
  } else if (const auto* user = std::get_if<api::UserRemoved>(&effect)) {
    lose(name(user->user_id));
  } else if (const auto* app_instance = std::get_if<api::AppInstanceRemoved>(&effect)) {
    lose(app_instance->arn);
  }
}

void Audience::hear(const api::SessionEvent& event) {
  std::vector<std::string> to;
  for (const store::RowId user : event.user_ids) to.push_back(name(user));
  if (event.channel_id) {
    if (!event.user_ids.empty()) throw CaseFailure("an event is for a channel and for users");
    for (const store::RowId user : members_[*event.channel_id]) to.push_back(name(user));
  }
  std::sort(to.begin(), to.end());
  json::Writer writer;
  writer.begin_object()
      .member("Type", event.type)
      .member("MessageType", event.message_type)
      .key("To")
      .begin_array();
  for (const std::string& arn : to) writer.string(arn);
  writer.end_array().key("Payload").raw(event.payload).end_object();
  news_.push_back(writer.take());
}

// The sessions of a user, or of all users of an app instance, end.
void Audience::lose(const std::string& arn) {
  for (const auto& [user, of_user] : names_) {
    if (of_user != arn && !of_user.starts_with(arn + "/")) continue;
    for (auto& [channel, members] : members_) members.erase(user);
  }
  json::Writer writer;
  writer.begin_object().member("Gone", std::string_view(arn)).end_object();
  news_.push_back(writer.take());
}

std::string Audience::name(store::RowId user_id) const {
  const auto found = names_.find(user_id);
  return found == names_.end() ? "user " + std::to_string(user_id) : found->second;
}

std::string Audience::take_news() {
  json::Writer writer;
  writer.begin_array();
  for (const std::string& piece : std::exchange(news_, {})) writer.raw(piece);
  return writer.end_array().take();
}

}  // namespace carillon::tests
