// Bodies of every operation. The input is the operation's name in a line of its own, then the body;
// path, query and headers are valid. Of an unknown name the first byte chooses.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "api/protocol/model.h"
#include "api/protocol/uri.h"
#include "tests/fuzz/world.h"
#include "tests/support/header_map.h"

namespace {

namespace protocol = carillon::api::protocol;
using carillon::fuzz::sample_value;

const protocol::Operation& choose(std::string_view name) {
  const std::span<const protocol::Operation> operations = protocol::operations();
  for (const protocol::Operation& operation : operations) {
    if (operation.name == name) return operation;
  }
  const auto first = name.empty() ? 0U : static_cast<unsigned char>(name.front());
  return operations[first % operations.size()];
}

std::string target_of(const protocol::Operation& operation) {
  std::string target;
  for (const protocol::Segment& segment : operation.segments) {
    target += '/';
    if (segment.member < 0) {
      target += segment.literal;
      continue;
    }
    const auto& member = operation.input->members[static_cast<std::size_t>(segment.member)];
    target += protocol::percent_encode(sample_value(member.name));
  }
  target.append("?").append(operation.query.name).append("=").append(operation.query.value);
  for (const protocol::Member& member : operation.input->members) {
    if (member.location != protocol::Location::kQuery || !member.required) continue;
    target.append("&").append(member.wire_name).append("=");
    target += protocol::percent_encode(sample_value(member.name));
  }
  return target;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) noexcept {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line_end = input.find('\n');
  const protocol::Operation& operation = choose(input.substr(0, line_end));
  const std::string_view body =
      line_end == std::string_view::npos ? std::string_view() : input.substr(line_end + 1);
  const carillon::tests::HeaderMap headers{{"x-amz-chime-bearer", sample_value("ChimeBearer")}};
  const std::string target = target_of(operation);
  carillon::fuzz::World::instance().ask({operation.method, target, headers, body});
  return 0;
}
