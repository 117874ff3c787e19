// Tags that come with the creation of a resource. On the thread that owns the transaction.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "api/result.h"
#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::api {

using TagRows = std::vector<store::TagRow>;

// No two have the same key, else BadRequest: our reading.
Result<Nothing> check_tag_keys(const TagRows& tags);

void put_tags(store::WriteTx& tx, std::string_view arn, const TagRows& tags);

// `Tag` is either service's.
template <typename Tag>
Result<TagRows> read_tags(const std::vector<Tag>& given) {
  TagRows tags;
  for (const Tag& tag : given) tags.push_back({tag.key, tag.value});
  TRY(check_tag_keys(tags));
  return tags;
}

template <typename Tag>
Result<TagRows> read_tags(const std::optional<std::vector<Tag>>& given) {
  if (!given) return TagRows();
  return read_tags(*given);
}

}  // namespace carillon::api
