#include "server/config.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <thread>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/ip/address.hpp>

#include "api/protocol/uri.h"
#include "server/credentials.h"

#ifndef CARILLON_VERSION
#error "CARILLON_VERSION comes from the build"
#endif

namespace carillon::server {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// Returns what would be right, or nothing when the value was taken.
using Apply = std::function<std::optional<std::string>(Settings&, const std::string&)>;

struct Setting {
  std::string name;  // "io-threads"; the flag is --io-threads, the variable CARILLON_IO_THREADS
  std::string group;
  std::string value_name;
  std::string help;
  Apply apply;
  // Of a setting that may be given several times: the variable that has them all, separated by
  // blanks or commas.
  std::string list_variable = {};
  bool valueless = false;  // the flag alone says "true"
  bool secret = false;     // its value is not repeated when it is wrong

  bool repeatable() const { return !list_variable.empty(); }

  std::string flag() const { return "--" + name; }
  std::string variable() const {
    if (repeatable()) return list_variable;
    std::string variable = "CARILLON_";
    for (const char c : name) {
      variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return variable;
  }
};

// "a, b or c"
std::string alternatives(const std::vector<std::string>& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
    text += choices[i];
  }
  return text;
}

Apply integer(int Settings::*member, int min, int max) {
  return [=](Settings& settings, const std::string& text) -> std::optional<std::string> {
    int value = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    if (error != std::errc() || end != last || value < min || value > max) {
      return "give a whole number from " + std::to_string(min) + " to " + std::to_string(max);
    }
    settings.*member = value;
    return std::nullopt;
  };
}

template <typename Set>
Apply duration(milliseconds min, milliseconds max, Set set) {
  return [=](Settings& settings, const std::string& text) -> std::optional<std::string> {
    const auto value = parse_duration(text, min, max);
    if (!value) return value.error().reason;
    set(settings, *value);
    return std::nullopt;
  };
}

Apply duration(milliseconds Settings::*member, milliseconds min, milliseconds max) {
  return duration(min, max,
                  [=](Settings& settings, milliseconds value) { settings.*member = value; });
}

template <typename Value, typename Set>
Apply choice(std::vector<std::pair<std::string, Value>> choices, Set set) {
  return [=](Settings& settings, const std::string& text) -> std::optional<std::string> {
    std::vector<std::string> names;
    for (const auto& [name, value] : choices) {
      if (name == text) {
        set(settings, value);
        return std::nullopt;
      }
      names.push_back(name);
    }
    return "give " + alternatives(names);
  };
}

std::optional<std::string> apply_port(Settings& settings, const std::string& text) {
  unsigned value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc() || end != last || value > 65'535) {
    std::string reason = "give a whole number from 0 (any free port) to 65535";
    if (text.starts_with("tcp://")) {
      reason +=
          " (this one looks like a Kubernetes service link: set enableServiceLinks: false on the "
          "pod, or name the service otherwise)";
    }
    return reason;
  }
  settings.port = static_cast<std::uint16_t>(value);
  return std::nullopt;
}

std::optional<std::string> apply_host(Settings& settings, const std::string& text) {
  boost::system::error_code error;
  boost::asio::ip::make_address(text, error);
  if (text == "localhost") {
    settings.host = "127.0.0.1";
  } else if (error) {
    return "give the IP address to listen on: 127.0.0.1 for this machine alone, 0.0.0.0 for all";
  } else {
    settings.host = text;
  }
  return std::nullopt;
}

std::optional<std::string> apply_data(Settings& settings, const std::string& text) {
  if (text.empty()) return "give a directory, or leave the setting out to keep nothing";
  settings.data = text;
  return std::nullopt;
}

std::optional<std::string> apply_lambda_endpoint(Settings& settings, const std::string& text) {
  auto url = parse_endpoint_url(text);
  if (!url) return "it " + url.error().reason;
  settings.lambda_endpoint = std::move(*url);
  return std::nullopt;
}

