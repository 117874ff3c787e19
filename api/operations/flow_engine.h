// Carries out what domain/flow_execution.h decides: rows for messages under way, callbacks to wait
// for, processors to invoke. On the writer thread, inside the caller's transaction.
#pragma once

#include <string>

#include "api/call.h"
#include "api/domain/flow_execution.h"
#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::api {

enum class FlowKind { kCreate, kUpdate };

// Sends a message, or an update of one, into a channel flow: it waits for the first processor.
// `message` is stored already; `revision` is what is to become of it.
void start_flow(Call& call, store::WriteTx& tx, FlowKind kind, const store::MessageRow& message,
                std::string_view channel_arn, store::RowId flow_version_id,
                const store::MessageRevision& revision);

// Whether `message` has an update whose processor never called back and can do so no more. Such an
// update stays PENDING for its sender until another request for the message supersedes it.
bool is_update_abandoned(store::ReadTx& tx, const store::MessageRow& message);

// What happened to the PENDING `callback`: resolves it and moves the message on.
// `detail` says why, for a processor that could not be reached.
void continue_flow(Call& call, store::WriteTx& tx, const store::CallbackRow& callback,
                   const domain::FlowEvent& event, const store::OptionalText& detail = {});

}  // namespace carillon::api
