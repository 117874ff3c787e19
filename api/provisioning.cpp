#include "api/provisioning.h"

#include "api/domain/arn.h"
#include "store/app_instances.h"
#include "store/provisioned_resources.h"
#include "store/purge.h"

namespace carillon::api {
namespace {

void record(Call& call, store::WriteTx& tx, const std::string& arn) {
  store::insert_provisioned_resource(tx, arn, call.now_ms);
  call.emit(ResourceProvisioned{arn});
}

store::RowId make_app_instance(Call& call, store::WriteTx& tx, const domain::ArnParts& parts) {
  // What a deleted app instance of this ARN held may still wait to be purged, and its ARNs with it.
  store::purge_app_instance_of(tx, parts.app_instance_arn);
  store::AppInstanceRow row;
  row.arn = parts.app_instance_arn;
  row.name = parts.app_instance_id;
  row.created_ms = row.updated_ms = call.now_ms;
  const store::RowId id = store::insert_app_instance(tx, row);
  record(call, tx, row.arn);
  return id;
}

void make_user(Call& call, store::WriteTx& tx, store::RowId app_instance_id, const std::string& arn,
               std::string_view id) {
  store::IdentityRow row;
  row.app_instance_id = app_instance_id;
  row.arn = arn;
  row.name = id;
  row.created_ms = row.updated_ms = call.now_ms;
  store::insert_identity(tx, row);
  record(call, tx, arn);
}

}  // namespace

bool provision(Call& call, store::WriteTx& tx, std::span<const std::string> arns) {
  const std::size_t before = call.effects.size();
  for (const std::string& arn : arns) {
    const auto parts = domain::split_arn(arn);
    if (!parts || parts->owner.account != call.caller.account ||
        parts->owner.region != call.caller.region) {
      continue;
    }
    const auto app_instance = store::find_app_instance(tx, parts->app_instance_arn);
    const store::RowId app_instance_id =
        app_instance ? app_instance->id : make_app_instance(call, tx, *parts);
    if (parts->kind == domain::ArnKind::kUser && !store::find_identity(tx, arn)) {
      make_user(call, tx, app_instance_id, arn, parts->id);
    }
  }
  return call.effects.size() > before;
}

}  // namespace carillon::api