std::optional<std::string> apply_processor(Settings& settings, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) {
    return "give NAME=URL or ARN=URL, e.g. my-function=http://127.0.0.1:3001";
  }
  const std::string key = text.substr(0, equals);
  if (const auto wrong = why_no_processor_key(key)) return "what stands before = " + *wrong;
  auto url = parse_endpoint_url(std::string_view(text).substr(equals + 1));
  if (!url) return "the URL " + url.error().reason;
  if (settings.processors.size() >= kProcessorTargetsMax) {
    return "give at most " + std::to_string(kProcessorTargetsMax) + " processors";
  }
  for (const auto& [known, ignored] : settings.processors) {
    if (known == key) return "give each processor once: " + key + " has a URL already";
  }
  settings.processors.emplace_back(key, std::move(*url));
  return std::nullopt;
}

std::optional<std::string> apply_name_form(Settings& settings, const std::string& text) {
  auto form = parse_name_form(text);
  if (!form) return "give bare, arn or fixed:NAME";
  settings.lambda_name_form = std::move(*form);
  return std::nullopt;
}

std::optional<std::string> apply_account(Settings& settings, const std::string& text) {
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (text.size() != 12 || !digits) return "give the 12 digits of an account";
  settings.api.default_account = text;
  return std::nullopt;
}

std::optional<std::string> apply_region(Settings& settings, const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
  });
  if (text.empty() || text.size() > 32 || !plain) return "give a region's name, e.g. us-east-1";
  settings.api.default_region = text;
  return std::nullopt;
}

std::optional<std::string> apply_advertise(Settings& settings, const std::string& text) {
  if (!api::protocol::is_authority(text)) {
    return "give HOST or HOST:PORT, without a scheme or a path, e.g. chime.example.test:7464";
  }
  settings.api.advertise = text;
  return std::nullopt;
}

std::vector<Setting> server_settings() {
  const std::string group = "Server";
  return {
      {"host", group, "ADDRESS", "Address to listen on (127.0.0.1)", apply_host},
      {"port", group, "PORT", "Port to listen on, 0 for any (7464)", apply_port},
      {"data", group, "DIR", "Keep everything in this directory (nothing is kept)", apply_data},
      {"io-threads", group, "N", "Threads that serve connections (half the processors, 1 to 4)",
       integer(&Settings::io_threads, 1, kIoThreadsMax)},
      {"max-connections", group, "N", "Connections at a time (1024)",
       integer(&Settings::connections_max, 1, kConnectionsMax)},
      {"max-in-flight", group, "N", "Requests at a time; further ones get 503 (512)",
       integer(&Settings::in_flight_max, 1, kInFlightMax)},
      {"read-timeout", group, "DURATION", "For a whole request to arrive (30s)",
       duration(&Settings::read_timeout, 10ms, 24h)},
      {"idle-timeout", group, "DURATION", "From one request to the next on a connection (75s)",
       duration(&Settings::idle_timeout, 10ms, 24h)},
      {"shutdown-timeout", group, "DURATION", "For requests in flight at SIGTERM (8s)",
       duration(&Settings::shutdown_timeout, 0ms, 24h)},
      {"log-level", group, "LEVEL", "debug, info, warn, error or off (info)",
       choice<LogLevel>({{"debug", LogLevel::kDebug},
                         {"info", LogLevel::kInfo},
                         {"warn", LogLevel::kWarn},
                         {"error", LogLevel::kError},
                         {"off", LogLevel::kOff}},
                        [](Settings& s, LogLevel level) { s.log_level = level; })},
      {"log-format", group, "FORMAT", "text or json (text)",
       choice<LogFormat>({{"text", LogFormat::kText}, {"json", LogFormat::kJson}},
                         [](Settings& s, LogFormat format) { s.log_format = format; })},
  };
}

