#include "api/ids.h"

#include <string_view>

namespace carillon::api {
namespace {

void append_hex(std::string& text, std::uint64_t value, int digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  while (digits > 0) text += kDigits[(value >> (4 * --digits)) & 0xF];
}

std::string format_uuid(std::uint64_t high, std::uint64_t low) {
  std::string text;
  text.reserve(36);
  append_hex(text, high >> 32, 8);
  text += '-';
  append_hex(text, high >> 16, 4);
  text += '-';
  append_hex(text, high, 4);
  text += '-';
  append_hex(text, low >> 48, 4);
  text += '-';
  append_hex(text, low, 12);
  return text;
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
  std::string text;
  text.reserve(64);
  append_hex(text, static_cast<std::uint64_t>(now_ms), 12);
  append_hex(text, random_(), 4);
  for (int i = 0; i < 3; ++i) append_hex(text, random_(), 16);
  return text;
}

}  // namespace carillon::api
