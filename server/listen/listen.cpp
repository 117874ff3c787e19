#include "server/listen/listen.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <random>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/ids.h"
#include "server/clock.h"
#include "server/limits.h"
#include "server/listen/output.h"
#include "server/listen/session.h"

namespace carillon::server {

namespace net = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

// What a signal ends the process with: being stopped is how listening ends, unless there was a
// number of events to wait for.
volatile sig_atomic_t exit_code_when_stopped = kExitOk;
extern "C" void stop_at_once(int) { ::_exit(exit_code_when_stopped); }

// At once, whatever the process waits for, stdout's reader for one: every line is written when
// it is there, so nothing is lost.
void handle_signals(const ListenSettings& settings) {
  exit_code_when_stopped = settings.count > 0 ? kExitFailure : kExitOk;
  struct sigaction action {};
  action.sa_handler = stop_at_once;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

void say(const std::string& text) { std::fprintf(stderr, "carillon: %s\n", text.c_str()); }

std::string local_time(std::int64_t now_ms) {
  const std::time_t seconds = now_ms / 1'000;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char text[32];
  std::snprintf(text, sizeof(text), "%02d:%02d:%02d.%03d", parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<int>(now_ms % 1'000));
  return text;
}

bool wants_colour() {
  const char* no_color = std::getenv("NO_COLOR");
  return no_color == nullptr || *no_color == '\0';
}

class Listener {
 public:
  Listener(const ListenSettings& settings, net::io_context& context)
      : settings_(settings),
        context_(context),
        for_people_(::isatty(STDOUT_FILENO) == 1),
        printer_(for_people_ && wants_colour()),
        random_(std::random_device()()),
        ids_((std::uint64_t{std::random_device()()} << 32) | random_()) {}

  // Sessions one after the other. Returns the exit code.
  net::awaitable<int> run() {
    auto lost_at = steady_clock::now();
    int attempts = 0;
    while (true) {
      established_ = false;
      const std::string target = connect_target(settings_, ids_.uuid(), clock_.now_ms());
      const SessionEnd end = co_await run_session(
          settings_, target, [this](std::string_view frame) { return take(frame); });
      if (exit_code_) co_return *exit_code_;
      if (established_) {
        lost_at = steady_clock::now();
        attempts = 0;
      }
      if (!end.again || steady_clock::now() - lost_at >= kListenGiveUpAfter) {
        say(end.reason + ".");
        co_return kExitFailure;
      }
      if (attempts == 0) say(end.reason + "; connecting again.");
      co_await pause(attempts++);
    }
  }

  bool has_listened() const { return has_listened_; }

 private:
  // Between nothing and a limit that doubles, so that many clients do not come back as one.
  net::awaitable<void> pause(int attempts) {
    const milliseconds limit =
        std::min(kListenRetryDelayMax, kListenRetryDelayMin * (1 << std::min(attempts, 10)));
    std::uniform_int_distribution<std::int64_t> delay(kListenRetryDelayLeast.count(),
                                                      limit.count());
    net::steady_timer timer(context_, milliseconds(delay(random_)));
    co_await timer.async_wait(net::use_awaitable);
  }

  // Whether there is more to come.
  bool take(std::string_view frame) {
    const auto event = parse_listen_event(frame);
    if (!event) {
      say("a frame is no event: it " + event.error().reason + ".");
      return true;
    }
    if (event->type == "SESSION_ESTABLISHED") {
      established_ = has_listened_ = true;
      say("listening as " + printable_text(settings_.user_arn, kListenArnCodePointsMax) + ".");
      return true;
    }
    const std::string line =
        for_people_ ? printer_.line(*event, local_time(clock_.now_ms())) : json_line(*event);
    if (!write(line)) return false;
    if (++taken_ == settings_.count) exit_code_ = kExitOk;
    return !exit_code_;
  }

  // Sets the exit code when nobody reads any more.
  bool write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t size = ::write(STDOUT_FILENO, text.data(), text.size());
      if (size >= 0) {
        text.remove_prefix(static_cast<std::size_t>(size));
      } else if (errno != EINTR) {
        exit_code_ = errno == EPIPE && settings_.count == 0 ? kExitOk : kExitFailure;
        if (errno != EPIPE)
          say(std::string("cannot write to stdout: ") + std::strerror(errno) + ".");
        return false;
      }
    }
    return true;
  }

  const ListenSettings& settings_;
  net::io_context& context_;
  const bool for_people_;
  ListenPrinter printer_;
  SystemClock clock_;
  std::minstd_rand random_;
  api::Ids ids_;
  bool established_ = false;   // this session
  bool has_listened_ = false;  // one of them was
  int taken_ = 0;
  std::optional<int> exit_code_;
};

int when_time_is_up(const ListenSettings& settings, bool has_listened) {
  if (!has_listened) {
    say("no session could be opened within " + print_duration(*settings.timeout) + ".");
    return kExitFailure;
  }
  if (settings.count == 0) return kExitOk;
  say("fewer than " + std::to_string(settings.count) + " events within " +
      print_duration(*settings.timeout) + ".");
  return kExitFailure;
}

}  // namespace

int run_listen(const CommandLine& line) {
  const ListenSettings& settings = line.listen;
  for (const std::string& warning : line.warnings) say(warning + ".");
  handle_signals(settings);
  net::io_context context(1);
  Listener listener(settings, context);
  int exit_code = kExitFailure;
  net::co_spawn(context, listener.run(), [&](const std::exception_ptr& failure, int code) {
    context.stop();
    if (failure) std::rethrow_exception(failure);
    exit_code = code;
  });
  net::steady_timer timer(context);
  if (settings.timeout) {
    timer.expires_after(*settings.timeout);
    timer.async_wait([&](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      context.stop();
      exit_code = when_time_is_up(settings, listener.has_listened());
    });
  }
  try {
    context.run();
  } catch (const std::exception& failure) {
    say(failure.what());
  }
  return exit_code;
}

}  // namespace carillon::server
