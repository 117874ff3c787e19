// The command line and the environment, made into settings. Every setting is a flag (--port) and an
// environment variable (CARILLON_PORT); the flag wins. Called once by main, or by tests. Reads
// nothing but what it is given, and --credentials-file.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/options.h"
#include "api/protocol/sigv4.h"
#include "server/limits.h"
#include "server/listen/settings.h"
#include "server/log.h"
#include "server/processors/target.h"

namespace carillon::server {

// What becomes of a request whose signature is wrong or missing.
enum class SigV4 : std::uint8_t { kOff, kWarn, kEnforce };

struct Settings {
  std::string host = "127.0.0.1";  // an IP address
  std::uint16_t port = 7464;       // 0: any free port
  std::filesystem::path data;      // empty: ephemeral
  int io_threads = 1;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;

  int connections_max = kConnectionsDefault;
  int in_flight_max = kInFlightDefault;
  std::chrono::milliseconds read_timeout = kReadTimeoutDefault;
  std::chrono::milliseconds idle_timeout = kIdleTimeoutDefault;
  std::chrono::milliseconds shutdown_timeout = kShutdownTimeoutDefault;

  // How long a connected user's client may be silent; it gets a ping at half of this.
  std::chrono::milliseconds session_idle_timeout = kSessionIdleTimeoutDefault;

  // A certificate with its chain, and its key: both or neither. Neither: one of our own, which
  // is also for the names and addresses in tls_sans.
  std::filesystem::path tls_cert;
  std::filesystem::path tls_key;
  std::vector<std::string> tls_sans;

  std::optional<EndpointUrl> lambda_endpoint;
  std::vector<std::pair<std::string, EndpointUrl>> processors;
  NameForm lambda_name_form;
  InvocationType lambda_invocation_type = InvocationType::kEvent;
  int processor_concurrency = kProcessorConcurrencyDefault;
  std::chrono::milliseconds processor_connect_timeout = kProcessorConnectTimeoutDefault;
  std::chrono::milliseconds processor_answer_timeout = kProcessorAnswerTimeoutDefault;

  SigV4 sigv4 = SigV4::kOff;
  api::protocol::Credentials credentials;

  api::Options api;
};

// One thread for each two processors: the writer and the clients on the same machine want some too.
int default_io_threads();

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitBadSettings = 2;

struct CommandLine {
  enum class Command : std::uint8_t { kServe, kReady, kListen, kPrint };
  Command command = Command::kServe;
  Settings settings;
  std::vector<std::string> warnings;  // to be logged once the log exists

  // kReady
  bool ready_wait = false;
  std::chrono::milliseconds ready_timeout{30'000};

  // kListen
  ListenSettings listen;

  // kPrint: the help, the version, or what is wrong with the settings.
  std::string text;
  int exit_code = kExitOk;
};

// `arguments` without the program's name; `environment` as "NAME=value".
CommandLine parse_command_line(std::vector<std::string> arguments,
                               const std::vector<std::string>& environment);

// "500ms", "5s", "2m", "48h", "7d".
Parsed<std::chrono::milliseconds> parse_duration(std::string_view text,
                                                 std::chrono::milliseconds min,
                                                 std::chrono::milliseconds max);

// "2h", "5s" or "500ms".
std::string print_duration(std::chrono::milliseconds duration);

std::string_view version();

}  // namespace carillon::server
