// The first steps that most operations share: the resource that the request names, the bearer, and
// whether the bearer may. Each answers with the exact error of the operation's kind.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/call.h"
#include "api/domain/arn.h"
#include "api/domain/permissions.h"
#include "api/result.h"
#include "store/app_instances.h"
#include "store/channel_flows.h"
#include "store/channels.h"
#include "store/transaction.h"

namespace carillon::api {

// What an operation answers for a resource that does not exist: NotFound only where its model lists
// NotFoundException, else Forbidden.
enum class Missing { kForbidden, kNotFound };

// The error for `arn`, which names nothing: BadRequest that says what kind was expected when it is
// not even the ARN of such a resource, else as `missing` says.
Error missing_resource(std::string_view member, std::string_view arn, domain::ArnKind expected,
                       Missing missing);

// The channel and what the bearer is to it. Fails if the bearer is nobody of the channel's app
// instance (Forbidden, with the text observed for it), if there is no such channel, or if the
// bearer may not do `action`. Pass Owner::kBearer or kOther when `action` depends on it.
Result<store::ChannelAccess> enter_channel(store::ReadTx& tx, std::string_view channel_arn,
                                           std::string_view bearer_arn, Missing missing);
Result<store::ChannelAccess> enter_channel(store::ReadTx& tx, std::string_view channel_arn,
                                           std::string_view bearer_arn, Missing missing,
                                           domain::Action action,
                                           domain::Owner owner = domain::Owner::kOther);

// The bearer where the model does not require one but the documentation does. An absent one is
// answered like any other required member that is absent.
Result<std::string> require_bearer(const Call& call, const std::optional<std::string>& bearer_arn);

// The app instance that `arn` names.
Result<store::AppInstanceRow> require_app_instance(store::ReadTx& tx, std::string_view arn,
                                                   Missing missing = Missing::kForbidden);

// As enter_channel, for what elastic channels do not support: BadRequest if the channel is one and
// the bearer may know.
Result<store::ChannelAccess> enter_regular_channel(store::ReadTx& tx, std::string_view channel_arn,
                                                   std::string_view bearer_arn,
                                                   domain::Action action, domain::Owner owner);

// Whether what `arn` names, a user or his, is the bearer's own.
domain::Owner owner_of(std::string_view arn, std::string_view bearer_arn);

// The user that `arn` names, or Forbidden. A bot is none: it has operations of its own.
Result<store::IdentityRow> require_user(store::ReadTx& tx, std::string_view arn);

// The channel flow that `arn` names.
Result<store::ChannelFlowRow> require_channel_flow(store::ReadTx& tx, std::string_view arn,
                                                   Missing missing);

// The user (or bot) that an input member names; it must be of this app instance. Forbidden, with
// the text observed for it.
Result<store::IdentityRow> find_user_in_input(store::ReadTx& tx, std::string_view arn,
                                              store::RowId app_instance_id);

// The bearer of an operation that names an app instance rather than a channel.
Result<store::IdentityRow> find_bearer(store::ReadTx& tx, std::string_view bearer_arn,
                                       store::RowId app_instance_id);

}  // namespace carillon::api
