// --auto-provision: app instances and users come to exist at their first mention, so that an
// application which is configured with ARNs of its real account runs without being set up.
//
// On the writer thread, in the transaction of the request that mentions them, before its operation.
#pragma once

#include <span>
#include <string>

#include "api/call.h"
#include "store/transaction.h"

namespace carillon::api {

// Makes what `arns` name, of the caller's account and region, and what is not there: app instances
// (also those of a bot, channel or channel flow) and users. What is no well-formed ARN of these is
// left to the operation to refuse. Each birth is recorded and emitted; returns whether there was
// one.
bool provision(Call& call, store::WriteTx& tx, std::span<const std::string> arns);

}  // namespace carillon::api
