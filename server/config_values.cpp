#include "server/config_values.h"

#include <algorithm>
#include <charconv>

#include <boost/asio/ip/address.hpp>

#include "api/domain/arn.h"
#include "api/protocol/uri.h"
#include "server/tls/names.h"

namespace carillon::server {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// "a, b or c"
std::string alternatives(const std::vector<std::string>& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
    text += choices[i];
  }
  return text;
}

namespace {

// Returns what would be right, or nothing when the number was taken.
std::optional<std::string> take_integer(const std::string& text, int min, int max, int& result) {
  int value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc() || end != last || value < min || value > max) {
    return "give a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  }
  result = value;
  return std::nullopt;
}

}  // namespace

Apply apply_integer(int Settings::*member, int min, int max) {
  return [=](Settings& settings, const std::string& text) {
    return take_integer(text, min, max, settings.*member);
  };
}

Apply apply_duration(milliseconds min, milliseconds max,
                     std::function<void(Settings&, milliseconds)> set) {
  return [=](Settings& settings, const std::string& text) -> std::optional<std::string> {
    const auto value = parse_duration(text, min, max);
    if (!value) return value.error().reason;
    set(settings, *value);
    return std::nullopt;
  };
}

Apply apply_duration(milliseconds Settings::*member, milliseconds min, milliseconds max) {
  return apply_duration(min, max,
                        [=](Settings& settings, milliseconds value) { settings.*member = value; });
}

Apply apply_path(std::filesystem::path Settings::*member, std::string remedy) {
  return [=](Settings& settings, const std::string& text) -> std::optional<std::string> {
    if (text.empty()) return remedy;
    settings.*member = text;
    return std::nullopt;
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

std::optional<std::string> apply_tls_name(Settings& settings, const std::string& text) {
  if (settings.tls_sans.size() >= kTlsNamesMax) {
    return "give at most " + std::to_string(kTlsNamesMax) + " names";
  }
  auto name = tls::parse_name(text);
  if (!name) {
    return "give a DNS name or an IP address, without a port: chime.example.test, "
           "*.example.test, 192.0.2.1 or 2001:db8::1";
  }
  settings.tls_sans.push_back(std::move(*name));
  return std::nullopt;
}

Apply apply_listen_user(ListenSettings& listen) {
  return [&listen](Settings&, const std::string& text) -> std::optional<std::string> {
    const auto parts = api::domain::split_arn(text);
    if (!parts || parts->kind != api::domain::ArnKind::kUser) {
      return "give the ARN of an app instance user: "
             "arn:aws:chime:REGION:ACCOUNT:app-instance/ID/user/ID";
    }
    listen.user_arn = text;
    return std::nullopt;
  };
}

Apply apply_listen_endpoint(ListenSettings& listen) {
  return [&listen](Settings&, const std::string& text) -> std::optional<std::string> {
    const bool tls = text.starts_with("https://");
    const auto url = parse_endpoint_url(tls ? "http" + text.substr(5) : text);
    if (!url) return "it " + url.error().reason;
    if (!url->prefix.empty()) return "give the server's address alone, without a path";
    listen.tls = tls;
    listen.endpoint = *url;
    const std::size_t colon = url->authority.rfind(':');
    const std::size_t bracket = url->authority.rfind(']');
    const bool has_port =
        colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
    if (tls && !has_port) listen.endpoint.port = 443;
    return std::nullopt;
  };
}

Apply apply_listen_ca(ListenSettings& listen) {
  return [&listen](Settings&, const std::string& text) -> std::optional<std::string> {
    if (text.empty()) return "give a PEM file, such as GET /_carillon/ca.pem answers";
    listen.ca = text;
    return std::nullopt;
  };
}

Apply apply_listen_count(ListenSettings& listen) {
  return [&listen](Settings&, const std::string& text) {
    return take_integer(text, 1, kListenCountMax, listen.count);
  };
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

}  // namespace carillon::server
