#include "server/processors/processors.h"

#include <algorithm>
#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace carillon::server {

namespace net = boost::asio;

// The way to one target: what waits for it, who works on it, connections to be used again.
struct Processors::Lane {
  ProcessorTarget target;
  std::deque<api::InvokeProcessor> waiting;
  ConnectionPool connections;
  int workers = 0;
  // When the queue was full: the first row that found no place. It and what came after it wait in
  // the database until there is room.
  std::optional<std::int64_t> left_out = {};
  bool refilling = false;  // by the look into the database that is going on

  bool has_room() const { return waiting.size() <= kInvocationQueueMax / 2; }
};

namespace {

// What the keys of lanes to the endpoint for all begin with; no function's name does.
constexpr char kDefaultLane[] = "*";

std::optional<ProcessorTarget> make_default_target(const Settings& settings) {
  if (!settings.lambda_endpoint) return std::nullopt;
  return ProcessorTarget{*settings.lambda_endpoint, settings.lambda_name_form,
                         settings.lambda_invocation_type, settings.processor_concurrency};
}

}  // namespace

Processors::Processors(net::io_context& context, const Settings& settings, Log& log, Hooks hooks)
    : context_(context),
      settings_(settings),
      log_(log),
      hooks_(std::move(hooks)),
      default_target_(make_default_target(settings)),
      scan_timer_(context) {
  for (const auto& [key, url] : settings.processors) targets_[key] = with_defaults(url);
}

Processors::~Processors() = default;

void Processors::start() {
  net::post(context_, [this] { scan_from_start(); });
}

void Processors::drain(std::chrono::milliseconds limit) {
  std::unique_lock lock(drain_mutex_);
  draining_ = true;
  drained_.wait_for(lock, limit, [this] { return workers_ == 0; });
}

void Processors::invoke(api::InvokeProcessor invocation) {
  net::post(context_, [this, invocation = std::move(invocation)]() mutable {
    enqueue(std::move(invocation), false);
  });
}

void Processors::forget_waiting() {
  net::post(context_, [this] {
    for (auto& [key, lane] : lanes_) forget_waiting_of(*lane);
    scan_from_start();
  });
}

std::vector<Processors::NamedTarget> Processors::list() const {
  std::lock_guard lock(targets_mutex_);
  std::vector<NamedTarget> list;
  for (const auto& [key, target] : targets_) list.push_back({key, target});
  return list;
}

std::optional<ProcessorTarget> Processors::find(std::string_view key) const {
  std::lock_guard lock(targets_mutex_);
  const auto found = targets_.find(key);
  if (found == targets_.end()) return std::nullopt;
  return found->second;
}

bool Processors::put(std::string key, ProcessorTarget target) {
  {
    std::lock_guard lock(targets_mutex_);
    if (!targets_.contains(key) && targets_.size() >= kProcessorTargetsMax) return false;
    targets_.insert_or_assign(std::move(key), std::move(target));
  }
  net::post(context_, [this] { targets_changed(); });
  return true;
}

bool Processors::remove(std::string_view key) {
  {
    std::lock_guard lock(targets_mutex_);
    const auto found = targets_.find(key);
    if (found == targets_.end()) return false;
    targets_.erase(found);
  }
  net::post(context_, [this] { targets_changed(); });
  return true;
}

ProcessorTarget Processors::with_defaults(EndpointUrl url) const {
  return ProcessorTarget{std::move(url), settings_.lambda_name_form,
                         settings_.lambda_invocation_type, settings_.processor_concurrency};
}

// The whole ARN is more particular than the function's name, which is more particular than the
// endpoint for all.
std::optional<Processors::NamedTarget> Processors::target_of(std::string_view processor_arn) const {
  std::lock_guard lock(targets_mutex_);
  auto found = targets_.find(processor_arn);
  if (found == targets_.end()) found = targets_.find(function_name(processor_arn));
  if (found != targets_.end()) return NamedTarget{found->first, found->second};
  if (default_target_) return NamedTarget{{}, *default_target_};
  return std::nullopt;
}

bool Processors::has_target(std::string_view processor_arn) const {
  return target_of(processor_arn).has_value();
}

