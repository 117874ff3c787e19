#include "server/config.h"

#include <algorithm>
#include <map>
#include <thread>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "server/config_table.h"

#ifndef CARILLON_VERSION
#error "CARILLON_VERSION comes from the build"
#endif

namespace carillon::server {
namespace {

using namespace std::chrono_literals;

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

CommandLine print(std::string text) {
  CommandLine line;
  line.command = CommandLine::Command::kPrint;
  line.text = std::move(text);
  return line;
}

CommandLine refuse(std::string message) {
  CommandLine line = print("carillon: " + std::move(message) + "\n");
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
  return std::nullopt;
}

// What a setting needs of another. Returns what is wrong.
std::optional<std::string> check_together(const Settings& settings) {
  if (settings.sigv4 != SigV4::kOff && settings.credentials.empty()) {
    return "--sigv4 (also CARILLON_SIGV4) needs access keys to check signatures with: give "
           "--credential ID=SECRET or --credentials-file FILE.";
  }
  if (settings.tls_cert.empty() != settings.tls_key.empty()) {
    return "--tls-cert FILE and --tls-key FILE (also CARILLON_TLS_CERT and CARILLON_TLS_KEY) "
           "belong "
           "together: give both, or neither for a certificate of our own.";
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

std::string unknown_argument(const std::string& argument, std::vector<std::string> known) {
  known.insert(known.end(), {"--help", "--version", "serve", "ready", "listen"});
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
Exit codes of ready: 0 when the server answers that it is healthy; 1 when not; 2 as above.
`carillon listen --help` tells of listening to a user's events.)";

constexpr const char* kListenFooter = R"(
Prints one line for each event: on a terminal for people, otherwise a JSON object {"Type",
"MessageType", "Payload"}. Every flag is also an environment variable: --user is
CARILLON_LISTEN_USER. The session is signed with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
AWS_SESSION_TOKEN if they are set; else it is unsigned, of the account and region in the user's ARN.

A session that is lost is opened again, for up to 10 s; what happened meanwhile is not shown.

Exit codes: 0 after --count events; without --count, after --timeout, SIGINT or SIGTERM, or when
nobody reads the events any more. 1 when there were fewer than --count, or the session could not be
opened or was ended by the server. 2 when a flag is wrong.)";

using FlagValues = std::map<std::string, std::vector<std::string>>;

void add_options(CLI::App& app, const std::vector<Setting>& settings, FlagValues& flags) {
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
}

std::vector<std::string> flags_of(const std::vector<Setting>& settings) {
  std::vector<std::string> names;
  for (const Setting& setting : settings) names.push_back(setting.flag());
  return names;
}

std::string variable_of(const std::vector<std::string>& environment, const std::string& name) {
  for (const std::string& entry : environment) {
    if (entry.starts_with(name + "=")) return entry.substr(name.size() + 1);
  }
  return {};
}

// Returns what is wrong.
std::optional<std::string> take_credentials(const std::vector<std::string>& environment,
                                            ListenSettings& listen) {
  listen.key_id = variable_of(environment, "AWS_ACCESS_KEY_ID");
  listen.credential.secret = variable_of(environment, "AWS_SECRET_ACCESS_KEY");
  listen.credential.session_token = variable_of(environment, "AWS_SESSION_TOKEN");
  if (listen.key_id.empty() == listen.credential.secret.empty()) return std::nullopt;
  return "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together: set both, or neither to "
         "listen without a signature.";
}

// Returns what is wrong.
std::optional<std::string> finish_listen(const std::vector<Setting>& settings,
                                         const std::vector<std::string>& environment,
                                         const FlagValues& server_flags,
                                         const FlagValues& listen_flags, CommandLine& line) {
  for (const auto& [name, values] : server_flags) {
    if (!values.empty())
      return "--" + name + " is no flag of listen; carillon listen --help lists them.";
  }
  if (auto wrong =
          apply_all(settings, carillon_variables(environment), listen_flags, line.settings))
    return wrong;
  if (line.listen.user_arn.empty()) {
    return "listen needs --user ARN (also CARILLON_LISTEN_USER), the app instance user to listen "
           "as.";
  }
  if (!line.listen.ca.empty() && line.listen.insecure) {
    return "--ca FILE says which authority to trust and --insecure to trust anybody: give one of "
           "the two.";
  }
  line.command = CommandLine::Command::kListen;
  return take_credentials(environment, line.listen);
}

// Returns what is wrong.
std::optional<std::string> finish_ready(const std::string& timeout_text, CommandLine& line) {
  line.command = CommandLine::Command::kReady;
  const bool has_unit = timeout_text.find_first_not_of("0123456789") != std::string::npos;
  const auto timeout = parse_duration(has_unit ? timeout_text : timeout_text + "s", 1ms, 24h);
  if (!timeout) {
    return "--timeout: \"" + timeout_text + "\" is not valid: " + timeout.error().reason + ".";
  }
  line.ready_timeout = *timeout;
  return std::nullopt;
}

}  // namespace

std::string_view version() { return CARILLON_VERSION; }

int default_io_threads() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()) / 2, 1, 4);
}

