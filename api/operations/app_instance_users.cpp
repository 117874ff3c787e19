#include "api/domain/arn.h"
#include "api/generated/identity/codec.h"
#include "api/generated/identity/operations.h"
#include "api/operations/access.h"
#include "api/operations/pages.h"
#include "api/operations/quota_checks.h"
#include "api/operations/resource_tags.h"
#include "api/operations/stored_json.h"
#include "store/app_instances.h"

namespace carillon::api::identity {

Result<CreateAppInstanceUserResponse> create_app_instance_user(
    Call& call, store::WriteTx& tx, const CreateAppInstanceUserRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow app_instance,
             require_app_instance(tx, in.app_instance_arn));
  TRY_ASSIGN(const TagRows tags, read_tags(in.tags));
  store::IdentityRow row;
  row.arn = domain::resource_arn(app_instance.arn, domain::ArnKind::kUser, in.app_instance_user_id);
  if (store::find_identity(tx, row.arn)) {
    return error::conflict("The app instance has a user with this AppInstanceUserId already: " +
                           row.arn);
  }
  row.app_instance_id = app_instance.id;
  row.name = in.name;
  row.metadata = in.metadata;
  row.expiration = to_stored_json(in.expiration_settings);
  row.created_ms = row.updated_ms = call.now_ms;
  store::insert_identity(tx, row);
  TRY(check_quota(call, tx, domain::Quota::kUsers, store::has_users, app_instance.id));
  put_tags(tx, row.arn, tags);
  return CreateAppInstanceUserResponse{row.arn};
}

Result<DescribeAppInstanceUserResponse> describe_app_instance_user(
    Call&, store::ReadTx& tx, const DescribeAppInstanceUserRequest& in) {
  TRY_ASSIGN(const store::IdentityRow row, require_user(tx, in.app_instance_user_arn));
  AppInstanceUser out;
  out.app_instance_user_arn = row.arn;
  out.name = row.name;
  out.metadata = row.metadata;
  out.created_timestamp = protocol::Timestamp{row.created_ms};
  out.last_updated_timestamp = protocol::Timestamp{row.updated_ms};
  out.expiration_settings = from_stored_json<ExpirationSettings>(row.expiration);
  return DescribeAppInstanceUserResponse{out};
}

Result<ListAppInstanceUsersResponse> list_app_instance_users(
    Call&, store::ReadTx& tx, const ListAppInstanceUsersRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow app_instance,
             require_app_instance(tx, in.app_instance_arn));
  TRY_ASSIGN(auto page, fetch_page(domain::page_scope("ListAppInstanceUsers", {app_instance.arn}),
                                   in, &store::IdentityRow::id, [&](store::RowId after, int limit) {
                                     return store::list_identities(tx, app_instance.id, after,
                                                                   limit);
                                   }));
  ListAppInstanceUsersResponse out;
  out.app_instance_arn = app_instance.arn;
  for (const store::IdentityRow& row : page.rows) {
    out.app_instance_users.push_back({row.arn, row.name, row.metadata});
  }
  out.next_token = std::move(page.next_token);
  return out;
}

// Names live in one place: members, senders and administrators show the new one from now on.
// Source: developer guide, "Create an AppInstance", on user names.
Result<UpdateAppInstanceUserResponse> update_app_instance_user(
    Call& call, store::WriteTx& tx, const UpdateAppInstanceUserRequest& in) {
  TRY_ASSIGN(const store::IdentityRow row, require_user(tx, in.app_instance_user_arn));
  store::update_identity(tx, row.id, in.name, in.metadata, call.now_ms);
  return UpdateAppInstanceUserResponse{row.arn};
}

// His memberships and roles go with him; what he said stays under his last name. Our reading: the
// documentation is silent on both.
Result<Nothing> delete_app_instance_user(Call& call, store::WriteTx& tx,
                                         const DeleteAppInstanceUserRequest& in) {
  TRY_ASSIGN(const store::IdentityRow row, require_user(tx, in.app_instance_user_arn));
  store::delete_identity(tx, row.id);
  call.emit(UserRemoved{row.id});
  return Nothing{};
}

}  // namespace carillon::api::identity
