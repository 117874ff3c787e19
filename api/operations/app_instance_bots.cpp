#include "store/app_instance_bots.h"

#include "api/domain/arn.h"
#include "api/generated/identity/codec.h"
#include "api/generated/identity/operations.h"
#include "api/operations/access.h"
#include "api/operations/pages.h"
#include "api/operations/resource_tags.h"
#include "api/operations/stored_json.h"
#include "store/app_instances.h"

namespace carillon::api::identity {
namespace {

Result<store::BotRow> find_bot(store::ReadTx& tx, std::string_view arn, Missing missing) {
  auto row = store::find_bot(tx, arn);
  if (row) return std::move(*row);
  return missing_resource("AppInstanceBotArn", arn, domain::ArnKind::kBot, missing);
}

}  // namespace

// A bot whose Name is left out has an empty one: our reading, both are allowed.
Result<CreateAppInstanceBotResponse> create_app_instance_bot(
    Call& call, store::WriteTx& tx, const CreateAppInstanceBotRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow app_instance,
             require_app_instance(tx, in.app_instance_arn));
  TRY_ASSIGN(const TagRows tags, read_tags(in.tags));
  store::BotRow row;
  row.app_instance_id = app_instance.id;
  row.arn = domain::resource_arn(app_instance.arn, domain::ArnKind::kBot, call.ids.uuid());
  row.name = in.name.value_or("");
  row.metadata = in.metadata;
  row.configuration = to_stored_json(std::optional(in.configuration)).value();
  row.created_ms = row.updated_ms = call.now_ms;
  store::insert_bot(tx, row);
  put_tags(tx, row.arn, tags);
  return CreateAppInstanceBotResponse{row.arn};
}

Result<DescribeAppInstanceBotResponse> describe_app_instance_bot(
    Call&, store::ReadTx& tx, const DescribeAppInstanceBotRequest& in) {
  TRY_ASSIGN(const store::BotRow row, find_bot(tx, in.app_instance_bot_arn, Missing::kNotFound));
  AppInstanceBot out;
  out.app_instance_bot_arn = row.arn;
  out.name = row.name;
  out.configuration = from_stored_json<Configuration>(row.configuration);
  out.created_timestamp = protocol::Timestamp{row.created_ms};
  out.last_updated_timestamp = protocol::Timestamp{row.updated_ms};
  out.metadata = row.metadata;
  return DescribeAppInstanceBotResponse{out};
}

Result<ListAppInstanceBotsResponse> list_app_instance_bots(Call&, store::ReadTx& tx,
                                                           const ListAppInstanceBotsRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow app_instance,
             require_app_instance(tx, in.app_instance_arn));
  TRY_ASSIGN(auto page, fetch_page(domain::page_scope("ListAppInstanceBots", {app_instance.arn}),
                                   in, &store::BotRow::id, [&](store::RowId after, int limit) {
                                     return store::list_bots(tx, app_instance.id, after, limit);
                                   }));
  ListAppInstanceBotsResponse out;
  out.app_instance_arn = app_instance.arn;
  for (const store::BotRow& row : page.rows) {
    out.app_instance_bots.push_back({row.arn, row.name, row.metadata});
  }
  out.next_token = std::move(page.next_token);
  return out;
}

// Without a Configuration the bot keeps the one that it has: our reading, as everywhere.
Result<UpdateAppInstanceBotResponse> update_app_instance_bot(
    Call& call, store::WriteTx& tx, const UpdateAppInstanceBotRequest& in) {
  TRY_ASSIGN(const store::BotRow row, find_bot(tx, in.app_instance_bot_arn, Missing::kForbidden));
  store::update_bot(tx, row.id, in.name, in.metadata, to_stored_json(in.configuration),
                    call.now_ms);
  return UpdateAppInstanceBotResponse{row.arn};
}

// As with users: memberships and roles go, messages stay under the last name.
Result<Nothing> delete_app_instance_bot(Call& call, store::WriteTx& tx,
                                        const DeleteAppInstanceBotRequest& in) {
  TRY_ASSIGN(const store::BotRow row, find_bot(tx, in.app_instance_bot_arn, Missing::kForbidden));
  store::delete_identity(tx, row.id);
  call.emit(UserRemoved{row.id});
  return Nothing{};
}

}  // namespace carillon::api::identity
