// Carries out what operations left to be done after their commit: invokes processors, keeps the
// callback deadlines, purges deleted rows, records push notifications, tells connected users; and
// has the outcome written.
//
// Its own thread, apart from those that serve connections: a slow processor, name lookup or scan of
// waiting invocations then never delays a request. carry_out() is called on the writer thread.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "api/effects.h"
#include "server/clock.h"
#include "server/config.h"
#include "server/deadlines.h"
#include "server/log.h"
#include "server/processors/processors.h"
#include "store/reader_pool.h"
#include "store/writer.h"

namespace carillon::server {

class EffectRunner;
class Sessions;

// What whoever writes needs to make a Call. `ids` belongs to the writer thread.
struct WriteContext {
  Clock& clock;
  api::Ids& ids;
  const api::Options& options;
  Log& log;
  EffectRunner& effects;
};

class EffectRunner {
 public:
  // Reads with reader `reader_index`. The writer must be stopped before this is destroyed.
  EffectRunner(const Settings& settings, Clock& clock, api::Ids& writer_ids, Log& log,
               store::ReaderPool& readers, int reader_index, store::Writer& writer,
               Sessions& sessions);
  ~EffectRunner();

  // Takes up what the database says is waiting, and starts the thread.
  void start();
  // Invokes nothing new, and waits for the invocations under way, at most this long.
  void drain(std::chrono::milliseconds limit);
  // Ends the thread. Nothing may be carried out any more.
  void stop();

  // On the writer thread, in commit order.
  void carry_out(std::vector<api::Effect> effects);
  // All of an account was deleted, or everything if it is empty: invocations that wait in memory
  // may be void, and its users' sessions end. On the writer thread.
  void forget_account(std::string account);

  // What a background job does in its transaction.
  using Body = std::function<void(api::Call&, store::WriteTx&)>;
  // Submits a background job after a pause; for one that the disk has refused. On any thread.
  void submit_later(Body body, std::function<void()> after, std::chrono::milliseconds delay);

  WriteContext& write_context() { return write_context_; }
  Processors& processors() { return processors_; }

 private:
  // Work that is done in steps, each a job of its own, so that other writers come between. Only one
  // chain of steps at a time: `running` says so.
  struct Steps {
    bool (*step)(store::WriteTx&);  // whether there are more
    boost::asio::steady_timer timer;
    std::atomic<bool> running{false};
  };

  bool submit(Body body, std::function<void()> after);
  bool expire();
  void begin(Steps& steps);
  void go_on(Steps& steps);

  Log& log_;
  store::ReaderPool& readers_;
  const int reader_index_;
  store::Writer& writer_;
  Sessions& sessions_;
  WriteContext write_context_;
  boost::asio::io_context context_{1};
  Deadlines deadlines_;
  Processors processors_;
  Steps purge_;
  Steps push_notifications_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace carillon::server
