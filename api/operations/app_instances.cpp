#include "store/app_instances.h"

#include "api/domain/arn.h"
#include "api/generated/identity/operations.h"
#include "api/operations/access.h"
#include "api/operations/pages.h"
#include "api/operations/quota_checks.h"
#include "api/operations/resource_tags.h"

namespace carillon::api::identity {

Result<CreateAppInstanceResponse> create_app_instance(Call& call, store::WriteTx& tx,
                                                      const CreateAppInstanceRequest& in) {
  TRY_ASSIGN(const TagRows tags, read_tags(in.tags));
  store::AppInstanceRow row;
  row.arn = domain::app_instance_arn(call.caller, call.ids.uuid());
  row.name = in.name;
  row.metadata = in.metadata;
  row.created_ms = row.updated_ms = call.now_ms;
  store::insert_app_instance(tx, row);
  TRY(check_quota(call, tx, domain::Quota::kAppInstances, store::has_app_instances,
                  domain::arn_prefix(call.caller)));
  put_tags(tx, row.arn, tags);
  return CreateAppInstanceResponse{row.arn};
}

Result<DescribeAppInstanceResponse> describe_app_instance(Call&, store::ReadTx& tx,
                                                          const DescribeAppInstanceRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow row, require_app_instance(tx, in.app_instance_arn));
  AppInstance out;
  out.app_instance_arn = row.arn;
  out.name = row.name;
  out.metadata = row.metadata;
  out.created_timestamp = protocol::Timestamp{row.created_ms};
  out.last_updated_timestamp = protocol::Timestamp{row.updated_ms};
  return DescribeAppInstanceResponse{out};
}

// Account and region are the caller's, as in any service of AWS: those of others are not listed.
Result<ListAppInstancesResponse> list_app_instances(Call& call, store::ReadTx& tx,
                                                    const ListAppInstancesRequest& in) {
  const std::string prefix = domain::arn_prefix(call.caller);
  TRY_ASSIGN(auto page, fetch_page(domain::page_scope("ListAppInstances", {prefix}), in,
                                   &store::AppInstanceRow::id, [&](store::RowId after, int limit) {
                                     return store::list_app_instances(tx, prefix, after, limit);
                                   }));
  ListAppInstancesResponse out;
  for (const store::AppInstanceRow& row : page.rows) {
    out.app_instances.push_back({row.arn, row.name, row.metadata});
  }
  out.next_token = std::move(page.next_token);
  return out;
}

Result<UpdateAppInstanceResponse> update_app_instance(Call& call, store::WriteTx& tx,
                                                      const UpdateAppInstanceRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow row, require_app_instance(tx, in.app_instance_arn));
  store::update_app_instance(tx, row.id, in.name, in.metadata, call.now_ms);
  return UpdateAppInstanceResponse{row.arn};
}

// What the app instance holds is out of reach at once and deleted afterwards. Source: API
// reference, DeleteAppInstance ("asynchronously").
Result<Nothing> delete_app_instance(Call& call, store::WriteTx& tx,
                                    const DeleteAppInstanceRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow row, require_app_instance(tx, in.app_instance_arn));
  store::delete_app_instance(tx, row.id);
  call.emit(AppInstanceRemoved{row.arn});
  call.emit(PurgeRows{});
  return Nothing{};
}

}  // namespace carillon::api::identity
