#include "server/sessions/sessions.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

#include <boost/asio/post.hpp>

#include "api/call.h"
#include "api/limits.h"
#include "server/limits.h"
#include "server/request_work.h"

namespace carillon::server {

namespace net = boost::asio;
using store::RowId;

struct Sessions::Hub {
  Hub(IoThread& io_thread, SessionHub::Hooks hooks) : thread(io_thread), hub(std::move(hooks)) {}
  IoThread& thread;
  SessionHub hub;
  std::atomic<std::size_t> backlog{0};  // requests' events, and what waits behind them
};

namespace {

api::Call make_call(const WriteContext& context, const api::Caller& caller) {
  return {context.clock.now_ms(), context.ids, context.options, caller};
}

// One more is read to see whether there are more.
ChannelsPage read_page(store::ReadTx& tx, RowId user_id, RowId after) {
  ChannelsPage page;
  page.channel_ids = api::list_session_channels(tx, user_id, after, kSessionChannelsPerStep + 1);
  page.more = page.channel_ids.size() > std::size_t{kSessionChannelsPerStep};
  if (page.more) page.channel_ids.pop_back();
  return page;
}

}  // namespace

// Looks up whose session it is. On the writer thread, though it mostly only reads: only there is it
// certain which events come before it and which after.
class Sessions::JoinJob final : public store::WriteJob {
 public:
  JoinJob(Sessions& sessions, Hub& hub, std::shared_ptr<Session> session,
          api::ConnectRequest request)
      : sessions_(sessions),
        hub_(hub),
        session_(std::move(session)),
        request_(std::move(request)) {}

  // The writer destroys a job that it refuses.
  ~JoinJob() override {
    if (session_) {
      sessions_.refuse(hub_, std::move(session_), CloseCode::kTryAgainLater,
                       "Too many writes are waiting, or the server is shutting down.");
    }
  }

  bool run(store::WriteTx& tx) override {
    WriteContext& context = *sessions_.context_;
    api::Call call = make_call(context, request_.caller);
    user_.emplace(api::find_session_user(call, tx, request_));
    effects_ = std::move(call.effects);
    if (!*user_) {
      log_foreign_arn(context.log, "Connect", call);
      return false;
    }
    page_ = read_page(tx, **user_, 0);
    return true;
  }

  void done(std::exception_ptr failure) noexcept override {
    auto session = std::move(session_);
    session_ = nullptr;
    WriteContext& context = *sessions_.context_;
    if (failure) {
      context.log.error("a session cannot be opened", {{"what", what(failure)}});
      return sessions_.refuse(hub_, std::move(session), CloseCode::kInternalError,
                              "The database failed.");
    }
    context.effects.carry_out(std::move(effects_));
    if (!*user_) {
      return sessions_.refuse(hub_, std::move(session), CloseCode::kForbidden,
                              user_->error().message);
    }
    const RowId user_id = **user_;
    if (sessions_.connects_too_often(user_id)) {
      return sessions_.refuse(hub_, std::move(session), CloseCode::kTryAgainLater,
                              "A user may connect once in a second (--quotas enforce).");
    }
    if (!sessions_.enter(user_id)) {
      return sessions_.refuse(hub_, std::move(session), CloseCode::kForbidden,
                              "The user has " + std::to_string(api::kSessionsOfUserMax) +
                                  " sessions already, the most that there may be.");
    }
    sessions_.post(hub_,
                   SessionJoined{std::move(session), user_id, request_.user_arn, std::move(page_)});
  }

 private:
  Sessions& sessions_;
  Hub& hub_;
  std::shared_ptr<Session> session_;
  api::ConnectRequest request_;
  std::optional<api::Result<RowId>> user_;
  ChannelsPage page_;
  std::vector<api::Effect> effects_;
};

// The rest of the channels of a user who has very many, some at a time: no other writer waits for
// all of them.
class Sessions::LoadJob final : public store::WriteJob {
 public:
  LoadJob(Sessions& sessions, Hub& hub, RowId user_id, RowId after, std::uint64_t load)
      : sessions_(sessions), hub_(hub), after_(after), loaded_{user_id, load, {}} {}

  ~LoadJob() override {
    if (!told_) tell(LoadFailed{loaded_.user_id, loaded_.load, CloseCode::kTryAgainLater});
  }

  bool run(store::WriteTx& tx) override {
    loaded_.page = read_page(tx, loaded_.user_id, after_);
    return true;
  }

  void done(std::exception_ptr failure) noexcept override {
    if (!failure) return tell(std::move(loaded_));
    sessions_.context_->log.error("the channels of a session cannot be read",
                                  {{"what", what(failure)}});
    tell(LoadFailed{loaded_.user_id, loaded_.load, CloseCode::kInternalError});
  }

 private:
  void tell(HubStep step) {
    told_ = true;
    sessions_.post(hub_, std::move(step));
  }

