#include "server/serve.h"

#include <exception>
#include <pthread.h>
#include <random>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/clock.h"
#include "server/log.h"
#include "server/server.h"

namespace carillon::server {
namespace {

sigset_t end_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  return set;
}

extern "C" void end_at_once(int signal_number) { ::_exit(128 + signal_number); }

// Threads inherit the mask: only sigwait() sees the signals until release_signals().
void block_signals() {
  const sigset_t set = end_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  // A file that may not grow is a write that fails, not the end.
  ::signal(SIGXFSZ, SIG_IGN);
}

// From now on a signal ends the process at once.
void release_signals() {
  struct sigaction action {};
  action.sa_handler = end_at_once;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  const sigset_t set = end_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

// Many systems start processes with a soft limit of 1024 descriptors, one for each connection.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

void describe(const Settings& settings, Log& log) {
  log.info("Carillon, a local Amazon Chime SDK Messaging", {{"version", version()}});
  if (settings.data.empty()) {
    log.info("data is ephemeral: it is gone when the server ends; --data DIR keeps it");
  } else {
    log.info("data is kept", {{"directory", settings.data.string()}});
  }
  if (settings.tls_cert.empty()) {
    log.info("https, ws and wss are on the same port; clients trust GET /_carillon/ca.pem");
  }
  if (settings.api.auto_provision) {
    log.info("app instances and users come to exist when a request names them");
  }
  if (settings.lambda_endpoint) {
    log.info("processors are invoked", {{"endpoint", settings.lambda_endpoint->text()}});
  }
  for (const auto& [key, url] : settings.processors) {
    log.info("processor is invoked", {{"processor", key}, {"endpoint", url.text()}});
  }
}

}  // namespace

int run_serve(CommandLine line) {
  block_signals();
  raise_descriptor_limit();
  Log log(line.settings.log_level, line.settings.log_format);
  for (const std::string& warning : line.warnings) log.warn(warning);
  try {
    describe(line.settings, log);
    SystemClock clock;
    Server server(line.settings, clock, log, random_seed());
    log.announce("Listening on " + server.url() + ". Ready.");

    const sigset_t set = end_signals();
    int signal_number = 0;
    ::sigwait(&set, &signal_number);
    log.info("shutting down; a second signal ends at once");
    release_signals();
    server.shutdown();
    log.info("bye");
    return kExitOk;
  } catch (const std::exception& failure) {
    log.error(failure.what());
    return kExitFailure;
  }
}

}  // namespace carillon::server
