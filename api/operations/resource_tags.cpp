#include "api/operations/resource_tags.h"

#include <set>
#include <string>

#include "api/domain/arn.h"
#include "api/generated/identity/operations.h"
#include "api/generated/messaging/operations.h"
#include "api/limits.h"
#include "store/app_instances.h"
#include "store/channel_flows.h"
#include "store/channels.h"
#include "store/resource_tags.h"

namespace carillon::api {

Result<Nothing> check_tag_keys(const TagRows& tags) {
  std::set<std::string_view> keys;
  for (const store::TagRow& tag : tags) {
    if (!keys.insert(tag.key).second) {
      return error::bad_request("Two of the Tags have the same Key. Give each Key once.");
    }
  }
  return Nothing{};
}

void put_tags(store::WriteTx& tx, std::string_view arn, const TagRows& tags) {
  for (const store::TagRow& tag : tags) store::put_tag(tx, arn, tag);
}

namespace {

bool exists(store::ReadTx& tx, std::string_view arn, domain::ArnKind kind) {
  switch (kind) {
    case domain::ArnKind::kAppInstance: return store::find_app_instance(tx, arn).has_value();
    case domain::ArnKind::kUser:
    case domain::ArnKind::kBot: return store::find_identity(tx, arn).has_value();
    case domain::ArnKind::kChannel: return store::find_channel(tx, arn).has_value();
    case domain::ArnKind::kChannelFlow: return store::find_channel_flow(tx, arn).has_value();
    case domain::ArnKind::kOther: return false;
  }
  return false;
}

Result<Nothing> require_resource(store::ReadTx& tx, std::string_view arn) {
  const domain::ArnKind kind = domain::arn_kind(arn);
  if (kind == domain::ArnKind::kOther) {
    return error::bad_request(
        "ResourceARN must be the ARN of an app instance, a user, a bot, a channel or a channel "
        "flow, but is '" +
        std::string(arn) + "'.");
  }
  if (!exists(tx, arn, kind)) return error::forbidden();
  return Nothing{};
}

// The functions of the two services differ in the types that the model gives them.

template <typename Request>
Result<Nothing> add_tags(store::WriteTx& tx, const Request& in) {
  TRY(require_resource(tx, in.resource_arn));
  TRY_ASSIGN(const TagRows tags, read_tags(in.tags));
  std::set<std::string> keys;
  for (const store::TagRow& tag : store::list_tags(tx, in.resource_arn)) keys.insert(tag.key);
  for (const store::TagRow& tag : tags) keys.insert(tag.key);
  if (keys.size() > kTagsPerResourceMax) {
    return error::resource_limit_exceeded(
        "The resource would have " + std::to_string(keys.size()) + " tags, and can have " +
        std::to_string(kTagsPerResourceMax) + " at the most. Remove some with UntagResource.");
  }
  put_tags(tx, in.resource_arn, tags);
  return Nothing{};
}

// Keys that the resource has not are as good as removed: our reading.
template <typename Request>
Result<Nothing> remove_tags(store::WriteTx& tx, const Request& in) {
  TRY(require_resource(tx, in.resource_arn));
  for (const std::string& key : in.tag_keys) store::delete_tag(tx, in.resource_arn, key);
  return Nothing{};
}

template <typename Response, typename Request>
Result<Response> answer_tags(store::ReadTx& tx, const Request& in) {
  TRY(require_resource(tx, in.resource_arn));
  Response out;
  for (const store::TagRow& tag : store::list_tags(tx, in.resource_arn)) {
    out.tags.push_back({tag.key, tag.value});
  }
  return out;
}

}  // namespace

namespace messaging {

Result<Nothing> tag_resource(Call&, store::WriteTx& tx, const TagResourceRequest& in) {
  return add_tags(tx, in);
}

Result<Nothing> untag_resource(Call&, store::WriteTx& tx, const UntagResourceRequest& in) {
  return remove_tags(tx, in);
}

Result<ListTagsForResourceResponse> list_tags_for_resource(Call&, store::ReadTx& tx,
                                                           const ListTagsForResourceRequest& in) {
  return answer_tags<ListTagsForResourceResponse>(tx, in);
}

}  // namespace messaging

namespace identity {

Result<Nothing> tag_resource(Call&, store::WriteTx& tx, const TagResourceRequest& in) {
  return add_tags(tx, in);
}

Result<Nothing> untag_resource(Call&, store::WriteTx& tx, const UntagResourceRequest& in) {
  return remove_tags(tx, in);
}

Result<ListTagsForResourceResponse> list_tags_for_resource(Call&, store::ReadTx& tx,
                                                           const ListTagsForResourceRequest& in) {
  return answer_tags<ListTagsForResourceResponse>(tx, in);
}

}  // namespace identity

}  // namespace carillon::api
