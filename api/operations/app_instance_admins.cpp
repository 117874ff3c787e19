#include "api/domain/arn.h"
#include "api/generated/identity/operations.h"
#include "api/operations/access.h"
#include "api/operations/pages.h"
#include "api/operations/quota_checks.h"
#include "store/app_instances.h"

namespace carillon::api::identity {
namespace {

struct NamedAdmin {
  store::AppInstanceRow app_instance;
  store::IdentityRow identity;
};

// The two that every operation on one administrator names. The identity must be of that app
// instance, be it an administrator or not.
Result<NamedAdmin> find_named(store::ReadTx& tx, std::string_view app_instance_arn,
                              std::string_view admin_arn) {
  NamedAdmin named;
  TRY_ASSIGN(named.app_instance, require_app_instance(tx, app_instance_arn));
  TRY_ASSIGN(named.identity, find_user_in_input(tx, admin_arn, named.app_instance.id));
  return named;
}

}  // namespace

Result<CreateAppInstanceAdminResponse> create_app_instance_admin(
    Call& call, store::WriteTx& tx, const CreateAppInstanceAdminRequest& in) {
  TRY_ASSIGN(const NamedAdmin named,
             find_named(tx, in.app_instance_arn, in.app_instance_admin_arn));
  if (!store::insert_admin(tx, named.app_instance.id, named.identity.id, call.now_ms)) {
    return error::conflict("The user is an administrator of the app instance already: " +
                           named.identity.arn);
  }
  TRY(check_quota(call, tx, domain::Quota::kAdmins, store::has_admins, named.app_instance.id));
  return CreateAppInstanceAdminResponse{Identity{named.identity.arn, named.identity.name},
                                        named.app_instance.arn};
}

Result<DescribeAppInstanceAdminResponse> describe_app_instance_admin(
    Call&, store::ReadTx& tx, const DescribeAppInstanceAdminRequest& in) {
  TRY_ASSIGN(const NamedAdmin named,
             find_named(tx, in.app_instance_arn, in.app_instance_admin_arn));
  const auto row = store::find_admin(tx, named.app_instance.id, named.identity.id);
  if (!row) return error::forbidden();
  AppInstanceAdmin out;
  out.admin = Identity{row->arn, row->name};
  out.app_instance_arn = named.app_instance.arn;
  out.created_timestamp = protocol::Timestamp{row->created_ms};
  return DescribeAppInstanceAdminResponse{out};
}

Result<ListAppInstanceAdminsResponse> list_app_instance_admins(
    Call&, store::ReadTx& tx, const ListAppInstanceAdminsRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow app_instance,
             require_app_instance(tx, in.app_instance_arn));
  TRY_ASSIGN(auto page,
             fetch_page(domain::page_scope("ListAppInstanceAdmins", {app_instance.arn}), in,
                        &store::AdminRow::identity_id, [&](store::RowId after, int limit) {
                          return store::list_admins(tx, app_instance.id, after, limit);
                        }));
  ListAppInstanceAdminsResponse out;
  out.app_instance_arn = app_instance.arn;
  for (const store::AdminRow& row : page.rows) {
    out.app_instance_admins.push_back({Identity{row.arn, row.name}});
  }
  out.next_token = std::move(page.next_token);
  return out;
}

Result<Nothing> delete_app_instance_admin(Call&, store::WriteTx& tx,
                                          const DeleteAppInstanceAdminRequest& in) {
  TRY_ASSIGN(const NamedAdmin named,
             find_named(tx, in.app_instance_arn, in.app_instance_admin_arn));
  if (!store::delete_admin(tx, named.app_instance.id, named.identity.id)) {
    return error::forbidden();
  }
  return Nothing{};
}

}  // namespace carillon::api::identity
