// What is set on a resource and given back as it came, as JSON: expiration, retention, streaming.
// All functions throw store::StoreError when SQLite fails.
#pragma once

#include <optional>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

// Absent settings take away those that are there.
void set_channel_expiration(WriteTx& tx, RowId channel_id, const OptionalText& settings,
                            TimeMs now_ms);
void set_user_expiration(WriteTx& tx, RowId user_id, const OptionalText& settings, TimeMs now_ms);

// Of an app instance.
struct Retention {
  OptionalText settings;
  std::optional<TimeMs> deletion_ms;  // when what is older than the settings allow goes
};
Retention find_retention(ReadTx& tx, RowId app_instance_id);
void set_retention(WriteTx& tx, RowId app_instance_id, const Retention& retention);

OptionalText find_streaming(ReadTx& tx, RowId app_instance_id);
void set_streaming(WriteTx& tx, RowId app_instance_id, const OptionalText& configurations);

}  // namespace carillon::store
