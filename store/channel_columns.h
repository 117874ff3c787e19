// A channel as every query of the store selects it. For the .cpp files of this layer only.
#pragma once

#include "store/connection.h"
#include "store/rows.h"

// Put other tables that lead to the channel before CHANNEL_TABLES, with CROSS JOIN. What a deleted
// app instance held is still there until it is purged, hence the look at app_instances.
#define CHANNEL_COLUMNS                                                     \
  "c.id, c.app_instance_id, c.arn, c.name, c.mode, c.privacy, c.metadata, " \
  "b.arn, b.name, c.channel_flow_id, f.arn, c.elastic_configuration, "      \
  "c.expiration, c.created_ms, c.updated_ms "
#define CHANNEL_TABLES                                           \
  "channels c CROSS JOIN app_instances i CROSS JOIN identities " \
  "b LEFT JOIN channel_flows f ON f.id = c.channel_flow_id "
#define CHANNEL_JOINS "i.id = c.app_instance_id AND b.id = c.created_by_id "

namespace carillon::store {

// Reads CHANNEL_COLUMNS.
ChannelRow read_channel(Statement& row);

}  // namespace carillon::store