  Sessions& sessions_;
  Hub& hub_;
  const RowId after_;
  ChannelsLoaded loaded_;
  bool told_ = false;
};

Sessions::Sessions(Counters& counters) : counters_(counters) {}
Sessions::~Sessions() = default;

void Sessions::attach(std::vector<std::unique_ptr<IoThread>>& threads, store::Writer& writer,
                      WriteContext& context) {
  writer_ = &writer;
  context_ = &context;
  for (const auto& thread : threads) {
    const std::size_t index = hubs_.size();
    SessionHub::Hooks hooks;
    hooks.load_more = [this, index](RowId user_id, RowId after, std::uint64_t load) {
      writer_->submit(std::make_unique<LoadJob>(*this, *hubs_[index], user_id, after, load));
    };
    hooks.later = [&loop = thread->context()](std::function<void()> work) {
      net::post(loop, std::move(work));
    };
    hooks.left = [this](RowId user_id) { left(user_id); };
    hooks.told = [this, index] { hubs_[index]->backlog.fetch_sub(1, std::memory_order_relaxed); };
    hubs_.push_back(std::make_unique<Hub>(*thread, std::move(hooks)));
  }
}

void Sessions::join(std::shared_ptr<Session> session, api::ConnectRequest request,
                    IoThread& thread) {
  Hub& hub = *hubs_[static_cast<std::size_t>(thread.index())];
  writer_->submit(std::make_unique<JoinJob>(*this, hub, std::move(session), std::move(request)));
}

void Sessions::leave(const Session& session, IoThread& thread) {
  hubs_[static_cast<std::size_t>(thread.index())]->hub.leave(session);
}

Sessions::Hub& Sessions::furthest_behind() const {
  return **std::max_element(hubs_.begin(), hubs_.end(), [](const auto& a, const auto& b) {
    return a->backlog.load(std::memory_order_relaxed) < b->backlog.load(std::memory_order_relaxed);
  });
}

bool Sessions::is_behind() const {
  return furthest_behind().backlog.load(std::memory_order_relaxed) > kHubBacklogPause;
}

void Sessions::wait_told(std::function<void()> then) {
  post(furthest_behind(), Told{std::move(then)});
}

void Sessions::carry_out(const std::vector<api::Effect>& effects) {
  // A session that is being opened counts already, so none is missed.
  if (counters_.sessions.load(std::memory_order_relaxed) == 0) return;
  std::vector<HubStep> steps;
  for (const api::Effect& effect : effects) {
    if (const auto* event = std::get_if<api::SessionEvent>(&effect)) {
      steps.emplace_back(Delivery{std::make_shared<const std::string>(api::session_frame(*event)),
                                  event->channel_id, event->user_ids});
    } else if (const auto* added = std::get_if<api::MemberAdded>(&effect)) {
      steps.emplace_back(*added);
    } else if (const auto* removed = std::get_if<api::MemberRemoved>(&effect)) {
      steps.emplace_back(*removed);
    } else if (const auto* channel = std::get_if<api::ChannelRemoved>(&effect)) {
      steps.emplace_back(*channel);
    } else if (const auto* user = std::get_if<api::UserRemoved>(&effect)) {
      steps.emplace_back(*user);
    } else if (const auto* app_instance = std::get_if<api::AppInstanceRemoved>(&effect)) {
      steps.emplace_back(*app_instance);
    }
  }
  if (!steps.empty()) post(std::move(steps));
}

void Sessions::remove_account(std::string account) {
  std::vector<HubStep> steps;
  steps.emplace_back(AccountRemoved{std::move(account)});
  post(std::move(steps));
}

void Sessions::post(std::vector<HubStep> steps) {
  const HubSteps shared = std::make_shared<const std::vector<HubStep>>(std::move(steps));
  for (const auto& hub : hubs_) post(*hub, shared);
}

void Sessions::post(Hub& hub, HubStep step) {
  std::vector<HubStep> steps;
  steps.push_back(std::move(step));
  post(hub, std::make_shared<const std::vector<HubStep>>(std::move(steps)));
}

void Sessions::post(Hub& hub, HubSteps steps) {
  hub.backlog.fetch_add(1, std::memory_order_relaxed);
  net::post(hub.thread.context(), [&to = hub.hub, shared = std::move(steps)] { to.take(shared); });
}

void Sessions::refuse(Hub& hub, std::shared_ptr<Session> session, CloseCode code,
                      std::string reason) {
  net::post(hub.thread.context(), [session = std::move(session), code, why = std::move(reason)] {
    session->end(code, why);
  });
}

bool Sessions::connects_too_often(RowId user_id) {
  if (!context_->options.enforce_quotas) return false;
  const api::domain::BucketUse use{std::to_string(user_id), api::kConnectsOfUserPerSecond, {}};
  return connects_.take({&use, 1}, context_->clock.now_ms()).has_value();
}

bool Sessions::enter(RowId user_id) {
  const std::lock_guard lock(mutex_);
  int& count = sessions_of_user_[user_id];
  if (count >= api::kSessionsOfUserMax) return false;
  ++count;
  return true;
}

void Sessions::left(RowId user_id) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_of_user_.find(user_id);
  if (--found->second == 0) sessions_of_user_.erase(found);
}

}  // namespace carillon::server
