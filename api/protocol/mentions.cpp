#include "api/protocol/mentions.h"

#include <algorithm>
#include <set>

namespace carillon::api::protocol {
namespace {

class Collector {
 public:
  void visit(const Shape& shape, json::Value value) {
    if (value.is_null()) return;
    switch (shape.kind) {
      case Kind::kString:
        if (is_arn(shape)) take(value.string());
        return;
      case Kind::kList:
        for (std::size_t i = 0; i < value.size(); ++i) visit(*shape.element, value.at(i));
        return;
      case Kind::kMap:
        value.for_each_member(
            [&](std::string_view, json::Value entry) { visit(*shape.element, entry); });
        return;
      case Kind::kStructure:
        for (const Member& member : shape.members) visit(*member.shape, value.find(member.name));
        return;
      case Kind::kInteger:
      case Kind::kBoolean:
      case Kind::kTimestamp: return;
    }
  }

  std::vector<std::string> arns;

 private:
  static bool is_arn(const Shape& shape) {
    return shape.name == "ChimeArn" || shape.name == "SensitiveChimeArn";
  }

  void take(std::string_view arn) {
    if (seen_.insert(arn).second) arns.emplace_back(arn);
  }

  std::set<std::string_view> seen_;
};

}  // namespace

std::vector<std::string> mentioned_arns(const Shape& input, const BoundInput& bound) {
  Collector collector;
  for (std::size_t i = 0; i < input.members.size(); ++i) {
    collector.visit(*input.members[i].shape, bound.member(i));
  }
  return std::move(collector.arns);
}

}  // namespace carillon::api::protocol
