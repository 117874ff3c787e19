// Request targets and headers. The input is written like a request: a line with method and target,
// lines with headers, an empty line, the body. Every byte of it may be anything else.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/fuzz/world.h"
#include "tests/support/header_map.h"

namespace {

std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) noexcept {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::string_view line = cut(rest, '\n');
  const std::string_view method = cut(line, ' ');
  const std::string_view target = trimmed(line);
  carillon::tests::HeaderMap headers;
  while (!rest.empty()) {
    std::string_view header = trimmed(cut(rest, '\n'));
    if (header.empty()) break;
    const std::string_view name = cut(header, ':');
    headers.set(name, trimmed(header));
  }
  carillon::fuzz::World::instance().ask({method, target, headers, rest});
  return 0;
}
