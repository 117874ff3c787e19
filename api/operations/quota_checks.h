// Whether there is too much of something, when quotas are enforced. On the writer thread, inside
// the operation's transaction.
#pragma once

#include <string>

#include "api/call.h"
#include "api/domain/quotas.h"
#include "api/result.h"
#include "store/quotas.h"

namespace carillon::api {

inline std::string quota_text(domain::Quota quota) {
  const domain::QuotaInfo& info = domain::info(quota);
  return "The quota is exceeded: at most " + std::to_string(info.max) + " " +
         std::string(info.what) + ".";
}

// After one was made, which is undone if this fails: so that whatever else is wrong is told first.
// `has` is the function of store/quotas.h that counts these. Every operation that creates something
// models ResourceLimitExceeded.
template <typename Parent, typename Has>
Result<Nothing> check_quota(const Call& call, store::ReadTx& tx, domain::Quota quota, Has has,
                            const Parent& parent) {
  if (!call.options.enforce_quotas) return Nothing{};
  if (!has(tx, parent, domain::info(quota).max + 1)) return Nothing{};
  return error::resource_limit_exceeded(quota_text(quota));
}

// The two that a membership counts for.
inline Result<Nothing> check_membership_quotas(const Call& call, store::ReadTx& tx,
                                               store::RowId channel_id, store::RowId member_id) {
  TRY(check_quota(call, tx, domain::Quota::kMembers, store::has_members, channel_id));
  return check_quota(call, tx, domain::Quota::kMembershipsOfUser, store::has_memberships,
                     member_id);
}

}  // namespace carillon::api
