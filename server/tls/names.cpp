#include "server/tls/names.h"

#include <algorithm>

#include <boost/asio/ip/address.hpp>

namespace carillon::server::tls {
namespace {

constexpr std::size_t kNameBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

bool is_label(std::string_view label) {
  // An underscore is in no host name, but in names that container engines make.
  return !label.empty() && label.size() <= kLabelBytesMax && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

bool is_dns_name(std::string_view name) {
  if (name.size() > kNameBytesMax) return false;
  while (true) {
    const std::size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) {
      // With digits alone at its end it is an address, and not a valid one.
      return label.find_first_not_of("0123456789") != std::string_view::npos;
    }
    name.remove_prefix(dot + 1);
  }
}

// One for every name below a top-level domain is refused by every client.
bool is_wildcard(std::string_view name) {
  return name.starts_with("*.") && is_dns_name(name.substr(2)) &&
         name.find('.', 2) != std::string_view::npos;
}

// Of HOST, HOST:PORT or [HOST]:PORT.
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

}  // namespace

bool is_address(std::string_view name) {
  boost::system::error_code error;
  boost::asio::ip::make_address(name, error);
  return !error;
}

std::optional<std::string> parse_name(std::string_view text) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(text, error);
  if (!error) {
    if (text.find('%') != std::string_view::npos) return std::nullopt;  // of one machine's link
    return address.to_string();
  }
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (!is_dns_name(name) && !is_wildcard(name)) return std::nullopt;
  return name;
}

std::vector<std::string> certificate_names(const Settings& settings, std::string_view host_name) {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  const auto add = [&names](std::string_view text) {
    auto name = parse_name(text);
    if (name && std::find(names.begin(), names.end(), *name) == names.end()) {
      names.push_back(std::move(*name));
    }
  };
  add("carillon");
  add(host_name);
  if (settings.host != "0.0.0.0" && settings.host != "::") add(settings.host);
  add(host_of(settings.api.advertise));
  for (const std::string& name : settings.tls_sans) add(name);
  return names;
}

}  // namespace carillon::server::tls
