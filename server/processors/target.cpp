#include "server/processors/target.h"

#include <algorithm>
#include <charconv>

#include <boost/asio/ip/address.hpp>

#include "api/protocol/uri.h"

namespace carillon::server {

using api::protocol::percent_encode;

namespace {

std::string too_long() {
  return "is longer than " + std::to_string(kTargetTextBytesMax) + " characters";
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b);
         });
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
  });
}

Parsed<std::uint16_t> parse_port(std::string_view digits) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port < 1 || port > 65'535) {
    return Rejected{"has the port \"" + std::string(digits) +
                    "\": a port is a whole number from 1 to 65535"};
  }
  return static_cast<std::uint16_t>(port);
}

// host, host:port, [v6], [v6]:port
Parsed<EndpointUrl> parse_authority(std::string_view authority) {
  if (authority.find('@') != std::string_view::npos) {
    return Rejected{"holds a user name; Carillon does not log in to endpoints"};
  }
  EndpointUrl url;
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    boost::system::error_code error;
    if (end != std::string_view::npos) {
      boost::asio::ip::make_address_v6(std::string(authority.substr(1, end - 1)), error);
    }
    if (end == std::string_view::npos || error) {
      return Rejected{"has no valid IPv6 address between [ and ]"};
    }
    url.host = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
  } else {
    const std::size_t colon = authority.find(':');
    url.host = authority.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
    if (url.host.empty()) return Rejected{"has no host; write http://host:port"};
    if (!is_host_name(url.host)) {
      return Rejected{"has the host \"" + url.host + "\", which is neither a name nor an address"};
    }
  }
  if (!rest.empty()) {
    if (rest.front() != ':') return Rejected{"has no : between the host and the port"};
    const auto port = parse_port(rest.substr(1));
    if (!port) return port.error();
    url.port = *port;
  }
  url.authority = authority;
  return url;
}

}  // namespace

Parsed<EndpointUrl> parse_endpoint_url(std::string_view text) {
  if (text.size() > kTargetTextBytesMax) return Rejected{too_long()};
  if (starts_with_ignoring_case(text, "https://")) {
    return Rejected{
        "is an https URL; Carillon calls processors over http:// only, as local "
        "Lambda endpoints speak it"};
  }
  if (!starts_with_ignoring_case(text, "http://")) {
    return Rejected{"does not start with http://; write http://host:port"};
  }
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
      return Rejected{"has a blank or a character that is not ASCII; percent-encode it"};
    }
  }
  text.remove_prefix(std::string_view("http://").size());
  if (text.find_first_of("?#") != std::string_view::npos) {
    return Rejected{"has a query or fragment; give the endpoint's base URL alone"};
  }
  const std::size_t slash = text.find('/');
  auto url = parse_authority(text.substr(0, slash));
  if (!url) return url;
  if (slash != std::string_view::npos) {
    std::string_view prefix = text.substr(slash);
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    if (prefix.find("/2015-03-31/functions") != std::string_view::npos) {
      return Rejected{
          "holds the path of the Invoke operation; give what comes before "
          "/2015-03-31/functions"};
    }
    url->prefix = prefix;
  }
  return url;
}

std::string NameForm::text() const {
  switch (kind) {
    case Kind::kBare: return "bare";
    case Kind::kArn: return "arn";
    case Kind::kFixed: return "fixed:" + fixed;
  }
  return {};
}

Parsed<NameForm> parse_name_form(std::string_view text) {
  if (text == "bare") return NameForm{NameForm::Kind::kBare, {}};
  if (text == "arn") return NameForm{NameForm::Kind::kArn, {}};
  if (text.size() > kTargetTextBytesMax) return Rejected{too_long()};
  if (text.starts_with("fixed:") && text.size() > 6) {
    return NameForm{NameForm::Kind::kFixed, std::string(text.substr(6))};
  }
  return Rejected{"is not one of bare, arn, fixed:NAME"};
}

Parsed<InvocationType> parse_invocation_type(std::string_view text) {
  if (text == "Event") return InvocationType::kEvent;
  if (text == "RequestResponse") return InvocationType::kRequestResponse;
  return Rejected{"is not one of Event, RequestResponse"};
}

std::string_view text(InvocationType type) {
  return type == InvocationType::kEvent ? "Event" : "RequestResponse";
}

std::string_view function_name(std::string_view arn) {
  constexpr std::string_view kMarker = ":function:";
  const std::size_t marker = arn.find(kMarker);
  if (arn.starts_with("arn:") && marker != std::string_view::npos) {
    const std::string_view name = arn.substr(marker + kMarker.size());
    return name.substr(0, name.find(':'));
  }
  return arn.substr(arn.find_last_of(":/") + 1);
}

std::optional<std::string> why_no_processor_key(std::string_view key) {
  if (key.empty()) return "is empty";
  if (key.size() > kTargetTextBytesMax) return too_long();
  if (key.starts_with("arn:")) {
    const std::string_view name = function_name(key);
    const bool visible =
        std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (!visible || key.find(":function:") == std::string_view::npos || name.empty()) {
      return "is no Lambda ARN (arn:aws:lambda:REGION:ACCOUNT:function:NAME)";
    }
    return std::nullopt;
  }
  const bool plain = std::all_of(key.begin(), key.end(), [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '$';
  });
  if (!plain) {
    return "is neither a Lambda ARN nor a bare function name (letters, digits, - and _)";
  }
  return std::nullopt;
}

std::string invoke_path(const ProcessorTarget& target, std::string_view arn) {
  std::string name;
  switch (target.name_form.kind) {
    case NameForm::Kind::kBare: name = percent_encode(function_name(arn)); break;
    case NameForm::Kind::kArn: name = percent_encode(arn); break;
    case NameForm::Kind::kFixed: name = percent_encode(target.name_form.fixed); break;
  }
  return target.url.prefix + "/2015-03-31/functions/" + name + "/invocations";
}

}  // namespace carillon::server
