// What was made unreachable by DeleteChannel and DeleteAppInstance is deleted afterwards, a few
// rows at a time, so that no request waits for a million messages to go.
#pragma once

#include <string_view>

#include "store/transaction.h"

namespace carillon::store {

// Deletes up to kPurgeRowsPerStep rows. Returns whether there are more: then call it again, in a
// transaction of its own. Also to be called once after a restart.
bool purge_step(WriteTx& tx);

// All that a deleted app instance of this ARN left behind goes at once: before the ARN is taken
// again.
void purge_app_instance_of(WriteTx& tx, std::string_view arn);

// Whether anything waits to be purged.
bool purge_pending(ReadTx& tx);

// Deletes everything that users made: POST /_carillon/reset.
void delete_everything(WriteTx& tx);

// Makes all app instances of one account unreachable, in every region; purge_step() does the rest.
void delete_account(WriteTx& tx, std::string_view account);

}  // namespace carillon::store
