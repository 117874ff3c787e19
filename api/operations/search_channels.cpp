#include <algorithm>
#include <set>

#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"
#include "api/operations/channel_view.h"
#include "api/operations/pages.h"
#include "store/app_instances.h"
#include "store/channel_search.h"

namespace carillon::api::messaging {
namespace {

using store::RowId;

// The fields as text that no other fields have.
std::string describe(const std::vector<SearchField>& fields) {
  std::string text;
  for (const SearchField& field : fields) {
    text.append(to_text(field.operator_)).append(std::to_string(field.values.size()));
    for (const std::string& value : field.values) {
      text.append(1, ' ').append(std::to_string(value.size())).append(1, ':').append(value);
    }
  }
  return text;
}

// Whom a channel must have to match, or nothing if no channel can: a value that names nobody of the
// app instance is a member of no channel, and two sets that differ cannot both be the members.
std::optional<store::ChannelSearch> to_search(store::ReadTx& tx,
                                              const std::vector<SearchField>& fields,
                                              RowId app_instance_id) {
  std::set<RowId> all;
  std::vector<std::set<RowId>> exact;
  for (const SearchField& field : fields) {
    std::set<RowId> named;
    for (const std::string& arn : field.values) {
      const auto identity = store::find_identity(tx, arn);
      if (!identity || identity->app_instance_id != app_instance_id) return std::nullopt;
      named.insert(identity->id);
    }
    all.insert(named.begin(), named.end());
    if (field.operator_ == SearchFieldOperator::kEquals) exact.push_back(std::move(named));
  }
  if (!std::all_of(exact.begin(), exact.end(), [&](const auto& set) { return set == all; })) {
    return std::nullopt;
  }
  store::ChannelSearch search;
  search.members.assign(all.begin(), all.end());
  search.nobody_else = !exact.empty();
  return search;
}

}  // namespace

// Administrators search all channels of their app instance, all others those they are members of.
// Source: API reference, SearchChannels, which also says that the bearer is mandatory; the model
// does not. That all fields must match, and that hidden members do not count, is our reading.
Result<SearchChannelsResponse> search_channels(Call& call, store::ReadTx& tx,
                                               const SearchChannelsRequest& in) {
  TRY_ASSIGN(const std::string bearer_arn, require_bearer(call, in.chime_bearer));
  const auto bearer = store::find_identity(tx, bearer_arn);
  if (!bearer) return error::invalid_bearer();
  store::ChannelAccess access;
  access.is_admin = store::is_admin(tx, bearer->app_instance_id, bearer->id);
  const bool all_channels = domain::is_allowed(domain::Action::kSearchAllChannels, access);

  const auto scope = domain::page_scope("SearchChannels", {bearer_arn, describe(in.fields)});
  TRY_ASSIGN(const auto cursor, domain::read_next_token(scope, in.next_token));
  SearchChannelsResponse out;
  auto search = to_search(tx, in.fields, bearer->app_instance_id);
  if (!search) return out;
  if (!all_channels) search->member_too = bearer->id;
  if (cursor) search->after = cursor->first;
  const auto page = store::search_channels(tx, *search, domain::page_rows(in.max_results));
  for (const store::ChannelRow& row : page.channels) {
    out.channels.push_back(summarize_channel(tx, row, bearer->id));
  }
  if (page.next_after) out.next_token = domain::make_next_token(scope, {*page.next_after, 0});
  return out;
}

}  // namespace carillon::api::messaging
