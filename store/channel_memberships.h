// Rows of memberships: from the channel, from the member, and what a member keeps in his.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

std::optional<MembershipRow> find_membership(ReadTx& tx, RowId channel_id, RowId member_id);
// In the order of member ids; `after` is the last member id already seen, or 0. `type` empty means
// both.
std::vector<MembershipRow> list_memberships(ReadTx& tx, RowId channel_id, std::string_view type,
                                            RowId after, int limit);
// The channels that the identity is a member of, in the order of creation; `after` is the last
// channel id already seen, or 0.
std::vector<MemberChannelRow> list_channels_of_member(ReadTx& tx, RowId member_id, RowId after,
                                                      int limit);
// Their ids alone, in the same order: what a session follows. A channel that was deleted may be
// among them until its memberships are purged.
std::vector<RowId> list_channel_ids_of_member(ReadTx& tx, RowId member_id, RowId after, int limit);
// The newest of them, newest first.
std::vector<MemberReadRow> list_newest_channels_of_member(ReadTx& tx, RowId member_id, int limit);
// The members who are moderators of the channel or administrators of `app_instance_id`, in the
// order of their ids: those who may see HIDDEN members.
std::vector<RowId> list_privileged_members(ReadTx& tx, RowId channel_id, RowId app_instance_id);
// False when the member already was one.
bool insert_membership(WriteTx& tx, RowId channel_id, RowId member_id, std::string_view type,
                       RowId invited_by_id, TimeMs now_ms);
// False when it was none.
bool delete_membership(WriteTx& tx, RowId channel_id, RowId member_id);

// The membership must exist. Absent when its member has set none.
OptionalText find_membership_preferences(ReadTx& tx, RowId channel_id, RowId member_id);
void set_membership_preferences(WriteTx& tx, RowId channel_id, RowId member_id,
                                std::string_view preferences);
void set_read_marker(WriteTx& tx, RowId channel_id, RowId member_id, TimeMs now_ms);

}  // namespace carillon::store
