#include "api/protocol/router.h"

#include "api/domain/arn.h"

namespace carillon::api::protocol {
namespace {

bool has_query_literal(std::string_view query, QueryLiteral literal) {
  for (const auto& [name, value] : split_query(query)) {
    if (name == literal.name && value == literal.value) return true;
  }
  return false;
}

bool matches(const Operation& operation, std::string_view method, const Target& target) {
  if (operation.segments.size() != target.segments.size() || operation.method != method) {
    return false;
  }
  for (std::size_t i = 0; i < operation.segments.size(); ++i) {
    const std::string_view literal = operation.segments[i].literal;
    if (!literal.empty() && literal != target.segments[i]) return false;
  }
  return operation.query.name.empty() || has_query_literal(target.query, operation.query);
}

}  // namespace

const Operation* route(std::string_view method, const Target& target,
                       const Operation** other_service) {
  const Operation* found = nullptr;
  for (const Operation& operation : operations()) {
    if (found != nullptr && (operation.name != found->name)) continue;
    if (!matches(operation, method, target)) continue;
    if (found == nullptr) {
      found = &operation;
      if (operation.segments.front().literal != "tags") return found;
      continue;
    }
    if (other_service != nullptr) *other_service = &operation;
  }
  return found;
}

bool is_identity_resource(std::string_view arn) {
  switch (domain::arn_kind(arn)) {
    case domain::ArnKind::kAppInstance:
    case domain::ArnKind::kUser:
    case domain::ArnKind::kBot: return true;
    default: return false;
  }
}

}  // namespace carillon::api::protocol
