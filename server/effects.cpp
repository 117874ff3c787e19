#include "server/effects.h"

#include <exception>
#include <memory>
#include <tuple>
#include <variant>

#include <boost/asio/post.hpp>

#include "api/call.h"
#include "api/flow_events.h"
#include "api/push_notifications.h"
#include "server/io_thread.h"
#include "server/sessions/sessions.h"
#include "store/purge.h"

namespace carillon::server {
namespace {

// Work of ours in a transaction of its own. Nobody waits for its answer, so when the disk fails it
// is tried again until it is done.
class BackgroundJob final : public store::WriteJob {
 public:
  BackgroundJob(WriteContext& context, EffectRunner::Body body, std::function<void()> after)
      : context_(context), body_(std::move(body)), after_(std::move(after)) {}

  bool run(store::WriteTx& tx) override {
    api::Call call{context_.clock.now_ms(),
                   context_.ids,
                   context_.options,
                   {context_.options.default_account, context_.options.default_region}};
    body_(call, tx);
    effects_ = std::move(call.effects);
    return true;
  }

  void done(std::exception_ptr failure) noexcept override {
    if (failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const store::StoreError& error) {
        context_.log.error("work in the background failed and is tried again",
                           {{"what", error.what()}});
        return context_.effects.submit_later(std::move(body_), std::move(after_), kDiskRetryDelay);
      } catch (const std::exception& error) {
        context_.log.error("work in the background failed, which is a bug",
                           {{"what", error.what()}});
      }
    } else {
      context_.effects.carry_out(std::move(effects_));
    }
    if (after_) after_();
  }

 private:
  WriteContext& context_;
  EffectRunner::Body body_;
  std::function<void()> after_;
  std::vector<api::Effect> effects_;
};

}  // namespace

EffectRunner::EffectRunner(const Settings& settings, Clock& clock, api::Ids& writer_ids, Log& log,
                           store::ReaderPool& readers, int reader_index, store::Writer& writer,
                           Sessions& sessions)
    : log_(log),
      readers_(readers),
      reader_index_(reader_index),
      writer_(writer),
      sessions_(sessions),
      write_context_{clock, writer_ids, settings.api, log, *this},
      deadlines_(context_, clock, [this] { return expire(); }),
      processors_(
          context_, settings, log,
          Processors::Hooks{[this](const std::string& callback_id, const InvocationOutcome& outcome,
                                   std::function<void()> after) {
                              return submit(
                                  [callback_id, outcome](api::Call& call, store::WriteTx& tx) {
                                    if (outcome.accepted) {
                                      api::report_processor_accepted(call, tx, callback_id);
                                    } else {
                                      api::report_processor_unreachable(call, tx, callback_id,
                                                                        outcome.detail());
                                    }
                                  },
                                  std::move(after));
                            },
                            [this](std::int64_t after, int limit) {
                              return readers_.read(reader_index_, [&](store::ReadTx& tx) {
                                return api::queued_invocations(tx, after, limit);
                              });
                            }}),
      purge_{&store::purge_step, boost::asio::steady_timer(context_)},
      push_notifications_{&api::record_push_notifications, boost::asio::steady_timer(context_)},
      work_(boost::asio::make_work_guard(context_)) {}

EffectRunner::~EffectRunner() { stop(); }

void EffectRunner::start() {
  const auto [deadline_ms, purge_pending, push_notifications_pending] =
      readers_.read(reader_index_, [](store::ReadTx& tx) {
        return std::tuple(api::next_deadline_ms(tx), store::purge_pending(tx),
                          api::push_notifications_pending(tx));
      });
  if (deadline_ms) deadlines_.arm(*deadline_ms);
  if (purge_pending) begin(purge_);
  if (push_notifications_pending) begin(push_notifications_);
  processors_.start();
  thread_ = std::thread([this] { run_loop(context_, log_, "carillon-bg"); });
}

void EffectRunner::drain(std::chrono::milliseconds limit) { processors_.drain(limit); }

void EffectRunner::stop() {
  work_.reset();
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void EffectRunner::carry_out(std::vector<api::Effect> effects) {
  sessions_.carry_out(effects);
  for (api::Effect& effect : effects) {
    if (auto* invocation = std::get_if<api::InvokeProcessor>(&effect)) {
      processors_.invoke(std::move(*invocation));
    } else if (const auto* deadline = std::get_if<api::CallbackDeadline>(&effect)) {
      deadlines_.arm(deadline->deadline_ms);
    } else if (const auto* born = std::get_if<api::ResourceProvisioned>(&effect)) {
      log_.info("came to exist because a request named it", {{"arn", born->arn}});
    } else if (std::holds_alternative<api::PurgeRows>(effect)) {
      begin(purge_);
    } else if (std::holds_alternative<api::RecordPushNotifications>(effect)) {
      begin(push_notifications_);
    }
  }
}

void EffectRunner::forget_account(std::string account) {
  processors_.forget_waiting();
  sessions_.remove_account(std::move(account));
}

bool EffectRunner::submit(Body body, std::function<void()> after) {
  return writer_.submit(
      std::make_unique<BackgroundJob>(write_context_, std::move(body), std::move(after)));
}

// On any thread. What has not been done when the server ends is found in the database at the next
// start.
void EffectRunner::submit_later(Body body, std::function<void()> after,
                                std::chrono::milliseconds delay) {
  boost::asio::post(context_, [this, body = std::move(body), after = std::move(after), delay] {
    const auto timer = std::make_shared<boost::asio::steady_timer>(context_, delay);
    timer->async_wait([this, timer, body, after](const boost::system::error_code& error) {
      if (!error && !submit(body, after)) submit_later(body, after, kWriterRetryDelay);
    });
  });
}

bool EffectRunner::expire() {
  return submit([](api::Call& call, store::WriteTx& tx) { api::expire_callbacks(call, tx); }, {});
}

void EffectRunner::begin(Steps& steps) {
  if (!steps.running.exchange(true)) go_on(steps);
}

void EffectRunner::go_on(Steps& steps) {
  const auto more = std::make_shared<bool>(false);
  const bool submitted =
      submit([&steps, more](api::Call&, store::WriteTx& tx) { *more = steps.step(tx); },
             [this, &steps, more] {
               if (*more) {
                 go_on(steps);
               } else {
                 steps.running.store(false);
               }
             });
  if (submitted) return;
  boost::asio::post(context_, [this, &steps] {
    steps.timer.expires_after(kWriterRetryDelay);
    steps.timer.async_wait([this, &steps](const boost::system::error_code& error) {
      if (!error) go_on(steps);
    });
  });
}

}  // namespace carillon::server
