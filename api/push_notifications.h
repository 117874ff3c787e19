// Push notifications: nothing is sent to a device, but what would be sent to which endpoint, and
// what would not and why, is recorded for the admin endpoint. On the writer thread.
//
// Source: developer guide, "Using mobile push notifications for Amazon Chime SDK messaging to
// receive messages". What it leaves open is listed in docs/fidelity.md.
#pragma once

#include "api/call.h"
#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::api {

// `message` has been sent just now. If it has a push notification, the first of its receivers are
// gone through at once, within the caller's transaction: for ordinary channels that is all of them.
// The rest is left to record_push_notifications().
void notify_by_push(Call& call, store::WriteTx& tx, const store::MessageRow& message);

// Goes on with the messages that have not reached all of their receivers, oldest first, by one
// step. Returns whether there are more: then call it again, in a transaction of its own. Also to be
// called after a restart. Who joins or leaves the channel meanwhile may be notified or not.
bool record_push_notifications(store::WriteTx& tx);

// Whether it has anything to do.
bool push_notifications_pending(store::ReadTx& tx);

}  // namespace carillon::api
