#include "server/sessions/session_hub.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "api/domain/arn.h"
#include "server/limits.h"

namespace carillon::server {

using store::RowId;

SessionHub::SessionHub(Hooks hooks) : hooks_(std::move(hooks)) {}

void SessionHub::take(HubSteps steps) {
  queue_.push_back(std::move(steps));
  if (queue_.size() > kHubBacklogMax) {
    // Without recipients the rest costs little; who connects again joins behind it.
    remove_users(CloseCode::kTryAgainLater, "More happens than the server can tell.",
                 [](const User&) { return true; });
  }
  if (!waiting_) run();
}

// Goes on with what is queued until so much is delivered that the rest needs another turn.
void SessionHub::run() {
  waiting_ = false;
  if (turns_to_rest_ > 0) return run_later();
  deliveries_left_ = kDeliveriesPerTurnMax;
  while (!queue_.empty()) {
    const HubSteps steps = queue_.front();
    while (next_step_ < steps->size()) {
      if (!run_step((*steps)[next_step_])) return run_later();
      ++next_step_;
      if (turns_to_rest_ > 0) return run_later();
    }
    next_step_ = 0;
    queue_.pop_front();
    hooks_.told();
  }
}

void SessionHub::run_later() {
  waiting_ = true;
  if (turns_to_rest_ > 0) --turns_to_rest_;
  hooks_.later([this] { run(); });
}

// False when it is not done yet.
bool SessionHub::run_step(const HubStep& step) {
  if (const auto* delivery = std::get_if<Delivery>(&step)) return deliver(*delivery);
  if (const auto* told = std::get_if<Told>(&step)) {
    told->then();
  } else if (const auto* added = std::get_if<api::MemberAdded>(&step)) {
    add_member(added->channel_id, added->member_id);
  } else if (const auto* removed = std::get_if<api::MemberRemoved>(&step)) {
    remove_member(removed->channel_id, removed->member_id);
  } else if (const auto* channel = std::get_if<api::ChannelRemoved>(&step)) {
    remove_channel(channel->channel_id);
  } else if (const auto* removed_user = std::get_if<api::UserRemoved>(&step)) {
    const auto user = users_.find(removed_user->user_id);
    if (user != users_.end()) {
      end_sessions(user, CloseCode::kForbidden, "The user was deleted.");
    }
  } else if (const auto* app_instance = std::get_if<api::AppInstanceRemoved>(&step)) {
    const std::string below = app_instance->arn + "/";
    remove_users(CloseCode::kForbidden, "The user's app instance was deleted.",
                 [&](const User& user) { return user.arn.starts_with(below); });
  } else if (const auto* account = std::get_if<AccountRemoved>(&step)) {
    remove_users(CloseCode::kForbidden, "Everything was reset.", [&](const User& user) {
      return account->account.empty() ||
             api::domain::arn_owner(user.arn).value().account == account->account;
    });
  } else if (const auto* joined = std::get_if<SessionJoined>(&step)) {
    join(*joined);
  } else if (const auto* loaded = std::get_if<ChannelsLoaded>(&step)) {
    const auto user = users_.find(loaded->user_id);
    if (user != users_.end() && user->second.load == loaded->load) {
      add_page(user->first, user->second, loaded->page);
    }
  } else if (const auto* failed = std::get_if<LoadFailed>(&step)) {
    const auto user = users_.find(failed->user_id);
    if (user != users_.end() && user->second.load == failed->load) {
      end_sessions(user, failed->code, "The user's channels cannot be read now.");
    }
  }
  return true;
}

// In pieces: what thousands of sessions are told must not hold up the thread's other connections.
bool SessionHub::deliver(const Delivery& delivery) {
  if (recipients_.empty()) collect(delivery);
  const std::size_t end = std::min(recipients_.size(), next_recipient_ + deliveries_left_);
  deliveries_left_ -= end - next_recipient_;
  for (; next_recipient_ < end; ++next_recipient_) {
    if (!recipients_[next_recipient_]->deliver(delivery.frame)) crowded_ = true;
  }
  if (next_recipient_ < recipients_.size()) return false;
  recipients_.clear();
  next_recipient_ = 0;
  // A session writes a record's worth in a turn. Nobody is to fall behind because the server tells
  // faster than it writes.
  if (crowded_) turns_to_rest_ = 1 + delivery.frame->size() / kTlsRecordBytesMax;
  crowded_ = false;
  return true;
}

void SessionHub::collect(const Delivery& delivery) {
  const auto add = [this](RowId user_id) {
    const auto user = users_.find(user_id);
    if (user == users_.end() || !user->second.live) return;
    recipients_.insert(recipients_.end(), user->second.sessions.begin(),
                       user->second.sessions.end());
  };
  if (!delivery.channel_id) {
    for (const RowId user_id : delivery.user_ids) add(user_id);
    return;
  }
  const auto channel = channels_.find(*delivery.channel_id);
  if (channel == channels_.end()) return;
  for (const RowId user_id : channel->second) add(user_id);
}

void SessionHub::join(const SessionJoined& joined) {
  if (joined.session->ended()) return hooks_.left(joined.user_id);
  user_of_session_.emplace(joined.session.get(), joined.user_id);
  const auto [entry, is_new] = users_.try_emplace(joined.user_id);
  User& user = entry->second;
  user.sessions.push_back(joined.session);
  if (user.live) return joined.session->go_live(joined.user_id);
  if (!is_new) return;  // with the others, when all channels are known
  user.arn = joined.user_arn;
  user.load = ++last_load_;
  add_page(joined.user_id, user, joined.page);
}

void SessionHub::add_page(RowId user_id, User& user, const ChannelsPage& page) {
  for (const RowId channel_id : page.channel_ids) {
    user.channel_ids.insert(channel_id);
    channels_[channel_id].insert(user_id);
  }
  if (page.more) {
    user.loaded_to = page.channel_ids.back();
    return hooks_.load_more(user_id, user.loaded_to, user.load);
  }
  user.loaded_to = std::numeric_limits<RowId>::max();
  user.live = true;
  const auto sessions = user.sessions;  // one that fails leaves at once
  for (const auto& session : sessions) session->go_live(user_id);
}

void SessionHub::add_member(RowId channel_id, RowId user_id) {
  const auto user = users_.find(user_id);
  if (user == users_.end() || channel_id > user->second.loaded_to) return;
  user->second.channel_ids.insert(channel_id);
  channels_[channel_id].insert(user_id);
}

void SessionHub::remove_member(RowId channel_id, RowId user_id) {
  const auto user = users_.find(user_id);
  if (user == users_.end() || user->second.channel_ids.erase(channel_id) == 0) return;
  unfollow(channel_id, user_id);
}

void SessionHub::unfollow(RowId channel_id, RowId user_id) {
  const auto channel = channels_.find(channel_id);
  channel->second.erase(user_id);
  if (channel->second.empty()) channels_.erase(channel);
}

void SessionHub::remove_channel(RowId channel_id) {
  const auto channel = channels_.find(channel_id);
  if (channel == channels_.end()) return;
  for (const RowId user_id : channel->second) users_.at(user_id).channel_ids.erase(channel_id);
  channels_.erase(channel);
}

template <typename Predicate>
void SessionHub::remove_users(CloseCode code, std::string_view reason, Predicate&& predicate) {
  for (auto user = users_.begin(); user != users_.end();) {
    const auto next = std::next(user);
    if (predicate(user->second)) end_sessions(user, code, reason);
    user = next;
  }
}

void SessionHub::end_sessions(Users::iterator user, CloseCode code, std::string_view reason) {
  const auto sessions = user->second.sessions;
  forget(user);
  for (const auto& session : sessions) session->end(code, reason);
}

void SessionHub::forget(Users::iterator user) {
  for (const auto& session : user->second.sessions) {
    user_of_session_.erase(session.get());
    hooks_.left(user->first);
  }
  for (const RowId channel_id : user->second.channel_ids) unfollow(channel_id, user->first);
  users_.erase(user);
}

void SessionHub::leave(const Session& session) {
  const auto known = user_of_session_.find(&session);
  if (known == user_of_session_.end()) return;
  const auto user = users_.find(known->second);
  auto& sessions = user->second.sessions;
  if (sessions.size() == 1) return forget(user);
  const auto found = std::find_if(sessions.begin(), sessions.end(),
                                  [&](const auto& other) { return other.get() == &session; });
  const std::shared_ptr<Session> kept = *found;  // to the end of this function at least
  sessions.erase(found);
  user_of_session_.erase(known);
  hooks_.left(user->first);
}

}  // namespace carillon::server