CommandLine parse_command_line(std::vector<std::string> arguments,
                               const std::vector<std::string>& environment) {
  CommandLine line;
  const std::vector<Setting> settings = all_settings();
  const std::vector<Setting> of_listen = listen_settings(line.listen);
  CLI::App app("A local Amazon Chime SDK Messaging.", "carillon");
  app.footer(kFooter);
  bool show_version = false;
  app.add_flag("--version", show_version, "Print the version");
  FlagValues flags;
  add_options(app, settings, flags);
  auto* serve = app.add_subcommand("serve", "Run the server (what happens without a command)");
  serve->fallthrough();
  auto* ready = app.add_subcommand("ready", "Ask the server on --port whether it is healthy");
  ready->fallthrough();
  ready->add_flag("--wait", line.ready_wait, "Keep asking until it is, or until --timeout");
  std::string ready_timeout = "30s";
  ready->add_option("--timeout", ready_timeout, "How long to wait (30s)")->type_name("DURATION");
  auto* listen = app.add_subcommand("listen", "Print the events that a user is sent");
  listen->footer(kListenFooter);
  FlagValues listen_flags;
  add_options(*listen, of_listen, listen_flags);
  app.require_subcommand(0, 1);
  for (CLI::App* each : {&app, serve, ready, listen}) each->allow_extras();

  try {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return print(app.help());
  } catch (const CLI::ParseError& error) {
    return refuse(error.what());
  }
  if (show_version) return print("carillon " + std::string(version()) + "\n");
  if (const auto extras = app.remaining(true); !extras.empty()) {
    std::vector<std::string> known = flags_of(listen->parsed() ? of_listen : settings);
    if (!listen->parsed()) known.insert(known.end(), {"--wait", "--timeout"});
    return refuse(unknown_argument(extras.front(), std::move(known)));
  }
  const auto variables = carillon_variables(environment);
  std::vector<Setting> all = settings;
  all.insert(all.end(), of_listen.begin(), of_listen.end());
  if (auto wrong = check_variable_names(all, variables, line.warnings)) return refuse(*wrong);
  if (listen->parsed()) {
    const auto wrong = finish_listen(of_listen, environment, flags, listen_flags, line);
    return wrong ? refuse(*wrong) : line;
  }
  line.settings.io_threads = default_io_threads();
  if (auto wrong = apply_all(settings, variables, flags, line.settings)) return refuse(*wrong);
  if (auto wrong = check_together(line.settings)) return refuse(*wrong);
  if (ready->parsed()) {
    if (auto wrong = finish_ready(ready_timeout, line)) return refuse(*wrong);
  }
  return line;
}

}  // namespace carillon::server