// Behind the endpoint for all, each function has a lane of its own, so that one that hangs delays
// no other; unless all have the same name there, which makes them one function.
std::shared_ptr<Processors::Lane> Processors::lane_of(std::string_view processor_arn) {
  std::optional<NamedTarget> found = target_of(processor_arn);
  if (!found) return nullptr;
  const bool is_named = !found->key.empty();
  const bool is_alone = found->target.name_form.kind != NameForm::Kind::kFixed;
  std::string key = is_named ? std::move(found->key) : kDefaultLane;
  if (!is_named && is_alone) key += processor_arn;
  std::shared_ptr<Lane>& lane = lanes_[std::move(key)];
  if (!lane) {
    lane = std::make_shared<Lane>();
    lane->target = std::move(found->target);
  }
  return lane;
}

void Processors::enqueue(api::InvokeProcessor invocation, bool found) {
  if (known_.contains(invocation.callback_id)) return;
  const std::shared_ptr<Lane> lane = lane_of(invocation.processor_arn);
  if (!lane) return;  // held
  // Its row is committed, so a look into the database that is going on will find it in its turn.
  if (!found && (scanning_all_ || lane->refilling)) return;
  if (!fits(*lane, invocation)) return;
  known_.insert(invocation.callback_id);
  lane->waiting.push_back(std::move(invocation));
  pump(lane);
}

// Whether the lane's queue takes it. Nothing overtakes what found no place before.
bool Processors::fits(Lane& lane, const api::InvokeProcessor& invocation) {
  if (lane.left_out) {
    lane.left_out = std::min(*lane.left_out, invocation.row_id);
    return false;
  }
  if (lane.waiting.size() < kInvocationQueueMax) return true;
  lane.left_out = invocation.row_id;
  return false;
}

void Processors::pump(const std::shared_ptr<Lane>& lane) {
  while (!lane->waiting.empty() && lane->workers < lane->target.concurrency) {
    {
      std::lock_guard lock(drain_mutex_);
      if (draining_) return;
      ++workers_;
    }
    ++lane->workers;
    api::InvokeProcessor first = std::move(lane->waiting.front());
    lane->waiting.pop_front();
    net::co_spawn(context_, work(lane, std::move(first)),
                  [this, lane](const std::exception_ptr& failure) {
                    --lane->workers;
                    worker_ended();
                    if (!failure) return;
                    log_.error("an invocation failed, which is a bug");
                    pump(lane);
                  });
  }
}

void Processors::worker_ended() {
  std::lock_guard lock(drain_mutex_);
  if (--workers_ == 0) drained_.notify_all();
}

// One invocation after the other, as long as some wait.
net::awaitable<void> Processors::work(std::shared_ptr<Lane> lane, api::InvokeProcessor first) {
  api::InvokeProcessor invocation = std::move(first);
  while (true) {
    const InvocationRequest request{lane->target.url,
                                    invoke_path(lane->target, invocation.processor_arn),
                                    lane->target.invocation_type,
                                    std::move(invocation.event),
                                    settings_.processor_connect_timeout,
                                    settings_.processor_answer_timeout};
    std::optional<InvocationOutcome> outcome =
        co_await call(*lane, invocation.callback_id, request);
    if (outcome) {
      log_outcome(invocation.processor_arn, *outcome);
      co_await report(std::move(invocation.callback_id), std::move(*outcome));
    }

    if (lane->left_out && lane->has_room()) scan_for_lanes();
    if (lane->waiting.empty() || lane->workers > lane->target.concurrency) co_return;
    {
      std::lock_guard lock(drain_mutex_);
      if (draining_) co_return;
    }
    invocation = std::move(lane->waiting.front());
    lane->waiting.pop_front();
  }
}

void Processors::log_outcome(std::string_view processor_arn, const InvocationOutcome& outcome) {
  if (outcome.accepted) return log_.debug("invoked processor", {{"processor", processor_arn}});
  log_.warn("cannot reach processor", {{"processor", processor_arn}, {"reason", outcome.reason}});
}

