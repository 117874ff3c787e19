// Tags, kept under the ARN of what they are on. Called by the tag operations, and by the functions
// that delete a resource: its ARN can be taken again, so its tags go with it.
#pragma once

#include <string_view>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

// In the order of keys.
std::vector<TagRow> list_tags(ReadTx& tx, std::string_view arn);
// A key that is there gets the new value.
void put_tag(WriteTx& tx, std::string_view arn, const TagRow& tag);
// Nothing happens when there is no such key.
void delete_tag(WriteTx& tx, std::string_view arn, std::string_view key);

// All tags of one resource, which is still there.
void delete_app_instance_tags(WriteTx& tx, RowId app_instance_id);
void delete_identity_tags(WriteTx& tx, RowId identity_id);
void delete_channel_tags(WriteTx& tx, RowId channel_id);
void delete_channel_flow_tags(WriteTx& tx, RowId channel_flow_id);

}  // namespace carillon::store
