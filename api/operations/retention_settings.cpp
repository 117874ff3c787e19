#include "api/generated/identity/codec.h"
#include "api/generated/identity/operations.h"
#include "api/limits.h"
#include "api/operations/access.h"
#include "api/operations/stored_json.h"
#include "store/settings.h"

namespace carillon::api::identity {
namespace {

std::optional<std::int64_t> retention_days(const std::optional<AppInstanceRetentionSettings>& of) {
  if (!of || !of->channel_retention_settings) return std::nullopt;
  return of->channel_retention_settings->retention_days;
}

std::optional<protocol::Timestamp> to_timestamp(std::optional<store::TimeMs> ms) {
  if (!ms) return std::nullopt;
  return protocol::Timestamp{*ms};
}

}  // namespace

// Messages can be brought back for 30 days after a period was set or changed. Source: developer
// guide, "Managing message retention". So InitiateDeletionTimestamp is 30 days after the last such
// change, and none while nothing is to be deleted: our reading. Nothing is deleted yet.
Result<PutAppInstanceRetentionSettingsResponse> put_app_instance_retention_settings(
    Call& call, store::WriteTx& tx, const PutAppInstanceRetentionSettingsRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow row, require_app_instance(tx, in.app_instance_arn));
  const std::optional settings(in.app_instance_retention_settings);
  store::Retention retention = store::find_retention(tx, row.id);
  const auto days = retention_days(settings);
  if (!days) {
    retention.deletion_ms.reset();
  } else if (days !=
             retention_days(from_stored_json<AppInstanceRetentionSettings>(retention.settings))) {
    retention.deletion_ms = call.now_ms + kRetentionGraceMs;
  }
  retention.settings = to_stored_json(settings);
  store::set_retention(tx, row.id, retention);
  return PutAppInstanceRetentionSettingsResponse{settings, to_timestamp(retention.deletion_ms)};
}

Result<GetAppInstanceRetentionSettingsResponse> get_app_instance_retention_settings(
    Call&, store::ReadTx& tx, const GetAppInstanceRetentionSettingsRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow row, require_app_instance(tx, in.app_instance_arn));
  const store::Retention retention = store::find_retention(tx, row.id);
  auto settings = from_stored_json<AppInstanceRetentionSettings>(retention.settings);
  return GetAppInstanceRetentionSettingsResponse{
      settings ? std::move(settings) : AppInstanceRetentionSettings(),
      to_timestamp(retention.deletion_ms)};
}

}  // namespace carillon::api::identity
