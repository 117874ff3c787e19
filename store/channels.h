// Rows of channels, and the one query that every channel operation starts with: the channel, the
// bearer, and what the bearer is to the channel.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

// Who asks, and in what roles. One statement fetches it all: operations on messages are the hot
// path, and every further query costs.
struct ChannelAccess {
  std::optional<RowId> bearer_id;               // absent: no such identity
  std::optional<RowId> bearer_app_instance_id;  // present with bearer_id
  std::string bearer_name;
  std::optional<RowId> channel_id;  // absent: no such channel
  RowId channel_app_instance_id = 0;
  std::string mode;
  std::string privacy;
  std::optional<RowId> channel_flow_id;
  std::optional<RowId> flow_version_id;
  bool elastic = false;
  bool is_admin = false;  // of the channel's app instance
  bool is_moderator = false;
  OptionalText membership_type;  // DEFAULT | HIDDEN; absent: not a member
};
ChannelAccess load_channel_access(ReadTx& tx, std::string_view channel_arn,
                                  std::string_view bearer_arn);

std::optional<ChannelRow> find_channel(ReadTx& tx, std::string_view arn);
std::optional<ChannelRow> find_channel_by_id(ReadTx& tx, RowId id);
// In the order of creation; `after` is the last id already seen, or 0. `privacy` empty means both.
std::vector<ChannelRow> list_channels(ReadTx& tx, RowId app_instance_id, std::string_view privacy,
                                      RowId after, int limit);
std::vector<ChannelRow> list_channels_with_flow(ReadTx& tx, RowId channel_flow_id, RowId after,
                                                int limit);
// Every channel, of every app instance: for the admin endpoint.
std::vector<ChannelRow> list_all_channels(ReadTx& tx, RowId after, int limit);
// `created_by_arn` must be an existing identity's.
RowId insert_channel(WriteTx& tx, const ChannelRow& row);
// Absent members keep their value.
void update_channel(WriteTx& tx, RowId id, const OptionalText& name, const OptionalText& mode,
                    const OptionalText& metadata, TimeMs now_ms);
void set_channel_flow(WriteTx& tx, RowId channel_id, std::optional<RowId> channel_flow_id,
                      TimeMs now_ms);
// Removes the channel; its ids are never used again. Memberships, moderators, bans, messages
// and callbacks become unreachable at once and go later, see purge.h: no callback of it can be
// answered any more.
void delete_channel(WriteTx& tx, RowId id);

}  // namespace carillon::store
