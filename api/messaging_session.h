// Messaging sessions: who may open one, which channels it follows, and the text of its frames. The
// sockets are the server's.
//
// Source: developer guide, "Using WebSockets to receive messages".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/call.h"
#include "api/effects.h"
#include "api/http.h"
#include "api/result.h"
#include "store/transaction.h"

namespace carillon::api {

// In what order prefetched channels come first when there are more than are sent.
enum class PrefetchSortBy { kUnread, kLastMessageTimestamp };

// Whether a request is for this: GET /connect, whatever its query. Pure; any thread.
bool is_connect_request(const HttpRequest& request);

// GET /connect, understood.
struct ConnectRequest {
  Caller caller;
  std::string user_arn;
  std::string session_id;
  bool prefetch = false;
  PrefetchSortBy sort_by = PrefetchSortBy::kUnread;
};

// Pure; any thread. Fails with a message for whoever wrote the client: a parameter is missing or
// has another value than it may have. The message fits into a close frame. Of equal parameters the
// first counts; those that are unknown are passed over. Does not look at the signature.
Result<ConnectRequest> read_connect_request(const HttpRequest& request, const Options& options);

// The user whose session this is to be; with auto-provisioning he comes to exist, and stays
// whatever becomes of the session. Forbidden when there is no such user, a bot for one, for this
// caller.
// On the writer thread, in a transaction of its own; `call` has the request's caller.
Result<store::RowId> find_session_user(Call& call, store::WriteTx& tx,
                                       const ConnectRequest& request);

// The channels that a user is a member of, `limit` at a time, in the order of their ids; `after` is
// 0 or the last one seen. A deleted channel may be among them; nothing happens in it any more.
std::vector<store::RowId> list_session_channels(store::ReadTx& tx, store::RowId user_id,
                                                store::RowId after, int limit);

// The frame of an event, as text.
std::string session_frame(const SessionEvent& event);
// The first frame of each session.
std::string session_established_frame();

// The channels that a session gets told at its start, at most kPrefetchChannelsMax, those that come
// first in `sort_by` first. A channel is unread when something in it is newer than the user's read
// marker; without one, when it has a message.
std::vector<store::RowId> list_prefetch_channels(store::ReadTx& tx, store::RowId user_id,
                                                 PrefetchSortBy sort_by);
// Their CHANNEL_DETAILS frame, or "" if the user is not a member any more.
std::string channel_details_frame(store::ReadTx& tx, store::RowId user_id, store::RowId channel_id);

}  // namespace carillon::api
