#include "api/protocol/digest.h"

#include <array>

#include <openssl/sha.h>

namespace carillon::api::protocol {

std::string digest(std::string_view text, std::size_t bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  return {reinterpret_cast<const char*>(hash.data()), bytes};
}

}  // namespace carillon::api::protocol
