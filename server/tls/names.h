// The names and addresses that a certificate is for. Pure: used by the settings and by Tls.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/config.h"

namespace carillon::server::tls {

// An IP address or a DNS name, perhaps a wildcard, as a certificate has it; or nothing.
std::optional<std::string> parse_name(std::string_view text);

bool is_address(std::string_view name);

// All that our own certificate is for, each once: this machine by its usual names, the address that
// the server listens on, the endpoint that it advertises, the service's name in our compose file,
// and --tls-san.
std::vector<std::string> certificate_names(const Settings& settings, std::string_view host_name);

}  // namespace carillon::server::tls
