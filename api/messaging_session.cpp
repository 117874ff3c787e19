#include "api/messaging_session.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "api/domain/arn.h"
#include "api/domain/paging.h"
#include "api/generated/messaging/codec.h"
#include "api/limits.h"
#include "api/operations/channel_view.h"
#include "api/operations/message_view.h"
#include "api/protocol/caller.h"
#include "api/protocol/codec.h"
#include "api/protocol/uri.h"
#include "api/provisioning.h"
#include "store/app_instances.h"
#include "store/channel_memberships.h"
#include "store/channels.h"
#include "store/messages.h"

namespace carillon::api {
namespace {

using store::RowId;
using Query = std::vector<std::pair<std::string_view, std::string_view>>;

// A form encoder writes a space as '+', and some clients sign with one; a plus sign itself is
// always escaped.
std::optional<std::string> form_decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return protocol::percent_decode(spaced);
}

// Absent when there is no such parameter.
Result<std::optional<std::string>> read_parameter(const Query& query, std::string_view name) {
  const auto found = std::find_if(query.begin(), query.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  if (found == query.end()) return std::optional<std::string>();
  auto value = form_decode(found->second);
  if (!value || !protocol::is_utf8(*value)) {
    return error::bad_request("The query parameter " + std::string(name) +
                              " is not percent-encoded UTF-8.");
  }
  return value;
}

Result<std::string> require_parameter(const Query& query, std::string_view name) {
  TRY_ASSIGN(auto value, read_parameter(query, name));
  if (!value) {
    return error::bad_request("The query parameter " + std::string(name) + " is missing.");
  }
  if (value->empty()) {
    return error::bad_request("The query parameter " + std::string(name) + " is empty.");
  }
  return std::move(*value);
}

Result<bool> read_prefetch(const Query& query) {
  TRY_ASSIGN(const auto value, read_parameter(query, "prefetch-on"));
  if (!value) return false;
  if (*value == "connect") return true;
  return error::bad_request("The query parameter prefetch-on must be 'connect', or be left out.");
}

Result<PrefetchSortBy> read_sort_by(const Query& query) {
  TRY_ASSIGN(const auto value, read_parameter(query, "prefetch-sort-by"));
  if (!value || *value == "unread") return PrefetchSortBy::kUnread;
  if (*value == "last-message-timestamp") return PrefetchSortBy::kLastMessageTimestamp;
  return error::bad_request(
      "The query parameter prefetch-sort-by must be 'unread' or 'last-message-timestamp'.");
}

// A channel that may be prefetched, and what decides whether it is.
struct Candidate {
  RowId channel_id = 0;
  std::optional<store::TimeMs> last_message_ms;  // of those that the user sees
  bool unread = false;
};

std::vector<messaging::ChannelMessageSummary> summarize_messages(
    std::vector<store::MessageRow> rows, RowId viewer_id) {
  std::vector<messaging::ChannelMessageSummary> summaries;
  summaries.reserve(rows.size());
  for (store::MessageRow& row : rows) {
    summaries.push_back(messaging::summarize_message(std::move(row), viewer_id));
  }
  return summaries;
}

}  // namespace

bool is_connect_request(const HttpRequest& request) {
  if (request.method != "GET") return false;
  // Asked for every request: most are told by their first letters.
  if (request.target.starts_with('/') && !request.target.starts_with("/connect")) return false;
  const auto segments = protocol::split_target(request.target).segments;
  return segments.size() == 1 && segments.front() == "connect";
}

Result<ConnectRequest> read_connect_request(const HttpRequest& request, const Options& options) {
  const Query query = protocol::split_query(protocol::split_target(request.target).query);
  ConnectRequest connect;
  TRY_ASSIGN(connect.user_arn, require_parameter(query, "userArn"));
  TRY_ASSIGN(connect.session_id, require_parameter(query, "sessionId"));
  TRY_ASSIGN(connect.prefetch, read_prefetch(query));
  TRY_ASSIGN(connect.sort_by, read_sort_by(query));
  std::vector<std::string> mentioned;
  if (options.auto_provision) mentioned.push_back(connect.user_arn);
  connect.caller = protocol::read_caller(request, options, mentioned);
  connect.caller.host = request.headers.find("Host").value_or("");
  return connect;
}

Result<RowId> find_session_user(Call& call, store::WriteTx& tx, const ConnectRequest& request) {
  const store::AccountScope scope(tx, domain::arn_prefix(call.caller));
  const std::string& arn = request.user_arn;
  if (call.options.auto_provision && provision(call, tx, std::array{arn})) tx.keep();
  const auto user = store::find_identity(tx, arn);
  if (user && domain::arn_kind(arn) == domain::ArnKind::kUser) return user->id;
  call.foreign_arn = scope.foreign_arn();
  Error refusal = error::forbidden();
  refusal.message = "There is no such app instance user for account " + call.caller.account +
                    " in " + call.caller.region + ".";
  return refusal;
}

std::vector<RowId> list_session_channels(store::ReadTx& tx, RowId user_id, RowId after, int limit) {
  return store::list_channel_ids_of_member(tx, user_id, after, limit);
}

std::string session_frame(const SessionEvent& event) {
  json::Writer writer;
  writer.begin_object()
      .key("Headers")
      .begin_object()
      .member("x-amz-chime-event-type", event.type)
      .member("x-amz-chime-message-type", event.message_type)
      .end_object();
  if (!event.payload.empty()) writer.member("Payload", std::string_view(event.payload));
  return writer.end_object().take();
}

std::string session_established_frame() {
  return session_frame({"SESSION_ESTABLISHED", "SYSTEM", {}});
}

std::vector<RowId> list_prefetch_channels(store::ReadTx& tx, RowId user_id,
                                          PrefetchSortBy sort_by) {
  std::vector<Candidate> candidates;
  for (const store::MemberReadRow& row :
       store::list_newest_channels_of_member(tx, user_id, kPrefetchCandidatesMax)) {
    const auto last_ms = store::last_message_ms(tx, row.channel_id, user_id);
    // An empty marker is less than any time.
    const bool unread = sort_by == PrefetchSortBy::kUnread && last_ms > row.read_marker_ms;
    candidates.push_back({row.channel_id, last_ms, unread});
  }
  const auto order = [](const Candidate& c) {
    return std::tuple(c.unread, c.last_message_ms, c.channel_id);
  };
  std::sort(candidates.begin(), candidates.end(),
            [&](const Candidate& a, const Candidate& b) { return order(a) > order(b); });
  candidates.resize(std::min(candidates.size(), kPrefetchChannelsMax));
  std::vector<RowId> ids;
  ids.reserve(candidates.size());
  for (const Candidate& candidate : candidates) ids.push_back(candidate.channel_id);
  return ids;
}

std::string channel_details_frame(store::ReadTx& tx, RowId user_id, RowId channel_id) {
  const auto channel = store::find_channel_by_id(tx, channel_id);
  const auto membership = store::find_membership(tx, channel_id, user_id);
  if (!channel || !membership) return {};

  store::MessageRange newest;
  newest.limit = kPrefetchMessagesMax + 1;
  auto messages = store::list_messages(tx, channel_id, user_id, newest);
  const bool has_more = domain::cut_page(messages, kPrefetchMessagesMax);
  std::vector<messaging::ChannelMembershipSummary> members;
  for (const store::MembershipRow& row :
       store::list_memberships(tx, channel_id, "DEFAULT", 0, kPrefetchMembershipsMax)) {
    members.push_back({messaging::Identity{row.member_arn, row.member_name}});
  }

  json::Writer writer(json::TimeForm::kIso8601);
  writer.begin_object();
  protocol::encode_member(writer, "Channel", messaging::summarize_channel(tx, *channel, user_id));
  protocol::encode_member(writer, "ChannelMessages",
                          summarize_messages(std::move(messages), user_id));
  protocol::encode_member(writer, "ChannelMemberships", members);
  if (membership->read_marker_ms) {
    protocol::encode_member(writer, "ReadMarkerTimestamp",
                            protocol::Timestamp{*membership->read_marker_ms});
  }
  protocol::encode_member(writer, "ChannelMessagesHasMore", has_more);
  return session_frame({"CHANNEL_DETAILS", "SYSTEM", writer.end_object().take()});
}

}  // namespace carillon::api
