#include "store/channel_flows.h"

#include "api/domain/arn.h"
#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"
#include "api/operations/pages.h"
#include "api/operations/quota_checks.h"
#include "api/operations/resource_tags.h"
#include "api/operations/stored_json.h"
#include "store/channels.h"

namespace carillon::api::messaging {
namespace {

using store::RowId;

// Two processors cannot run at the same place; gaps do no harm. Our reading.
Result<Nothing> check_execution_order(const std::vector<Processor>& processors) {
  for (std::size_t i = 0; i < processors.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (processors[i].execution_order != processors[j].execution_order) continue;
      return error::bad_request("Two processors have the ExecutionOrder " +
                                std::to_string(processors[i].execution_order) +
                                ". Each needs its own.");
    }
  }
  return Nothing{};
}

bool exceeds_quota(const Call& call, const std::vector<Processor>& processors) {
  return call.options.enforce_quotas && static_cast<std::int64_t>(processors.size()) >
                                            domain::info(domain::Quota::kProcessors).max;
}

std::vector<store::ProcessorRow> to_rows(const std::vector<Processor>& processors) {
  std::vector<store::ProcessorRow> rows;
  for (const Processor& processor : processors) {
    const LambdaConfiguration& lambda = processor.configuration.lambda;
    rows.push_back({static_cast<int>(processor.execution_order), processor.name,
                    lambda.resource_arn, std::string(to_text(lambda.invocation_type)),
                    std::string(to_text(processor.fallback_action))});
  }
  return rows;
}

std::vector<Processor> to_processors(const std::vector<store::ProcessorRow>& rows) {
  std::vector<Processor> processors;
  for (const store::ProcessorRow& row : rows) {
    Processor processor;
    processor.name = row.name;
    processor.configuration.lambda.resource_arn = row.lambda_arn;
    processor.configuration.lambda.invocation_type =
        from_stored_text<InvocationType>(row.invocation_type);
    processor.execution_order = row.execution_order;
    processor.fallback_action = from_stored_text<FallbackAction>(row.fallback_action);
    processors.push_back(std::move(processor));
  }
  return processors;
}

ChannelAssociatedWithFlowSummary to_summary(const store::ChannelRow& row) {
  ChannelAssociatedWithFlowSummary out;
  out.name = row.name;
  out.channel_arn = row.arn;
  out.mode = from_stored_text<ChannelMode>(row.mode);
  out.privacy = from_stored_text<ChannelPrivacy>(row.privacy);
  out.metadata = row.metadata;
  return out;
}

}  // namespace

Result<CreateChannelFlowResponse> create_channel_flow(Call& call, store::WriteTx& tx,
                                                      const CreateChannelFlowRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow app_instance,
             require_app_instance(tx, in.app_instance_arn));
  TRY(check_execution_order(in.processors));
  if (exceeds_quota(call, in.processors)) {
    return error::resource_limit_exceeded(quota_text(domain::Quota::kProcessors));
  }
  TRY_ASSIGN(const TagRows tags, read_tags(in.tags));
  store::ChannelFlowRow row;
  row.app_instance_id = app_instance.id;
  row.arn = domain::resource_arn(app_instance.arn, domain::ArnKind::kChannelFlow, call.ids.uuid());
  row.name = in.name;
  row.created_ms = row.updated_ms = call.now_ms;
  store::insert_channel_flow(tx, row, to_rows(in.processors));
  TRY(check_quota(call, tx, domain::Quota::kChannelFlows, store::has_channel_flows,
                  app_instance.id));
  put_tags(tx, row.arn, tags);
  return CreateChannelFlowResponse{row.arn};
}

Result<DescribeChannelFlowResponse> describe_channel_flow(Call&, store::ReadTx& tx,
                                                          const DescribeChannelFlowRequest& in) {
  TRY_ASSIGN(const store::ChannelFlowRow row,
             require_channel_flow(tx, in.channel_flow_arn, Missing::kForbidden));
  ChannelFlow out;
  out.channel_flow_arn = row.arn;
  out.processors = to_processors(store::list_processors(tx, row.version_id));
  out.name = row.name;
  out.created_timestamp = protocol::Timestamp{row.created_ms};
  out.last_updated_timestamp = protocol::Timestamp{row.updated_ms};
  return DescribeChannelFlowResponse{out};
}

