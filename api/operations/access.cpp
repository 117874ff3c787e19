#include "api/operations/access.h"

#include <string>

namespace carillon::api {

Error missing_resource(std::string_view member, std::string_view arn, domain::ArnKind expected,
                       Missing missing) {
  if (domain::arn_kind(arn) != expected) {
    return error::bad_request(std::string(member) + " must be the ARN of " +
                              std::string(domain::describe(expected)) + ", but is '" +
                              std::string(arn) + "'.");
  }
  return missing == Missing::kNotFound ? error::not_found() : error::forbidden();
}

Result<store::ChannelAccess> enter_channel(store::ReadTx& tx, std::string_view channel_arn,
                                           std::string_view bearer_arn, Missing missing) {
  store::ChannelAccess access = store::load_channel_access(tx, channel_arn, bearer_arn);
  if (!access.bearer_id) return error::invalid_bearer();
  if (!access.channel_id) {
    return missing_resource("ChannelArn", channel_arn, domain::ArnKind::kChannel, missing);
  }
  if (access.bearer_app_instance_id != access.channel_app_instance_id) {
    return error::invalid_bearer();
  }
  return access;
}

Result<store::ChannelAccess> enter_channel(store::ReadTx& tx, std::string_view channel_arn,
                                           std::string_view bearer_arn, Missing missing,
                                           domain::Action action, domain::Owner owner) {
  TRY_ASSIGN(store::ChannelAccess access, enter_channel(tx, channel_arn, bearer_arn, missing));
  if (!domain::is_allowed(action, access, owner)) return error::forbidden();
  return access;
}

Result<std::string> require_bearer(const Call& call, const std::optional<std::string>& bearer_arn) {
  if (bearer_arn) return *bearer_arn;
  const ErrorKind kind =
      call.options.validation_exception ? ErrorKind::kValidation : ErrorKind::kBadRequest;
  return error::validation(kind,
                           "1 validation error detected: Value null at 'chimeBearer' failed to "
                           "satisfy constraint: Member must not be null");
}

Result<store::ChannelAccess> enter_regular_channel(store::ReadTx& tx, std::string_view channel_arn,
                                                   std::string_view bearer_arn,
                                                   domain::Action action, domain::Owner owner) {
  TRY_ASSIGN(store::ChannelAccess access,
             enter_channel(tx, channel_arn, bearer_arn, Missing::kForbidden));
  if (access.elastic && domain::is_allowed(domain::Action::kDescribeChannel, access)) {
    return error::bad_request(
        "This operation is not for elastic channels, and this channel is elastic: " +
        std::string(channel_arn));
  }
  if (!domain::is_allowed(action, access, owner)) return error::forbidden();
  return access;
}

domain::Owner owner_of(std::string_view arn, std::string_view bearer_arn) {
  return arn == bearer_arn ? domain::Owner::kBearer : domain::Owner::kOther;
}

Result<store::AppInstanceRow> require_app_instance(store::ReadTx& tx, std::string_view arn,
                                                   Missing missing) {
  auto row = store::find_app_instance(tx, arn);
  if (row) return std::move(*row);
  return missing_resource("AppInstanceArn", arn, domain::ArnKind::kAppInstance, missing);
}

Result<store::IdentityRow> require_user(store::ReadTx& tx, std::string_view arn) {
  auto row = store::find_identity(tx, arn);
  if (row && domain::arn_kind(arn) == domain::ArnKind::kUser) return std::move(*row);
  return missing_resource("AppInstanceUserArn", arn, domain::ArnKind::kUser, Missing::kForbidden);
}

Result<store::ChannelFlowRow> require_channel_flow(store::ReadTx& tx, std::string_view arn,
                                                   Missing missing) {
  auto row = store::find_channel_flow(tx, arn);
  if (row) return std::move(*row);
  return missing_resource("ChannelFlowArn", arn, domain::ArnKind::kChannelFlow, missing);
}

Result<store::IdentityRow> find_user_in_input(store::ReadTx& tx, std::string_view arn,
                                              store::RowId app_instance_id) {
  auto row = store::find_identity(tx, arn);
  if (!row || row->app_instance_id != app_instance_id) return error::invalid_user_in_input();
  return std::move(*row);
}

Result<store::IdentityRow> find_bearer(store::ReadTx& tx, std::string_view bearer_arn,
                                       store::RowId app_instance_id) {
  auto row = store::find_identity(tx, bearer_arn);
  if (!row || row->app_instance_id != app_instance_id) return error::invalid_bearer();
  return std::move(*row);
}

}  // namespace carillon::api
