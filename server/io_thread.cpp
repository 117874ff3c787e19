#include "server/io_thread.h"

#include <exception>
#include <pthread.h>

#include <boost/asio/post.hpp>

namespace carillon::server {

IoThread::IoThread(int index, std::uint64_t seed, std::chrono::milliseconds sweep_period, Log& log)
    : index_(index),
      sweep_period_(sweep_period),
      log_(log),
      ids_(seed),
      work_(boost::asio::make_work_guard(context_)) {}

IoThread::~IoThread() { stop(); }

void IoThread::start() {
  thread_ = std::thread([this] { run_loop(context_, log_, "carillon-io"); });
}

void IoThread::stop() {
  if (!thread_.joinable()) return;
  boost::asio::post(context_, [this] {
    work_.reset();
    sweep_timer_.cancel();
    draining_ = true;
  });
  thread_.join();
}

void IoThread::add(DeadlineList::Entry& session) {
  sessions_.add(session);
  if (!sweeping_) schedule_sweep();
}

void IoThread::remove(DeadlineList::Entry& session) { sessions_.remove(session); }

// Only while there are sessions: an idle server does not wake up.
void IoThread::schedule_sweep() {
  sweeping_ = !sessions_.empty();
  if (!sweeping_) return;
  sweep_timer_.expires_after(sweep_period_);
  sweep_timer_.async_wait([this](const boost::system::error_code& error) {
    sweeping_ = false;
    if (error) return;
    sessions_.sweep(std::chrono::steady_clock::now());
    schedule_sweep();
  });
}

void IoThread::drain() {
  boost::asio::post(context_, [this] {
    draining_ = true;
    sessions_.drain_all();
  });
}

void IoThread::abort_sessions() {
  boost::asio::post(context_, [this] { sessions_.abort_all(); });
}

void run_loop(boost::asio::io_context& context, Log& log, const char* thread_name) {
  ::pthread_setname_np(::pthread_self(), thread_name);
  while (true) {
    try {
      context.run();
      return;
    } catch (const std::exception& failure) {
      log.error("a handler failed, which is a bug", {{"what", failure.what()}});
    }
  }
}

}  // namespace carillon::server
