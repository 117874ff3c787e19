// Flags and environment variables: what they set, and how a wrong one is told.
#include "server/config.h"

#include <gtest/gtest.h>

namespace carillon::server {
namespace {

using namespace std::chrono_literals;

// The text that refuses the settings, or "" when they were taken.
std::string refusal(std::vector<std::string> arguments,
                    const std::vector<std::string>& environment = {}) {
  const CommandLine line = parse_command_line(std::move(arguments), environment);
  if (line.command != CommandLine::Command::kPrint) return "";
  EXPECT_EQ(line.exit_code, kExitBadSettings) << line.text;
  return line.text;
}

void expect_in(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts) {
    EXPECT_NE(text.find(part), std::string::npos) << "\"" << part << "\" is not in: " << text;
  }
}

TEST(CommandLineTest, ServesWithDefaults) {
  const CommandLine line = parse_command_line({}, {});
  EXPECT_EQ(line.command, CommandLine::Command::kServe);
  EXPECT_EQ(line.settings.host, "127.0.0.1");
  EXPECT_EQ(line.settings.port, 7464);
  EXPECT_TRUE(line.settings.data.empty());
  EXPECT_EQ(line.settings.api.callback_timeout_ms, 48LL * 3'600'000);
  EXPECT_EQ(line.settings.io_threads, default_io_threads());
  EXPECT_EQ(line.settings.session_idle_timeout, 60s);
  EXPECT_TRUE(line.settings.tls_cert.empty());
  EXPECT_TRUE(line.settings.tls_sans.empty());
}

TEST(CommandLineTest, TakesEveryFlag) {
  const CommandLine line = parse_command_line({"serve",
                                               "--host",
                                               "0.0.0.0",
                                               "--port=0",
                                               "--data",
                                               "/d",
                                               "--io-threads",
                                               "3",
                                               "--log-level",
                                               "debug",
                                               "--log-format",
                                               "json",
                                               "--lambda-endpoint",
                                               "http://l:1",
                                               "--processor",
                                               "a=http://a:1",
                                               "--processor",
                                               "b=http://b:2",
                                               "--lambda-name-form",
                                               "fixed:function",
                                               "--lambda-invocation-type",
                                               "RequestResponse",
                                               "--processor-concurrency",
                                               "1",
                                               "--processor-connect-timeout",
                                               "100ms",
                                               "--processor-answer-timeout",
                                               "15m",
                                               "--callback-timeout",
                                               "5s",
                                               "--callback-expiry",
                                               "apply-fallback",
                                               "--quotas",
                                               "enforce",
                                               "--validation-error",
                                               "ValidationException",
                                               "--advertise",
                                               "chime.example.test:443",
                                               "--max-connections",
                                               "9",
                                               "--max-in-flight",
                                               "8",
                                               "--read-timeout",
                                               "1s",
                                               "--idle-timeout",
                                               "2s",
                                               "--shutdown-timeout",
                                               "0ms",
                                               "--account",
                                               "123456789012",
                                               "--region",
                                               "eu-central-1"},
                                              {});
  ASSERT_EQ(line.command, CommandLine::Command::kServe) << line.text;
  const Settings& settings = line.settings;
  EXPECT_EQ(settings.host, "0.0.0.0");
  EXPECT_EQ(settings.port, 0);
  EXPECT_EQ(settings.data, "/d");
  EXPECT_EQ(settings.io_threads, 3);
  EXPECT_EQ(settings.log_level, LogLevel::kDebug);
  EXPECT_EQ(settings.log_format, LogFormat::kJson);
  ASSERT_TRUE(settings.lambda_endpoint);
  EXPECT_EQ(settings.lambda_endpoint->authority, "l:1");
  ASSERT_EQ(settings.processors.size(), 2U);
  EXPECT_EQ(settings.processors[1].first, "b");
  EXPECT_EQ(settings.lambda_name_form.text(), "fixed:function");
  EXPECT_EQ(settings.lambda_invocation_type, InvocationType::kRequestResponse);
  EXPECT_EQ(settings.processor_concurrency, 1);
  EXPECT_EQ(settings.processor_connect_timeout, 100ms);
  EXPECT_EQ(settings.processor_answer_timeout, 15min);
  EXPECT_EQ(settings.api.callback_timeout_ms, 5'000);
  EXPECT_EQ(settings.api.callback_expiry, api::CallbackExpiry::kApplyFallback);
  EXPECT_TRUE(settings.api.validation_exception);
  EXPECT_TRUE(settings.api.enforce_quotas);
  EXPECT_EQ(settings.api.advertise, "chime.example.test:443");
  EXPECT_EQ(settings.connections_max, 9);
  EXPECT_EQ(settings.in_flight_max, 8);
  EXPECT_EQ(settings.read_timeout, 1s);
  EXPECT_EQ(settings.idle_timeout, 2s);
  EXPECT_EQ(settings.shutdown_timeout, 0ms);
  EXPECT_EQ(settings.api.default_account, "123456789012");
  EXPECT_EQ(settings.api.default_region, "eu-central-1");
}

TEST(CommandLineTest, TakesTheEnvironmentUnlessAFlagSaysOtherwise) {
  const std::vector<std::string> environment{
      "CARILLON_PORT=1111", "CARILLON_HOST=0.0.0.0",
      "CARILLON_DATA=", "CARILLON_PROCESSORS=a=http://a:1, b=http://b:2", "PATH=/bin"};
  const CommandLine line = parse_command_line({"--port", "2222"}, environment);
  ASSERT_EQ(line.command, CommandLine::Command::kServe) << line.text;
  EXPECT_EQ(line.settings.port, 2222);
  EXPECT_EQ(line.settings.host, "0.0.0.0");
  EXPECT_TRUE(line.settings.data.empty());
  ASSERT_EQ(line.settings.processors.size(), 2U);
  EXPECT_EQ(line.settings.processors[0].first, "a");
}

TEST(CommandLineTest, NamesTheSettingTheValueAndWhatWouldBeRight) {
  expect_in(refusal({"--port", "70000"}), {"--port", "CARILLON_PORT", "70000", "0", "65535"});
  expect_in(refusal({}, {"CARILLON_PORT=abc"}), {"CARILLON_PORT (also --port)", "abc", "65535"});
  expect_in(refusal({}, {"CARILLON_PORT=tcp://10.0.0.1:7464"}), {"Kubernetes"});
  expect_in(refusal({"--host", "nowhere"}), {"--host", "nowhere", "127.0.0.1"});
  expect_in(refusal({"--io-threads", "0"}), {"--io-threads", "1 to 16"});
  expect_in(refusal({"--log-level", "loud"}), {"debug, info, warn, error or off"});
  expect_in(refusal({"--log-format", "xml"}), {"text or json"});
  expect_in(refusal({"--lambda-endpoint", "https://l"}), {"--lambda-endpoint", "http://"});
  expect_in(refusal({"--processor", "http://l"}), {"NAME=URL"});
  expect_in(refusal({"--processor", "a/b=http://l"}), {"bare function name"});
  expect_in(refusal({"--processor", "a=http://l", "--processor", "a=http://m"}), {"once"});
  expect_in(refusal({}, {"CARILLON_PROCESSORS=a=http://l b=x"}), {"CARILLON_PROCESSORS", "b=x"});
  expect_in(refusal({"--lambda-name-form", "x"}), {"bare, arn or fixed:NAME"});
  expect_in(refusal({"--lambda-invocation-type", "event"}), {"Event or RequestResponse"});
  expect_in(refusal({"--read-timeout", "5"}), {"--read-timeout", "unit", "5s"});
  expect_in(refusal({"--callback-timeout", "-1s"}), {"CARILLON_CALLBACK_TIMEOUT"});
  expect_in(refusal({"--callback-expiry", "drop"}), {"stay-pending or apply-fallback"});
  expect_in(refusal({"--quotas", "on"}), {"off or enforce"});
  expect_in(refusal({"--validation-error", "x"}), {"BadRequestException or ValidationException"});
  expect_in(refusal({"--account", "12"}), {"12 digits"});
  expect_in(refusal({"--advertise", "http://a"}), {"CARILLON_ADVERTISE", "without a scheme"});
  expect_in(refusal({}, {"CARILLON_ADVERTISE=a/b"}), {"--advertise", "HOST:PORT"});
  expect_in(refusal({"--region", "Mars!"}), {"us-east-1"});
  expect_in(refusal({"--data", ""}), {"directory"});
}

TEST(CommandLineTest, TakesTheFlagsOfRealTime) {
  const CommandLine line = parse_command_line(
      {"--session-idle-timeout", "90s", "--tls-cert", "cert.pem", "--tls-key=key.pem", "--tls-san",
       "Chime.Example.Test", "--tls-san", "*.example.test"},
      {});
  ASSERT_EQ(line.command, CommandLine::Command::kServe) << line.text;
  EXPECT_EQ(line.settings.session_idle_timeout, 90s);
  EXPECT_EQ(line.settings.tls_cert, "cert.pem");
  EXPECT_EQ(line.settings.tls_key, "key.pem");
  EXPECT_EQ(line.settings.tls_sans,
            (std::vector<std::string>{"chime.example.test", "*.example.test"}));
}

TEST(CommandLineTest, TakesNamesForTheCertificate) {
  const CommandLine line = parse_command_line(
      {}, {"CARILLON_TLS_SAN=chime.test, *.chime.test,192.0.2.1,2001:DB8:0::1,carillon_1"});
  ASSERT_EQ(line.command, CommandLine::Command::kServe) << line.text;
  EXPECT_EQ(line.settings.tls_sans,
            (std::vector<std::string>{"chime.test", "*.chime.test", "192.0.2.1", "2001:db8::1",
                                      "carillon_1"}));
  for (const char* wrong :
       {"", "a b", "https://a", "a:443", "a.", ".a", "a..b", "-a", "a-", "*", "*.test", "*a.test",
        "a.*.test", "300.1.1.1", "1.2.3", "[::1]", "fe80::1%eth0", "b\u00fccher.test"}) {
    expect_in(refusal({"--tls-san", wrong}), {"--tls-san", "CARILLON_TLS_SAN", "DNS name", "IP"});
  }
  expect_in(refusal({"--tls-san", std::string(64, 'a')}), {"DNS name"});
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= kTlsNamesMax; ++i) {
    many.insert(many.end(), {"--tls-san", "a" + std::to_string(i)});
  }
  expect_in(refusal(many), {"at most 100 names"});
}

TEST(CommandLineTest, WantsBothHalvesOfACertificate) {
  expect_in(refusal({"--tls-cert", "a.pem"}), {"--tls-cert", "--tls-key", "both"});
  expect_in(refusal({}, {"CARILLON_TLS_KEY=a.pem"}), {"CARILLON_TLS_CERT", "both"});
  expect_in(refusal({"--tls-cert", ""}), {"--tls-cert", "PEM"});
  expect_in(refusal({"--session-idle-timeout", "500ms"}), {"--session-idle-timeout", "1s"});
}

TEST(CommandLineTest, TakesCredentials) {
  const CommandLine flags = parse_command_line(
      {"--sigv4", "enforce", "--credential", "AKID1=a/b+c=", "--credential", "111122223333=d"}, {});
  ASSERT_EQ(flags.command, CommandLine::Command::kServe) << flags.text;
  EXPECT_EQ(flags.settings.sigv4, SigV4::kEnforce);
  ASSERT_EQ(flags.settings.credentials.size(), 2U);
  EXPECT_EQ(flags.settings.credentials.at("AKID1").secret, "a/b+c=");

  const CommandLine variables =
      parse_command_line({}, {"CARILLON_SIGV4=warn", "CARILLON_CREDENTIAL=AKID1=a,AKID2=b"});
  ASSERT_EQ(variables.command, CommandLine::Command::kServe) << variables.text;
  EXPECT_EQ(variables.settings.sigv4, SigV4::kWarn);
  EXPECT_EQ(variables.settings.credentials.at("AKID2").secret, "b");
}

TEST(CommandLineTest, TakesAFlagThatNeedsNoValue) {
  const auto provisions = [](std::vector<std::string> arguments,
                             const std::vector<std::string>& environment = {}) {
    const CommandLine line = parse_command_line(std::move(arguments), environment);
    EXPECT_EQ(line.command, CommandLine::Command::kServe) << line.text;
    return line.settings.api.auto_provision;
  };
  EXPECT_FALSE(provisions({}));
  EXPECT_TRUE(provisions({"--auto-provision"}));
  EXPECT_TRUE(provisions({"--auto-provision", "--port", "1"}));
  EXPECT_TRUE(provisions({"--auto-provision", "serve"}));
  EXPECT_TRUE(provisions({"serve", "--auto-provision"}));
  EXPECT_TRUE(provisions({"--auto-provision=true"}));
  EXPECT_FALSE(provisions({"--auto-provision=false"}));
  EXPECT_TRUE(provisions({}, {"CARILLON_AUTO_PROVISION=1"}));
  EXPECT_FALSE(provisions({}, {"CARILLON_AUTO_PROVISION=false"}));
  expect_in(refusal({"--auto-provision=yes"}), {"true, false, 1 or 0"});
  expect_in(refusal({}, {"CARILLON_AUTO_PROVISION=on"}), {"true, false, 1 or 0"});
}

TEST(CommandLineTest, RefusesCredentialsWithoutRepeatingThem) {
  for (const std::string& wrong :
       {std::string("topsecret"), std::string("A B=topsecret"), std::string("=topsecret")}) {
    const std::string text = refusal({"--credential", wrong});
    expect_in(text, {"--credential", "CARILLON_CREDENTIAL"});
    EXPECT_EQ(text.find("topsecret"), std::string::npos) << text;
  }
  expect_in(refusal({"--credential", "A=1", "--credential", "A=2"}), {"once", "A has"});
  expect_in(refusal({"--credential", "A="}), {"empty"});
  expect_in(refusal({"--credentials-file", "/nowhere"}), {"/nowhere", "can be read"});
  expect_in(refusal({"--sigv4", "on"}), {"off, warn or enforce"});
  expect_in(refusal({"--sigv4", "enforce"}), {"--credential ID=SECRET", "--credentials-file FILE"});
  expect_in(refusal({}, {"CARILLON_SIGV4=warn"}), {"--credential ID=SECRET"});
}

TEST(CommandLineTest, KnowsSlips) {
  expect_in(refusal({"--prot", "1"}), {"--prot", "did you mean --port?"});
  expect_in(refusal({"server"}), {"did you mean serve?"});
  expect_in(refusal({}, {"CARILLON_PROT=1"}), {"CARILLON_PROT", "did you mean CARILLON_PORT?"});
}

TEST(CommandLineTest, WarnsOfVariablesThatAreNobodysSlip) {
  const CommandLine line = parse_command_line({}, {"CARILLON_PORT_7464_TCP_ADDR=10.0.0.1"});
  EXPECT_EQ(line.command, CommandLine::Command::kServe);
  ASSERT_EQ(line.warnings.size(), 1U);
  expect_in(line.warnings[0], {"CARILLON_PORT_7464_TCP_ADDR"});
}

TEST(CommandLineTest, ReadyHasItsOwnFlagsAndTheServersPort) {
  const CommandLine line =
      parse_command_line({"ready", "--wait", "--timeout", "3", "--port", "9"}, {});
  ASSERT_EQ(line.command, CommandLine::Command::kReady) << line.text;
  EXPECT_TRUE(line.ready_wait);
  EXPECT_EQ(line.ready_timeout, 3s);
  EXPECT_EQ(line.settings.port, 9);
  expect_in(refusal({"ready", "--timeout", "soon"}), {"--timeout", "soon"});
}

const std::string kUser =
    "arn:aws:chime:us-east-1:111122223333:app-instance/"
    "01234567-89ab-cdef-0123-456789abcdef/user/alice";

TEST(CommandLineTest, ListenHasFlagsOfItsOwn) {
  const CommandLine plain = parse_command_line({"listen", "--user", kUser}, {"PATH=/bin"});
  ASSERT_EQ(plain.command, CommandLine::Command::kListen) << plain.text;
  EXPECT_EQ(plain.listen.user_arn, kUser);
  EXPECT_EQ(plain.listen.endpoint.authority, "127.0.0.1:7464");
  EXPECT_FALSE(plain.listen.tls || plain.listen.prefetch || plain.listen.insecure);
  EXPECT_EQ(plain.listen.count, 0);
  EXPECT_EQ(plain.listen.timeout, std::nullopt);
  EXPECT_EQ(plain.listen.key_id, "");

  const CommandLine all = parse_command_line(
      {"listen", "--user", kUser, "--endpoint", "https://chime.test", "--ca", "ca.pem",
       "--prefetch", "--count", "3", "--timeout", "5s"},
      {"AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=s", "AWS_SESSION_TOKEN=t"});
  ASSERT_EQ(all.command, CommandLine::Command::kListen) << all.text;
  EXPECT_TRUE(all.listen.tls && all.listen.prefetch);
  EXPECT_EQ(all.listen.endpoint.port, 443);
  EXPECT_EQ(all.listen.endpoint.authority, "chime.test");
  EXPECT_EQ(all.listen.ca, "ca.pem");
  EXPECT_EQ(all.listen.count, 3);
  EXPECT_EQ(all.listen.timeout, 5s);
  EXPECT_EQ(all.listen.key_id, "AKID");
  EXPECT_EQ(all.listen.credential.secret, "s");
  EXPECT_EQ(all.listen.credential.session_token, "t");

  const CommandLine variables = parse_command_line(
      {"listen", "--insecure"}, {"CARILLON_LISTEN_USER=" + kUser, "CARILLON_PORT=nonsense",
                                 "CARILLON_LISTEN_ENDPOINT=https://[::1]:7464"});
  ASSERT_EQ(variables.command, CommandLine::Command::kListen) << variables.text;
  EXPECT_EQ(variables.listen.user_arn, kUser);
  EXPECT_EQ(variables.listen.endpoint.port, 7464);
  EXPECT_TRUE(variables.listen.tls && variables.listen.insecure);
}

TEST(CommandLineTest, ListenSaysWhatWouldBeRight) {
  const auto wrong = [](std::vector<std::string> more,
                        const std::vector<std::string>& environment = {}) {
    std::vector<std::string> arguments{"listen", "--user", kUser};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return refusal(arguments, environment);
  };
  expect_in(refusal({"listen"}), {"--user", "CARILLON_LISTEN_USER"});
  expect_in(refusal({"listen", "--user", "alice"}), {"\"alice\"", "app-instance/ID/user/ID"});
  expect_in(wrong({"--endpoint", "localhost:7464"}), {"--endpoint", "http://"});
  expect_in(wrong({"--endpoint", "http://a/b"}), {"without a path"});
  expect_in(wrong({"--count", "0"}), {"CARILLON_LISTEN_COUNT", "1 to"});
  expect_in(wrong({"--timeout", "5"}), {"--timeout", "5s"});
  expect_in(wrong({"--ca", "a.pem", "--insecure"}), {"--ca", "--insecure", "one of the two"});
  expect_in(wrong({"--usr", "x"}), {"did you mean --user?"});
  expect_in(wrong({"--port", "1"}), {"--port"});
  expect_in(refusal({"--port", "1", "listen", "--user", kUser}), {"--port", "no flag of listen"});
  expect_in(wrong({}, {"AWS_ACCESS_KEY_ID=AKID"}), {"AWS_SECRET_ACCESS_KEY", "both"});
  expect_in(refusal({}, {"CARILLON_LISTEN_USR=x"}), {"did you mean CARILLON_LISTEN_USER?"});
  const CommandLine help = parse_command_line({"listen", "--help"}, {});
  EXPECT_EQ(help.exit_code, kExitOk);
  expect_in(help.text, {"--user", "--prefetch", "Exit codes", "AWS_ACCESS_KEY_ID"});
}

TEST(CommandLineTest, PrintsHelpAndVersion) {
  const CommandLine help = parse_command_line({"--help"}, {});
  EXPECT_EQ(help.command, CommandLine::Command::kPrint);
  EXPECT_EQ(help.exit_code, kExitOk);
  expect_in(help.text, {"--port", "--lambda-endpoint", "ready", "Exit codes", "CARILLON_"});
  const CommandLine shown = parse_command_line({"--version"}, {});
  EXPECT_EQ(shown.text, "carillon " + std::string(version()) + "\n");
}

TEST(Duration, IsANumberAndAUnit) {
  EXPECT_EQ(*parse_duration("500ms", 1ms, 24h), 500ms);
  EXPECT_EQ(*parse_duration("2m", 1ms, 24h), 2min);
  EXPECT_EQ(*parse_duration("1d", 1ms, 48h), 24h);
  for (const char* wrong : {"", "ms", "5", "5 s", "1.5s", "-1s", "25h", "0ms",
                            "99999999999999999999s", "9223372036854775807d"}) {
    EXPECT_FALSE(parse_duration(wrong, 1ms, 24h).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace carillon::server
