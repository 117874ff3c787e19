#include "server/config_table.h"

#include "server/credentials.h"

namespace carillon::server {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

namespace {

const std::vector<std::pair<std::string, bool>> kBooleans{
    {"true", true}, {"false", false}, {"1", true}, {"0", false}};

std::vector<Setting> server_settings() {
  const std::string group = "Server";
  return {
      {"host", group, "ADDRESS", "Address to listen on (127.0.0.1)", apply_host},
      {"port", group, "PORT", "Port to listen on, 0 for any (7464)", apply_port},
      {"data", group, "DIR", "Keep everything in this directory (nothing is kept)",
       apply_path(&Settings::data, "give a directory, or leave the setting out to keep nothing")},
      {"io-threads", group, "N", "Threads that serve connections (half the processors, 1 to 4)",
       apply_integer(&Settings::io_threads, 1, kIoThreadsMax)},
      {"max-connections", group, "N", "Connections at a time (1024)",
       apply_integer(&Settings::connections_max, 1, kConnectionsMax)},
      {"max-in-flight", group, "N", "Requests at a time; further ones get 503 (512)",
       apply_integer(&Settings::in_flight_max, 1, kInFlightMax)},
      {"read-timeout", group, "DURATION", "For a whole request to arrive (30s)",
       apply_duration(&Settings::read_timeout, 10ms, 24h)},
      {"idle-timeout", group, "DURATION", "From one request to the next on a connection (75s)",
       apply_duration(&Settings::idle_timeout, 10ms, 24h)},
      {"session-idle-timeout", group, "DURATION",
       "For a connected user's client to answer pings; it gets one at half of this (60s)",
       apply_duration(&Settings::session_idle_timeout, 1s, 24h)},
      {"shutdown-timeout", group, "DURATION", "For requests in flight at SIGTERM (8s)",
       apply_duration(&Settings::shutdown_timeout, 0ms, 24h)},
      {"log-level", group, "LEVEL", "debug, info, warn, error or off (info)",
       apply_choice<LogLevel>({{"debug", LogLevel::kDebug},
                               {"info", LogLevel::kInfo},
                               {"warn", LogLevel::kWarn},
                               {"error", LogLevel::kError},
                               {"off", LogLevel::kOff}},
                              [](Settings& s, LogLevel level) { s.log_level = level; })},
      {"log-format", group, "FORMAT", "text or json (text)",
       apply_choice<LogFormat>({{"text", LogFormat::kText}, {"json", LogFormat::kJson}},
                               [](Settings& s, LogFormat format) { s.log_format = format; })},
  };
}

std::vector<Setting> tls_settings() {
  const std::string group = "TLS, on the same port as plain HTTP";
  return {
      {"tls-cert", group, "FILE",
       "Certificate to show, with its chain, PEM (one of our own, see docs/tls.md)",
       apply_path(&Settings::tls_cert, "give a PEM file with the certificate and its chain")},
      {"tls-key", group, "FILE", "Its private key, PEM",
       apply_path(&Settings::tls_key, "give a PEM file with the private key of --tls-cert")},
      {"tls-san", group, "NAME",
       "Further name or IP address that our own certificate is for; repeat it, or separate by "
       "commas in the environment",
       apply_tls_name, "CARILLON_TLS_SAN"},
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
       apply_choice<InvocationType>(
           {{"Event", InvocationType::kEvent},
            {"RequestResponse", InvocationType::kRequestResponse}},
           [](Settings& s, InvocationType type) { s.lambda_invocation_type = type; })},
      {"processor-concurrency", group, "N", "Invocations at a time for each endpoint (16)",
       apply_integer(&Settings::processor_concurrency, 1, kProcessorConcurrencyMax)},
      {"processor-connect-timeout", group, "DURATION", "To connect to an endpoint (2s)",
       apply_duration(&Settings::processor_connect_timeout, 1ms, 24h)},
      {"processor-answer-timeout", group, "DURATION", "For an endpoint's answer (30s)",
       apply_duration(&Settings::processor_answer_timeout, 1ms, 24h)},
  };
}

std::vector<Setting> service_settings() {
  const std::string group = "Service";
  return {
      {"callback-timeout", group, "DURATION", "For a processor to call ChannelFlowCallback (48h)",
       apply_duration(
           1ms, 24h * 365,
           [](Settings& s, milliseconds value) { s.api.callback_timeout_ms = value.count(); })},
      {"callback-expiry", group, "WHAT",
       "After that: stay-pending or apply-fallback (stay-pending)",
       apply_choice<api::CallbackExpiry>(
           {{"stay-pending", api::CallbackExpiry::kStayPending},
            {"apply-fallback", api::CallbackExpiry::kApplyFallback}},
           [](Settings& s, api::CallbackExpiry expiry) { s.api.callback_expiry = expiry; })},
      {"validation-error", group, "TYPE",
       "BadRequestException or ValidationException (BadRequestException)",
       apply_choice<bool>(
           {{"BadRequestException", false}, {"ValidationException", true}},
           [](Settings& s, bool validation) { s.api.validation_exception = validation; })},
      {"sigv4", group, "WHAT", "Signatures of requests: off, warn or enforce (off)",
       apply_choice<SigV4>(
           {{"off", SigV4::kOff}, {"warn", SigV4::kWarn}, {"enforce", SigV4::kEnforce}},
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
       apply_choice<bool>({{"off", false}, {"enforce", true}},
                          [](Settings& s, bool enforce) { s.api.enforce_quotas = enforce; })},
      {"auto-provision",
       group,
       "BOOLEAN",
       "App instances and users come to exist when a request names them (false)",
       apply_choice<bool>(kBooleans,
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

}  // namespace

std::string Setting::variable() const {
  if (repeatable()) return list_variable;
  std::string variable = variable_prefix;
  for (const char c : name) {
    variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return variable;
}

std::vector<Setting> all_settings() {
  std::vector<Setting> settings = server_settings();
  for (Setting& setting : tls_settings()) settings.push_back(std::move(setting));
  for (Setting& setting : processor_settings()) settings.push_back(std::move(setting));
  for (Setting& setting : service_settings()) settings.push_back(std::move(setting));
  return settings;
}

std::vector<Setting> listen_settings(ListenSettings& listen) {
  const std::string group = "What to listen to";
  std::vector<Setting> settings{
      {"user", group, "ARN", "The app instance user to listen as", apply_listen_user(listen)},
      {"endpoint", group, "URL", "The server, http or https (http://127.0.0.1:7464)",
       apply_listen_endpoint(listen)},
      {"ca", group, "FILE", "With https: the authority to trust, PEM (the system's)",
       apply_listen_ca(listen)},
      {"insecure", group, "BOOLEAN", "With https: take any certificate (false)",
       apply_choice<bool>(kBooleans,
                          [&listen](Settings&, bool insecure) { listen.insecure = insecure; })},
      {"prefetch", group, "BOOLEAN", "Begin with the details of the user's channels (false)",
       apply_choice<bool>(kBooleans,
                          [&listen](Settings&, bool prefetch) { listen.prefetch = prefetch; })},
      {"count", group, "N", "End after so many events (never)", apply_listen_count(listen)},
      {"timeout", group, "DURATION", "End after this time (never)",
       apply_duration(1ms, 24h * 365,
                      [&listen](Settings&, milliseconds value) { listen.timeout = value; })},
  };
  for (Setting& setting : settings) {
    setting.variable_prefix = "CARILLON_LISTEN_";
    setting.valueless = setting.value_name == "BOOLEAN";
  }
  return settings;
}

}  // namespace carillon::server