// Absent after a failure of our own: then the invocation stays in the database, and the next look
// into all of it finds it again.
net::awaitable<std::optional<InvocationOutcome>> Processors::call(
    Lane& lane, const std::string& callback_id, const InvocationRequest& request) {
  try {
    co_return co_await call_endpoint(lane.connections, request);
  } catch (const std::exception& failure) {
    log_.error("an invocation failed, which is a bug", {{"what", failure.what()}});
  }
  known_.erase(callback_id);
  co_return std::nullopt;
}

net::awaitable<void> Processors::report(std::string callback_id, InvocationOutcome outcome) {
  const auto after = [this, callback_id] {
    net::post(context_, [this, callback_id] { known_.erase(callback_id); });
  };
  while (!hooks_.report(callback_id, outcome, after)) {
    net::steady_timer pause(context_, kWriterRetryDelay);
    co_await pause.async_wait(net::use_awaitable);
  }
}

// Which lane an invocation waits in may be another now: let go of all that wait and look again. A
// lane whose endpoint is still the same goes on, because its workers count against the limit; those
// of another hold on to their lane until they end.
void Processors::targets_changed() {
  for (auto entry = lanes_.begin(); entry != lanes_.end();) {
    const auto& [key, lane] = *entry;
    forget_waiting_of(*lane);
    if (key.starts_with(kDefaultLane)) {
      ++entry;
      continue;
    }
    const std::optional<ProcessorTarget> target = find(key);
    if (target && target->url == lane->target.url) {
      lane->target = *target;
      ++entry;
    } else {
      entry = lanes_.erase(entry);
    }
  }
  scan_from_start();
}

void Processors::forget_waiting_of(Lane& lane) {
  for (const auto& invocation : lane.waiting) known_.erase(invocation.callback_id);
  lane.waiting.clear();
  lane.left_out.reset();
}

// For whatever waits in the database.
void Processors::scan_from_start() {
  if (scanning_) {
    scan_all_again_ = true;
    return;
  }
  scanning_ = true;
  scanning_all_ = true;
  for (auto& [key, lane] : lanes_) lane->left_out.reset();
  scan_page(0);
}

// For the lanes that have room again, from the first row that one of them has left out: all before
// it is known, held, or waits for other lanes.
void Processors::scan_for_lanes() {
  if (scanning_) return;  // its end looks again
  std::optional<std::int64_t> first;
  for (auto& [key, lane] : lanes_) {
    if (!lane->left_out || !lane->has_room()) continue;
    first = first ? std::min(*first, *lane->left_out) : *lane->left_out;
    lane->left_out.reset();
    lane->refilling = true;
  }
  if (!first) return;
  scanning_ = true;
  scan_page(*first - 1);
}

// A page at a time, other work of this thread between. What is found in a page is known before
// anything else can happen, so nothing is invoked twice.
void Processors::scan_page(std::int64_t after) {
  api::QueuedInvocations page;
  try {
    page = hooks_.scan(after, kInvocationScanRows);
  } catch (const std::exception& failure) {
    log_.error("cannot read the waiting invocations", {{"what", failure.what()}});
    scan_timer_.expires_after(kScanRetryDelay);
    scan_timer_.async_wait([this, after](const boost::system::error_code& error) {
      if (!error) scan_page(after);
    });
    return;
  }
  const bool more = page.invocations.size() == static_cast<std::size_t>(kInvocationScanRows);
  for (api::InvokeProcessor& invocation : page.invocations) enqueue(std::move(invocation), true);
  if (!more || scan_all_again_ || scan_is_over()) return scan_ended();
  net::post(context_, [this, next = page.last] { scan_page(next); });
}

// Whether the lanes that it is for are full again.
bool Processors::scan_is_over() const {
  return !scanning_all_ && std::all_of(lanes_.begin(), lanes_.end(), [](const auto& entry) {
    return !entry.second->refilling || entry.second->left_out;
  });
}

void Processors::scan_ended() {
  scanning_ = false;
  scanning_all_ = false;
  for (auto& [key, lane] : lanes_) lane->refilling = false;
  if (scan_all_again_) {
    scan_all_again_ = false;
    scan_from_start();
  } else {
    scan_for_lanes();
  }
}

}  // namespace carillon::server
