// Rows of channel moderators: from the channel, and from the moderator.
#pragma once

#include <optional>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

bool is_moderator(ReadTx& tx, RowId channel_id, RowId identity_id);
std::optional<ModeratorRow> find_moderator(ReadTx& tx, RowId channel_id, RowId identity_id);
// In the order of identity ids; `after` is the last identity id already seen, or 0.
std::vector<ModeratorRow> list_moderators(ReadTx& tx, RowId channel_id, RowId after, int limit);
// The channels that the identity moderates, in the order of their creation; `after` is the last
// channel id already seen, or 0.
std::vector<ChannelRow> list_channels_of_moderator(ReadTx& tx, RowId identity_id, RowId after,
                                                   int limit);
// False when the identity already was a moderator.
bool insert_moderator(WriteTx& tx, RowId channel_id, RowId identity_id, RowId created_by_id,
                      TimeMs now_ms);
// False when it was none.
bool delete_moderator(WriteTx& tx, RowId channel_id, RowId identity_id);

}  // namespace carillon::store
