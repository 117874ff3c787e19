#include "api/domain/paging.h"

#include <array>
#include <charconv>

#include "api/limits.h"
#include "api/protocol/digest.h"

namespace carillon::api::domain {
namespace {

constexpr std::size_t kGuardBytes = 8;

// Ties the cursor to its list. No secret: it is there against mistakes, not against attackers.
std::string guard(const PageScope& scope, std::string_view cursor) {
  return protocol::hex(protocol::digest(scope + '\0' + std::string(cursor), kGuardBytes));
}

bool read_number(std::string_view& text, std::int64_t& number) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (failure != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

PageScope page_scope(std::string_view operation, std::initializer_list<std::string_view> parts) {
  PageScope scope(operation);
  for (const std::string_view part : parts) scope.append(1, '\0').append(part);
  return scope;
}

// GUARD.FIRST.SECOND in hexadecimal: within the pattern and far below the length of the model.
std::string make_next_token(const PageScope& scope, Cursor cursor) {
  std::array<char, 40> text{};
  char* end = std::to_chars(text.data(), text.data() + text.size(), cursor.first, 16).ptr;
  *end++ = '.';
  end = std::to_chars(end, text.data() + text.size(), cursor.second, 16).ptr;
  const std::string_view place(text.data(), static_cast<std::size_t>(end - text.data()));
  return guard(scope, place).append(".").append(place);
}

Result<std::optional<Cursor>> read_next_token(const PageScope& scope,
                                              const std::optional<std::string>& token) {
  if (!token) return std::optional<Cursor>();
  const Error refused = error::bad_request(
      "The NextToken is not one that this operation gave for this list. Start again without it.");
  const std::size_t dot = token->find('.');
  if (dot == std::string::npos) return refused;
  std::string_view place = std::string_view(*token).substr(dot + 1);
  if (guard(scope, place) != token->substr(0, dot)) return refused;
  Cursor cursor;
  if (!read_number(place, cursor.first) || place.empty() || place.front() != '.') return refused;
  place.remove_prefix(1);
  if (!read_number(place, cursor.second) || !place.empty()) return refused;
  return std::optional<Cursor>(cursor);
}

int page_rows(const std::optional<std::int64_t>& max_results) {
  return static_cast<int>(max_results.value_or(kPageRowsDefault));
}

}  // namespace carillon::api::domain
