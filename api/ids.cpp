#include "api/ids.h"

#include <array>
#include <cstdio>

namespace carillon::api {
namespace {

std::string format_uuid(std::uint64_t high, std::uint64_t low) {
  std::array<char, 37> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-%04x-%04x-%012llx",
                static_cast<unsigned>(high >> 32), static_cast<unsigned>((high >> 16) & 0xFFFF),
                static_cast<unsigned>(high & 0xFFFF), static_cast<unsigned>(low >> 48),
                static_cast<unsigned long long>(low & 0xFFFF'FFFF'FFFFULL));
  return {text.data(), 36};
}

constexpr std::uint64_t kVersionMask = 0xFFFF'FFFF'FFFF'0FFFULL;
constexpr std::uint64_t kVariantMask = 0x3FFF'FFFF'FFFF'FFFFULL;
constexpr std::uint64_t kVariant = 0x8000'0000'0000'0000ULL;

}  // namespace

std::string Ids::uuid() {
  const std::uint64_t high = random_();
  const std::uint64_t low = random_();
  return format_uuid((high & kVersionMask) | 0x4000, (low & kVariantMask) | kVariant);
}

std::string Ids::ordered_uuid(std::int64_t now_ms) {
  const std::uint64_t high = (static_cast<std::uint64_t>(now_ms) << 16) | (random_() & 0x0FFF);
  const std::uint64_t low = random_();
  return format_uuid((high & kVersionMask) | 0x7000, (low & kVariantMask) | kVariant);
}

std::string Ids::message_id(std::int64_t now_ms) {
  // In statements of their own: the order in which arguments are evaluated differs by compiler, and
  // with it the ids of a seed would.
  const auto first = static_cast<unsigned>(random_() & 0xFFFF);
  const auto second = static_cast<unsigned long long>(random_());
  const auto third = static_cast<unsigned long long>(random_());
  const auto fourth = static_cast<unsigned long long>(random_());
  std::array<char, 65> text{};
  std::snprintf(text.data(), text.size(), "%012llx%04x%016llx%016llx%016llx",
                static_cast<unsigned long long>(now_ms) & 0xFFFF'FFFF'FFFFULL, first, second, third,
                fourth);
  return {text.data(), 64};
}

}  // namespace carillon::api