std::vector<Setting> processor_settings() {
  const std::string group = "Processors of channel flows";
  return {
      {"lambda-endpoint", group, "URL",
       "Lambda Invoke endpoint for all processors (none: invocations wait at the admin endpoint)",
       apply_lambda_endpoint},
      {"processor", group, "NAME_OR_ARN=URL",
       "Invoke endpoint for one processor; repeat it, or separate by blanks in the environment",
       apply_processor, "CARILLON_PROCESSORS"},
      {"lambda-name-form", group, "FORM",
       "How endpoints know a function: bare, arn or fixed:NAME (bare)", apply_name_form},
      {"lambda-invocation-type", group, "TYPE", "Event or RequestResponse (Event)",
       choice<InvocationType>(
           {{"Event", InvocationType::kEvent},
            {"RequestResponse", InvocationType::kRequestResponse}},
           [](Settings& s, InvocationType type) { s.lambda_invocation_type = type; })},
      {"processor-concurrency", group, "N", "Invocations at a time for each endpoint (16)",
       integer(&Settings::processor_concurrency, 1, kProcessorConcurrencyMax)},
      {"processor-connect-timeout", group, "DURATION", "To connect to an endpoint (2s)",
       duration(&Settings::processor_connect_timeout, 1ms, 24h)},
      {"processor-answer-timeout", group, "DURATION", "For an endpoint's answer (30s)",
       duration(&Settings::processor_answer_timeout, 1ms, 24h)},
  };
}

std::vector<Setting> service_settings() {
  const std::string group = "Service";
  return {
      {"callback-timeout", group, "DURATION", "For a processor to call ChannelFlowCallback (48h)",
       duration(
           1ms, 24h * 365,
           [](Settings& s, milliseconds value) { s.api.callback_timeout_ms = value.count(); })},
      {"callback-expiry", group, "WHAT",
       "After that: stay-pending or apply-fallback (stay-pending)",
       choice<api::CallbackExpiry>(
           {{"stay-pending", api::CallbackExpiry::kStayPending},
            {"apply-fallback", api::CallbackExpiry::kApplyFallback}},
           [](Settings& s, api::CallbackExpiry expiry) { s.api.callback_expiry = expiry; })},
      {"validation-error", group, "TYPE",
       "BadRequestException or ValidationException (BadRequestException)",
       choice<bool>({{"BadRequestException", false}, {"ValidationException", true}},
                    [](Settings& s, bool validation) { s.api.validation_exception = validation; })},
      {"sigv4", group, "WHAT", "Signatures of requests: off, warn or enforce (off)",
       choice<SigV4>({{"off", SigV4::kOff}, {"warn", SigV4::kWarn}, {"enforce", SigV4::kEnforce}},
                     [](Settings& s, SigV4 sigv4) { s.sigv4 = sigv4; })},
      {"credential", group, "ID=SECRET",
       "An access key that may sign; repeat it, or separate by commas in the environment",
       [](Settings& s, const std::string& text) { return add_credential(s.credentials, text); },
       "CARILLON_CREDENTIAL", false, true},
      {"credentials-file", group, "FILE", "Access keys that may sign, in the form of the AWS CLI",
       [](Settings& s, const std::string& text) {
         return add_credentials_file(s.credentials, text);
       }},
      {"quotas", group, "WHAT",
       "off, or enforce: the service's request rates and numbers of resources (off)",
       choice<bool>({{"off", false}, {"enforce", true}},
                    [](Settings& s, bool enforce) { s.api.enforce_quotas = enforce; })},
      {"auto-provision",
       group,
       "BOOLEAN",
       "App instances and users come to exist when a request names them (false)",
       choice<bool>({{"true", true}, {"false", false}, {"1", true}, {"0", false}},
                    [](Settings& s, bool provision) { s.api.auto_provision = provision; }),
       {},
       true},
      {"advertise", group, "HOST[:PORT]",
       "Endpoint that GetMessagingSessionEndpoint gives out (the caller's own Host)",
       apply_advertise},
      {"account", group, "DIGITS", "Account of callers whose key is no account (000000000000)",
       apply_account},
      {"region", group, "REGION", "Region of callers who name none (us-east-1)", apply_region},
  };
}

std::vector<Setting> all_settings() {
  std::vector<Setting> settings = server_settings();
  for (Setting& setting : processor_settings()) settings.push_back(std::move(setting));
  for (Setting& setting : service_settings()) settings.push_back(std::move(setting));
  return settings;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1] ? 1 : 0)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// The known name that `name` is a slip of, if any.
