// The whole server: its parts, their threads, and the order in which they start and end.
//
// Made by main, and by tests, which run it in their own process. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/ids.h"
#include "server/admin.h"
#include "server/clock.h"
#include "server/config.h"
#include "server/counters.h"
#include "server/dispatcher.h"
#include "server/effects.h"
#include "server/io_thread.h"
#include "server/listener.h"
#include "server/log.h"
#include "server/sessions/sessions.h"
#include "server/tls/tls.h"
#include "store/database.h"
#include "store/reader_pool.h"
#include "store/writer.h"

namespace carillon::server {

class Server {
 public:
  // Opens the data, listens, starts all threads. Throws StartError, store::StoreError, or
  // std::runtime_error when --tls-cert cannot be used. `seed` is
  // what ids are made from.
  Server(Settings settings, Clock& clock, Log& log, std::uint64_t seed);
  ~Server();

  std::uint16_t port() const { return listener_.port(); }
  std::string url() const;

  // Stops accepting, lets requests in flight finish, closes connections, writes what is queued,
  // checkpoints. Takes at most a little more than --shutdown-timeout. Idempotent.
  void shutdown();

 private:
  const Settings settings_;
  Log& log_;
  store::Database database_;
  const std::string location_;
  Counters counters_;
  store::ReaderPool readers_;
  api::Ids writer_ids_;  // the writer thread's
  Sessions sessions_;
  store::Writer writer_;
  EffectRunner effects_;
  Tls tls_;
  Admin admin_;
  Dispatcher dispatcher_;
  SessionContext session_context_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  Listener listener_;
  bool running_ = true;
};

}  // namespace carillon::server
