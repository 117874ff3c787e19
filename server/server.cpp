#include "server/server.h"

#include <algorithm>
#include <chrono>

namespace carillon::server {
namespace {

using std::chrono::milliseconds;

// The sessions read on the I/O threads, the effect runner on its own.
int reader_count(const Settings& settings) { return settings.io_threads + 1; }

store::Database open_database(const Settings& settings) {
  if (settings.data.empty()) return store::Database::ephemeral(reader_count(settings));
  return store::Database::open(settings.data);
}

// Fine enough for the shortest of the deadlines that are swept.
milliseconds sweep_period(const Settings& settings) {
  const milliseconds shortest = std::min(settings.read_timeout, settings.idle_timeout);
  return std::clamp(shortest / 4, kSweepPeriodMin, kSweepPeriodMax);
}

std::vector<std::unique_ptr<IoThread>> make_threads(const Settings& settings, std::uint64_t seed,
                                                    Log& log) {
  std::vector<std::unique_ptr<IoThread>> threads;
  for (int index = 0; index < settings.io_threads; ++index) {
    threads.push_back(std::make_unique<IoThread>(index, seed + 1 + static_cast<unsigned>(index),
                                                 sweep_period(settings), log));
  }
  return threads;
}

}  // namespace

Server::Server(Settings settings, Clock& clock, Log& log, std::uint64_t seed)
    : settings_(std::move(settings)),
      log_(log),
      database_(open_database(settings_)),
      location_(database_.location()),
      readers_(database_, reader_count(settings_)),
      writer_ids_(seed),
      sessions_(counters_),
      // Larger than any batch number that this file has seen: batches take longer than 1 us.
      writer_(database_, readers_, clock.now_ms() * 1'000),
      effects_(settings_, clock, writer_ids_, log, readers_, settings_.io_threads, writer_,
               sessions_),
      tls_(settings_, clock, log),
      admin_(location_, counters_, writer_, readers_, effects_.processors(), tls_),
      dispatcher_(settings_, clock, log, readers_, admin_),
      session_context_{settings_,   clock,   log,      counters_,
                       dispatcher_, writer_, readers_, effects_.write_context(),
                       sessions_,   tls_},
      threads_(make_threads(settings_, seed, log)),
      listener_(settings_, threads_, session_context_) {
  sessions_.attach(threads_, writer_, effects_.write_context());
  effects_.start();
  for (const auto& thread : threads_) thread->start();
  listener_.start();
}

Server::~Server() { shutdown(); }

std::string Server::url() const {
  const bool v6 = settings_.host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + settings_.host + "]" : settings_.host) + ":" +
         std::to_string(port());
}

void Server::shutdown() {
  if (!running_) return;
  running_ = false;
  const auto deadline = std::chrono::steady_clock::now() + settings_.shutdown_timeout;
  const auto time_left = [deadline] {
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(
                                         deadline - std::chrono::steady_clock::now()));
  };
  listener_.stop();
  for (const auto& thread : threads_) thread->drain();
  if (!counters_.connections.wait_for_none(time_left())) {
    log_.warn("requests were still in flight at the end",
              {{"connections", std::int64_t{counters_.connections.value()}}});
    for (const auto& thread : threads_) thread->abort_sessions();
  }
  // Invocations under way may still be reported; what is not made remains in the database.
  effects_.drain(time_left());
  writer_.stop();
  for (const auto& thread : threads_) thread->stop();
  effects_.stop();
}

}  // namespace carillon::server