std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known) {
  std::optional<std::string> best;
  std::size_t best_distance = 3;  // two slips are a slip, three are another word
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

CommandLine refuse(std::string message) {
  CommandLine line;
  line.command = CommandLine::Command::kPrint;
  line.text = "carillon: " + std::move(message) + "\n";
  line.exit_code = kExitBadSettings;
  return line;
}

std::map<std::string, std::string> carillon_variables(const std::vector<std::string>& environment) {
  std::map<std::string, std::string> variables;
  for (const std::string& entry : environment) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || !entry.starts_with("CARILLON_")) continue;
    variables[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return variables;
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while ((begin = text.find_first_not_of(" ,\t\n", begin)) != std::string::npos) {
    const std::size_t end = std::min(text.find_first_of(" ,\t\n", begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return parts;
}

std::string sentence(const std::string& where, const std::string& other, const Setting& setting,
                     const std::string& value, const std::string& remedy) {
  const std::string shown = setting.secret ? "the value" : "\"" + value + "\"";
  return where + " (also " + other + "): " + shown + " is not valid: " + remedy + ".";
}

// Values of the environment first, so that flags replace them. Returns what is wrong.
std::optional<std::string> apply_all(const std::vector<Setting>& settings,
                                     const std::map<std::string, std::string>& variables,
                                     const std::map<std::string, std::vector<std::string>>& flags,
                                     Settings& result) {
  for (const Setting& setting : settings) {
    const auto flag = flags.find(setting.name);
    if (flag != flags.end() && !flag->second.empty()) {
      for (const std::string& value : flag->second) {
        if (const auto remedy = setting.apply(result, value)) {
          return sentence(setting.flag(), setting.variable(), setting, value, *remedy);
        }
      }
      continue;
    }
    const auto variable = variables.find(setting.variable());
    // An empty variable is how a compose file leaves one out.
    if (variable == variables.end() || variable->second.empty()) continue;
    const std::vector<std::string> values = setting.repeatable()
                                                ? split_list(variable->second)
                                                : std::vector<std::string>{variable->second};
    for (const std::string& value : values) {
      if (const auto remedy = setting.apply(result, value)) {
        return sentence(setting.variable(), setting.flag(), setting, value, *remedy);
      }
    }
  }
  if (result.sigv4 != SigV4::kOff && result.credentials.empty()) {
    return "--sigv4 (also CARILLON_SIGV4) needs access keys to check signatures with: give "
           "--credential ID=SECRET or --credentials-file FILE.";
  }
  return std::nullopt;
}

// A misspelt variable would silently do nothing: refuse what is nearly one of ours. Other names are
// only warned of, since container engines inject variables named after services.
std::optional<std::string> check_variable_names(const std::vector<Setting>& settings,
                                                const std::map<std::string, std::string>& variables,
                                                std::vector<std::string>& warnings) {
  std::vector<std::string> known;
  for (const Setting& setting : settings) known.push_back(setting.variable());
  for (const auto& [name, value] : variables) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    if (const auto near = nearest(name, known)) {
      return "the environment has " + name + ", which is no setting; did you mean " + *near + "?";
    }
    warnings.push_back("the environment has " + name +
                       ", which is no setting; carillon --help lists them");
  }
  return std::nullopt;
}

std::string unknown_argument(const std::string& argument, const std::vector<Setting>& settings) {
  std::vector<std::string> known{"--help", "--version", "--wait", "--timeout", "serve", "ready"};
  for (const Setting& setting : settings) known.push_back(setting.flag());
  const std::string name = argument.substr(0, argument.find('='));
  std::string text = "\"" + argument + "\" is no flag or command";
  if (const auto near = nearest(name, known))
    text += "; did you mean " + *near + "?";
  else
    text += "; carillon --help lists them.";
  return text;
}

constexpr const char* kFooter = R"(
Every setting is also an environment variable: --io-threads is CARILLON_IO_THREADS, and that of
--processor, which may have several values, is CARILLON_PROCESSORS. A flag wins over the variable.
Durations: 500ms, 5s, 2m, 48h.

Exit codes of serve: 0 after SIGTERM or SIGINT; 1 when it cannot run (the port is taken, the data
directory is in use or damaged); 2 when a setting is wrong; 130 or 143 after a second signal.
Exit codes of ready: 0 when the server answers that it is healthy; 1 when not; 2 as above.)";

}  // namespace

std::string_view version() { return CARILLON_VERSION; }

int default_io_threads() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()) / 2, 1, 4);
}

