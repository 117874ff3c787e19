// Invokes processors at their endpoints: which processor runs where, what waits for a free place
// there, and the invocations under way.
//
// A processor without a target is held: its invocation stays in the database until a target is put
// or until somebody calls ChannelFlowCallback without being invoked.
//
// Targets may be changed on any thread; everything else happens on the thread of the context.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "api/flow_events.h"
#include "server/config.h"
#include "server/log.h"
#include "server/processors/exchange.h"
#include "server/processors/target.h"

namespace carillon::server {

class Processors {
 public:
  struct Hooks {
    // Has the outcome written; `after` is called on any thread once it is. False: try again later.
    std::function<bool(const std::string& callback_id, const InvocationOutcome& outcome,
                       std::function<void()> after)>
        report;
    // See api::queued_invocations.
    std::function<api::QueuedInvocations(std::int64_t after, int limit)> scan;
  };
  struct NamedTarget {
    std::string key;  // a function name or an ARN
    ProcessorTarget target;
  };

  Processors(boost::asio::io_context& context, const Settings& settings, Log& log, Hooks hooks);
  ~Processors();

  // Takes up what waits in the database.
  void start();
  // Invokes nothing new; returns when the invocations under way have ended, or after `limit`.
  void drain(std::chrono::milliseconds limit);

  // On any thread.
  void invoke(api::InvokeProcessor invocation);
  // Much was deleted: lets go of what waits in memory and takes up what still is in the database.
  void forget_waiting();

  // Targets, on any thread. What waits for a target that comes is invoked; what waits in memory for
  // one that goes is held. Invocations under way go on.
  std::vector<NamedTarget> list() const;
  std::optional<ProcessorTarget> find(std::string_view key) const;
  // Whether this processor is invoked rather than held.
  bool has_target(std::string_view processor_arn) const;
  // False when there are kProcessorTargetsMax.
  bool put(std::string key, ProcessorTarget target);
  bool remove(std::string_view key);
  std::optional<ProcessorTarget> default_target() const { return default_target_; }
  // What a target has that is put without saying more than a URL.
  ProcessorTarget with_defaults(EndpointUrl url) const;

 private:
  struct Lane;
  using Targets = std::map<std::string, ProcessorTarget, std::less<>>;

  // The target that counts for a processor, with its key ("" is the default's); null when held.
  std::optional<NamedTarget> target_of(std::string_view processor_arn) const;
  // `found` by a look into the database, or else just committed.
  void enqueue(api::InvokeProcessor invocation, bool found);
  std::shared_ptr<Lane> lane_of(std::string_view processor_arn);
  static bool fits(Lane& lane, const api::InvokeProcessor& invocation);
  void pump(const std::shared_ptr<Lane>& lane);
  boost::asio::awaitable<void> work(std::shared_ptr<Lane> lane, api::InvokeProcessor first);
  boost::asio::awaitable<std::optional<InvocationOutcome>> call(Lane& lane,
                                                                const std::string& callback_id,
                                                                const InvocationRequest& request);
  boost::asio::awaitable<void> report(std::string callback_id, InvocationOutcome outcome);
  void targets_changed();
  void forget_waiting_of(Lane& lane);
  void log_outcome(std::string_view processor_arn, const InvocationOutcome& outcome);
  void scan_from_start();
  void scan_for_lanes();
  void scan_page(std::int64_t after);
  void scan_ended();
  bool scan_is_over() const;
  void worker_ended();

  boost::asio::io_context& context_;
  const Settings& settings_;
  Log& log_;
  const Hooks hooks_;
  const std::optional<ProcessorTarget> default_target_;

  mutable std::mutex targets_mutex_;
  Targets targets_;

  // On the context's thread.
  std::map<std::string, std::shared_ptr<Lane>, std::less<>> lanes_;
  // Callbacks whose invocation waits in memory, is under way, or is being reported: a look into the
  // database finds them again, and must not invoke them twice.
  std::unordered_set<std::string> known_;
  // A look into the database is for all lanes, known or not, or for those that are refilling.
  bool scanning_ = false;
  bool scanning_all_ = false;
  bool scan_all_again_ = false;
  boost::asio::steady_timer scan_timer_;

  std::mutex drain_mutex_;
  std::condition_variable drained_;
  bool draining_ = false;
  int workers_ = 0;
};

}  // namespace carillon::server
