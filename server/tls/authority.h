// Makes keys and certificates, and says whether those that there are can still be used. Pure but
// for random numbers: texts and the time come in, nothing is kept. Any thread.
//
// A pair that cannot be made throws std::runtime_error: OpenSSL is out of memory or broken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/tls/openssl.h"

namespace carillon::server::tls {

// PEM texts.
struct Pair {
  std::string certificate;
  std::string key;
};

// A private certificate authority, which signs for one server alone.
Pair make_authority(std::int64_t now_ms);

// The server's certificate, signed by `authority`.
Pair make_leaf(const Pair& authority, const std::vector<std::string>& names, std::int64_t now_ms);

// Why a pair that was read again cannot be used, or nothing.
std::optional<std::string> why_no_authority(const Pair& authority, std::int64_t now_ms);
std::optional<std::string> why_no_leaf(const Pair& leaf, const Pair& authority,
                                       const std::vector<std::string>& names, std::int64_t now_ms);

// The first certificate in a PEM text, or nullptr.
Certificate parse_certificate(const std::string& pem);
// All of them, in their order; empty when there is none or one cannot be read.
std::vector<Certificate> parse_certificates(const std::string& pem);
// An unencrypted private key, or nullptr.
Key parse_key(const std::string& pem);

}  // namespace carillon::server::tls