std::string print_duration(milliseconds duration) {
  if (duration >= 1h && duration % 1h == 0ms) return std::to_string(duration / 1h) + "h";
  if (duration >= 1s && duration % 1s == 0ms) return std::to_string(duration / 1s) + "s";
  return std::to_string(duration.count()) + "ms";
}

Parsed<milliseconds> parse_duration(std::string_view text, milliseconds min, milliseconds max) {
  const Rejected rejected{"give a duration from " + print_duration(min) + " to " +
                          print_duration(max) +
                          ", as a whole number and a unit: 500ms, 5s, 2m, 48h"};
  std::int64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || number < 0) return rejected;
  const std::string_view unit(end, static_cast<std::size_t>(last - end));
  std::int64_t factor = 0;
  if (unit == "ms") factor = 1;
  if (unit == "s") factor = 1'000;
  if (unit == "m") factor = 60'000;
  if (unit == "h") factor = 3'600'000;
  if (unit == "d") factor = 86'400'000;
  if (factor == 0 || number > max.count() / factor || number * factor < min.count()) {
    return rejected;
  }
  return milliseconds(number * factor);
}

CommandLine parse_command_line(std::vector<std::string> arguments,
                               const std::vector<std::string>& environment) {
  const std::vector<Setting> settings = all_settings();
  CLI::App app("A local Amazon Chime SDK Messaging.", "carillon");
  app.footer(kFooter);
  bool show_version = false;
  app.add_flag("--version", show_version, "Print the version");
  std::map<std::string, std::vector<std::string>> flags;
  for (const Setting& setting : settings) {
    auto* option = app.add_option(setting.flag(), flags[setting.name], setting.help)
                       ->type_name(setting.value_name)
                       ->group(setting.group)
                       ->expected(setting.valueless ? 0 : 1, 1);
    if (setting.valueless) option->default_str("true");
    option->multi_option_policy(setting.repeatable() ? CLI::MultiOptionPolicy::TakeAll
                                                     : CLI::MultiOptionPolicy::TakeLast);
    if (setting.repeatable()) option->allow_extra_args(false);
  }
  auto* serve = app.add_subcommand("serve", "Run the server (what happens without a command)");
  serve->fallthrough();
  auto* ready = app.add_subcommand("ready", "Ask the server on --port whether it is healthy");
  ready->fallthrough();
  CommandLine line;
  ready->add_flag("--wait", line.ready_wait, "Keep asking until it is, or until --timeout");
  std::string ready_timeout = "30s";
  ready->add_option("--timeout", ready_timeout, "How long to wait (30s)")->type_name("DURATION");
  app.require_subcommand(0, 1);
  app.allow_extras();
  serve->allow_extras();
  ready->allow_extras();

  try {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    line.command = CommandLine::Command::kPrint;
    line.text = app.help();
    return line;
  } catch (const CLI::ParseError& error) {
    return refuse(error.what());
  }
  if (show_version) {
    line.command = CommandLine::Command::kPrint;
    line.text = "carillon " + std::string(version()) + "\n";
    return line;
  }
  if (const auto extras = app.remaining(true); !extras.empty()) {
    return refuse(unknown_argument(extras.front(), settings));
  }
  const auto variables = carillon_variables(environment);
  line.settings.io_threads = default_io_threads();
  if (auto wrong = check_variable_names(settings, variables, line.warnings)) return refuse(*wrong);
  if (auto wrong = apply_all(settings, variables, flags, line.settings)) return refuse(*wrong);
  if (ready->parsed()) {
    line.command = CommandLine::Command::kReady;
    const std::string with_unit = ready_timeout.find_first_not_of("0123456789") == std::string::npos
                                      ? ready_timeout + "s"
                                      : ready_timeout;
    const auto timeout = parse_duration(with_unit, 1ms, 24h);
    if (!timeout) {
      return refuse("--timeout: \"" + ready_timeout + "\" is not valid: " + timeout.error().reason +
                    ".");
    }
    line.ready_timeout = *timeout;
  }
  return line;
}

}  // namespace carillon::server
