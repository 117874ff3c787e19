// Who is connected on one I/O thread, to which channels, and the delivery of events to them.
//
// Everything that changes who gets what comes to a hub in one order, the order of the commits: the
// steps of operations and those of users who join. So a session gets exactly the events of the time
// that it is live, in that order, and no lock is needed. All calls on the I/O thread.
//
// A hub holds in memory the channels of connected users only: an event costs as much as it has
// connected recipients, however many members the channel has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "api/effects.h"
#include "server/sessions/session.h"
#include "store/rows.h"

namespace carillon::server {

// One event, for all connected members of a channel or for these users.
struct Delivery {
  Frame frame;
  std::optional<store::RowId> channel_id = {};
  std::vector<store::RowId> user_ids = {};
};

// Some of a user's channels, in the order of their ids, as they are at this step.
struct ChannelsPage {
  std::vector<store::RowId> channel_ids;
  bool more = false;
};

// A session has been found to be this user's. The page is his first.
struct SessionJoined {
  std::shared_ptr<Session> session;
  store::RowId user_id = 0;
  std::string user_arn;
  ChannelsPage page;
};

// A further page for `load`.
struct ChannelsLoaded {
  store::RowId user_id = 0;
  std::uint64_t load = 0;
  ChannelsPage page;
};

// They cannot be read: the sessions that wait for them end.
struct LoadFailed {
  store::RowId user_id = 0;
  std::uint64_t load = 0;
  CloseCode code = CloseCode::kInternalError;
};

// All users of an account are gone, or of every account when it is empty.
struct AccountRemoved {
  std::string account;
};

// Somebody wants to know that all before this has been told.
struct Told {
  std::function<void()> then;
};

using HubStep = std::variant<Told, Delivery, api::MemberAdded, api::MemberRemoved,
                             api::ChannelRemoved, api::UserRemoved, api::AppInstanceRemoved,
                             AccountRemoved, SessionJoined, ChannelsLoaded, LoadFailed>;
using HubSteps = std::shared_ptr<const std::vector<HubStep>>;

class SessionHub {
 public:
  struct Hooks {
    // Ask for the channels after this one: the answer comes as ChannelsLoaded.
    std::function<void(store::RowId user_id, store::RowId after, std::uint64_t load)> load_more;
    // Run this in a later turn of the thread's loop, so that others get theirs.
    std::function<void(std::function<void()>)> later;
    // The session is not the hub's any more; each that joined, once.
    std::function<void(store::RowId user_id)> left;
    // What was taken first has been told.
    std::function<void()> told;
  };
  explicit SessionHub(Hooks hooks);

  void take(HubSteps steps);
  // The session ends, or never went live. Idempotent.
  void leave(const Session& session);

  // Channels that are held in memory, for tests.
  std::size_t channel_count() const { return channels_.size(); }

 private:
  struct User {
    std::string arn;
    std::vector<std::shared_ptr<Session>> sessions;
    std::unordered_set<store::RowId> channel_ids;
    // Until all channels are known the sessions wait; the steps of channels beyond are for the
    // pages to come.
    bool live = false;
    store::RowId loaded_to = 0;
    std::uint64_t load = 0;
  };
  using Users = std::unordered_map<store::RowId, User>;

  void run();
  void run_later();
  bool run_step(const HubStep& step);
  bool deliver(const Delivery& delivery);
  void collect(const Delivery& delivery);
  void join(const SessionJoined& joined);
  void add_page(store::RowId user_id, User& user, const ChannelsPage& page);
  void add_member(store::RowId channel_id, store::RowId user_id);
  void remove_member(store::RowId channel_id, store::RowId user_id);
  void unfollow(store::RowId channel_id, store::RowId user_id);
  void remove_channel(store::RowId channel_id);
  template <typename Predicate>
  void remove_users(CloseCode code, std::string_view reason, Predicate&& predicate);
  void end_sessions(Users::iterator user, CloseCode code, std::string_view reason);
  void forget(Users::iterator user);

  Hooks hooks_;
  Users users_;
  std::unordered_map<const Session*, store::RowId> user_of_session_;
  std::unordered_map<store::RowId, std::unordered_set<store::RowId>> channels_;  // to users
  std::uint64_t last_load_ = 0;

  std::deque<HubSteps> queue_;
  std::size_t next_step_ = 0;        // of the queue's first
  bool waiting_ = false;             // for its next turn
  std::size_t deliveries_left_ = 0;  // in this turn
  std::size_t turns_to_rest_ = 0;    // for the sessions to write
  // Of the delivery under way.
  std::vector<std::shared_ptr<Session>> recipients_;
  std::size_t next_recipient_ = 0;
  bool crowded_ = false;  // it waits behind earlier ones somewhere
};

}  // namespace carillon::server
