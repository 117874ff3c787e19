// The operations on users' endpoints. Nothing is sent to one: an application registers them and
// reads them back.
#include "store/app_instance_user_endpoints.h"

#include "api/generated/identity/codec.h"
#include "api/generated/identity/operations.h"
#include "api/operations/access.h"
#include "api/operations/pages.h"
#include "api/operations/quota_checks.h"
#include "api/operations/stored_json.h"

namespace carillon::api::identity {
namespace {

struct Endpoint {
  store::IdentityRow user;
  store::EndpointRow row;
};

// No operation on endpoints models NotFound.
Result<Endpoint> find_endpoint(store::ReadTx& tx, std::string_view user_arn,
                               std::string_view endpoint_id) {
  TRY_ASSIGN(store::IdentityRow user, require_user(tx, user_arn));
  auto row = store::find_endpoint(tx, user.id, endpoint_id);
  if (!row) return error::forbidden();
  return Endpoint{std::move(user), std::move(*row)};
}

// The members that AppInstanceUserEndpoint and its summary have in common. The state is always
// ACTIVE: nothing is ever delivered that could be found undeliverable.
template <typename View>
View common_view(const store::IdentityRow& user, const store::EndpointRow& row) {
  View view;
  view.app_instance_user_arn = user.arn;
  view.endpoint_id = row.endpoint_id;
  view.name = row.name;
  view.type = from_stored_text<AppInstanceUserEndpointType>(row.type);
  view.allow_messages = from_stored_text<AllowMessages>(row.allow_messages);
  view.endpoint_state = EndpointState{EndpointStatus::kActive, std::nullopt};
  return view;
}

store::OptionalText stored_text(const std::optional<AllowMessages>& value) {
  if (!value) return std::nullopt;
  return std::string(to_text(*value));
}

}  // namespace

// The real service asks whether the caller may use the application that ResourceArn names; there is
// no such thing here, so any ARN will do.
Result<RegisterAppInstanceUserEndpointResponse> register_app_instance_user_endpoint(
    Call& call, store::WriteTx& tx, const RegisterAppInstanceUserEndpointRequest& in) {
  TRY_ASSIGN(const store::IdentityRow user, require_user(tx, in.app_instance_user_arn));
  store::EndpointRow row;
  row.user_id = user.id;
  row.endpoint_id = call.ids.uuid();
  row.name = in.name;
  row.type = to_text(in.type);
  row.resource_arn = in.resource_arn;
  row.attributes = *to_stored_json(std::optional(in.endpoint_attributes));
  row.allow_messages = to_text(in.allow_messages.value_or(AllowMessages::kAll));
  row.created_ms = row.updated_ms = call.now_ms;
  store::insert_endpoint(tx, row);
  TRY(check_quota(call, tx, domain::Quota::kEndpoints, store::has_endpoints, user.id));
  return RegisterAppInstanceUserEndpointResponse{user.arn, row.endpoint_id};
}

Result<DescribeAppInstanceUserEndpointResponse> describe_app_instance_user_endpoint(
    Call&, store::ReadTx& tx, const DescribeAppInstanceUserEndpointRequest& in) {
  TRY_ASSIGN(const Endpoint endpoint, find_endpoint(tx, in.app_instance_user_arn, in.endpoint_id));
  auto out = common_view<AppInstanceUserEndpoint>(endpoint.user, endpoint.row);
  out.resource_arn = endpoint.row.resource_arn;
  out.endpoint_attributes = from_stored_json<EndpointAttributes>(endpoint.row.attributes);
  out.created_timestamp = protocol::Timestamp{endpoint.row.created_ms};
  out.last_updated_timestamp = protocol::Timestamp{endpoint.row.updated_ms};
  return DescribeAppInstanceUserEndpointResponse{out};
}

Result<ListAppInstanceUserEndpointsResponse> list_app_instance_user_endpoints(
    Call&, store::ReadTx& tx, const ListAppInstanceUserEndpointsRequest& in) {
  TRY_ASSIGN(const store::IdentityRow user, require_user(tx, in.app_instance_user_arn));
  TRY_ASSIGN(auto page, fetch_page(domain::page_scope("ListAppInstanceUserEndpoints", {user.arn}),
                                   in, &store::EndpointRow::id, [&](store::RowId after, int limit) {
                                     return store::list_endpoints(tx, user.id, after, limit);
                                   }));
  ListAppInstanceUserEndpointsResponse out;
  for (const store::EndpointRow& row : page.rows) {
    out.app_instance_user_endpoints.push_back(
        common_view<AppInstanceUserEndpointSummary>(user, row));
  }
  out.next_token = std::move(page.next_token);
  return out;
}

// Members that the request leaves out keep their value. Source: the model, in which both are
// optional.
Result<UpdateAppInstanceUserEndpointResponse> update_app_instance_user_endpoint(
    Call& call, store::WriteTx& tx, const UpdateAppInstanceUserEndpointRequest& in) {
  TRY_ASSIGN(const Endpoint endpoint, find_endpoint(tx, in.app_instance_user_arn, in.endpoint_id));
  store::update_endpoint(tx, endpoint.row.id, in.name, stored_text(in.allow_messages), call.now_ms);
  return UpdateAppInstanceUserEndpointResponse{endpoint.user.arn, endpoint.row.endpoint_id};
}

Result<Nothing> deregister_app_instance_user_endpoint(
    Call&, store::WriteTx& tx, const DeregisterAppInstanceUserEndpointRequest& in) {
  TRY_ASSIGN(const Endpoint endpoint, find_endpoint(tx, in.app_instance_user_arn, in.endpoint_id));
  store::delete_endpoint(tx, endpoint.row.id);
  return Nothing{};
}

}  // namespace carillon::api::identity
