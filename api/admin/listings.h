// What the admin endpoint shows of the service's state, as JSON in the service's own casing. Each
// function answers one GET below /_carillon/, in a read transaction, on the thread that owns it.
//
// Lists come in pages: max-results (1..1000, default 100) and next-token, as in the service.
#pragma once

#include <functional>
#include <string_view>

#include "api/http.h"
#include "store/transaction.h"

namespace carillon::api::admin {

// Whether a processor's ARN is mapped to an endpoint. An invocation that is queued for a processor
// without one is shown as HELD: it waits for a test to call back, or for a target.
using HasTarget = std::function<bool(std::string_view processor_arn)>;

// GET callbacks?status=&channel-arn=&message-id= : invocations of processors, newest first, each
// with what became of it and the exact Event that the processor gets.
HttpResponse list_callbacks(store::ReadTx& tx, const HttpRequest& request,
                            const HasTarget& has_target);

// GET messages?channel-arn= : every message of the channel, oldest first, whatever its status, with
// the update that is pending, if any.
HttpResponse list_messages(store::ReadTx& tx, const HttpRequest& request);

// GET channels : every channel, in the order of creation.
HttpResponse list_channels(store::ReadTx& tx, const HttpRequest& request);

// GET channel-flows : every channel flow with its processors.
HttpResponse list_channel_flows(store::ReadTx& tx, const HttpRequest& request);

// GET push-notifications?channel-arn=&message-id=&member-arn= : what would have been sent to users'
// endpoints, and what not and why, newest first.
HttpResponse list_push_notifications(store::ReadTx& tx, const HttpRequest& request);

// GET provisioned : what came to exist because a request named it, in that order.
HttpResponse list_provisioned(store::ReadTx& tx, const HttpRequest& request);

}  // namespace carillon::api::admin
