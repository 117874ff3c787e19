// A thread that serves connections: its event loop, and what its sessions share without locks.
// A session lives and dies on one thread, so it needs no strand.
//
// Made and ended by Server. Except for context() everything belongs to the thread itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "api/ids.h"
#include "server/answer.h"
#include "server/deadline_list.h"
#include "server/log.h"

namespace carillon::server {

class IoThread {
 public:
  IoThread(int index, std::uint64_t seed, std::chrono::milliseconds sweep_period, Log& log);
  ~IoThread();

  void start();
  // Ends the loop when its sessions are gone, and joins.
  void stop();

  boost::asio::io_context& context() { return context_; }
  // Which of the store's readers is this thread's.
  int index() const { return index_; }

  api::Ids& ids() { return ids_; }
  HttpDate& date() { return date_; }
  void add(DeadlineList::Entry& session);
  void remove(DeadlineList::Entry& session);
  // The server is ending; sessions look at it after each answer.
  bool draining() const { return draining_; }

  // On any thread:
  void drain();
  void abort_sessions();

 private:
  void schedule_sweep();

  const int index_;
  const std::chrono::milliseconds sweep_period_;
  Log& log_;
  api::Ids ids_;
  HttpDate date_;
  DeadlineList sessions_;  // before the loop, whose end destroys the sessions that are left
  bool draining_ = false;
  bool sweeping_ = false;
  boost::asio::io_context context_{1};
  boost::asio::steady_timer sweep_timer_{context_};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

// Runs the loop until it is stopped; whatever a handler throws is logged, and the loop goes on.
void run_loop(boost::asio::io_context& context, Log& log, const char* thread_name);

}  // namespace carillon::server