Result<ListChannelFlowsResponse> list_channel_flows(Call&, store::ReadTx& tx,
                                                    const ListChannelFlowsRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow app_instance,
             require_app_instance(tx, in.app_instance_arn));
  TRY_ASSIGN(auto page, fetch_page(domain::page_scope("ListChannelFlows", {app_instance.arn}), in,
                                   &store::ChannelFlowRow::id, [&](RowId after, int limit) {
                                     return store::list_channel_flows(tx, app_instance.id, after,
                                                                      limit);
                                   }));
  ListChannelFlowsResponse out;
  for (const store::ChannelFlowRow& row : page.rows) {
    out.channel_flows.push_back(
        {row.arn, row.name, to_processors(store::list_processors(tx, row.version_id))});
  }
  out.next_token = std::move(page.next_token);
  return out;
}

// Messages that are under way keep the processors they entered with: our reading.
Result<UpdateChannelFlowResponse> update_channel_flow(Call& call, store::WriteTx& tx,
                                                      const UpdateChannelFlowRequest& in) {
  TRY_ASSIGN(const store::ChannelFlowRow row,
             require_channel_flow(tx, in.channel_flow_arn, Missing::kForbidden));
  TRY(check_execution_order(in.processors));
  // This operation does not model ResourceLimitExceeded.
  if (exceeds_quota(call, in.processors)) {
    return error::bad_request(quota_text(domain::Quota::kProcessors));
  }
  store::update_channel_flow(tx, row.id, in.name, to_rows(in.processors), call.now_ms);
  return UpdateChannelFlowResponse{row.arn};
}

// Only a flow that no channel uses. Source: API reference, DeleteChannelFlow; that the error is
// Conflict is our reading, the model lists no other that fits.
Result<Nothing> delete_channel_flow(Call&, store::WriteTx& tx, const DeleteChannelFlowRequest& in) {
  TRY_ASSIGN(const store::ChannelFlowRow row,
             require_channel_flow(tx, in.channel_flow_arn, Missing::kForbidden));
  if (store::is_channel_flow_associated(tx, row.id)) {
    return error::conflict(
        "The channel flow is associated with a channel. Disassociate it from all channels first.");
  }
  store::delete_channel_flow(tx, row.id);
  return Nothing{};
}

// A flow that is associated already is replaced (observed); to associate the same once more changes
// nothing (our reading).
Result<Nothing> associate_channel_flow(Call& call, store::WriteTx& tx,
                                       const AssociateChannelFlowRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kNotFound,
                           domain::Action::kAssociateChannelFlow));
  TRY_ASSIGN(const store::ChannelFlowRow flow,
             require_channel_flow(tx, in.channel_flow_arn, Missing::kNotFound));
  if (flow.app_instance_id != access.channel_app_instance_id) return error::not_found();
  if (access.channel_flow_id != flow.id) {
    store::set_channel_flow(tx, *access.channel_id, flow.id, call.now_ms);
  }
  return Nothing{};
}

// A flow other than the one associated is as good as missing: our reading.
Result<Nothing> disassociate_channel_flow(Call& call, store::WriteTx& tx,
                                          const DisassociateChannelFlowRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kNotFound,
                           domain::Action::kDisassociateChannelFlow));
  TRY_ASSIGN(const store::ChannelFlowRow flow,
             require_channel_flow(tx, in.channel_flow_arn, Missing::kNotFound));
  if (access.channel_flow_id != flow.id) return error::not_found();
  store::set_channel_flow(tx, *access.channel_id, std::nullopt, call.now_ms);
  return Nothing{};
}

Result<ListChannelsAssociatedWithChannelFlowResponse> list_channels_associated_with_channel_flow(
    Call&, store::ReadTx& tx, const ListChannelsAssociatedWithChannelFlowRequest& in) {
  TRY_ASSIGN(const store::ChannelFlowRow flow,
             require_channel_flow(tx, in.channel_flow_arn, Missing::kForbidden));
  TRY_ASSIGN(auto page,
             fetch_page(domain::page_scope("ListChannelsAssociatedWithChannelFlow", {flow.arn}), in,
                        &store::ChannelRow::id, [&](RowId after, int limit) {
                          return store::list_channels_with_flow(tx, flow.id, after, limit);
                        }));
  ListChannelsAssociatedWithChannelFlowResponse out;
  for (const store::ChannelRow& row : page.rows) out.channels.push_back(to_summary(row));
  out.next_token = std::move(page.next_token);
  return out;
}

}  // namespace carillon::api::messaging
