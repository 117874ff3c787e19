#include "api/generated/identity/codec.h"
#include "api/generated/identity/operations.h"
#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"
#include "api/operations/stored_json.h"
#include "store/settings.h"

// Settings that are left out take away those that are there. Source: developer guide, "Expiring
// channels and AppInstanceUsers". Nothing expires yet.

namespace carillon::api::messaging {

// The bearer is mandatory though the model does not say so. Source: API reference,
// PutChannelExpirationSettings.
Result<PutChannelExpirationSettingsResponse> put_channel_expiration_settings(
    Call& call, store::WriteTx& tx, const PutChannelExpirationSettingsRequest& in) {
  TRY_ASSIGN(const std::string bearer, require_bearer(call, in.chime_bearer));
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, bearer, Missing::kForbidden,
                           domain::Action::kPutChannelExpirationSettings));
  store::set_channel_expiration(tx, *access.channel_id, to_stored_json(in.expiration_settings),
                                call.now_ms);
  return PutChannelExpirationSettingsResponse{in.channel_arn, in.expiration_settings};
}

}  // namespace carillon::api::messaging

namespace carillon::api::identity {

Result<PutAppInstanceUserExpirationSettingsResponse> put_app_instance_user_expiration_settings(
    Call& call, store::WriteTx& tx, const PutAppInstanceUserExpirationSettingsRequest& in) {
  TRY_ASSIGN(const store::IdentityRow user, require_user(tx, in.app_instance_user_arn));
  store::set_user_expiration(tx, user.id, to_stored_json(in.expiration_settings), call.now_ms);
  return PutAppInstanceUserExpirationSettingsResponse{user.arn, in.expiration_settings};
}

}  // namespace carillon::api::identity
