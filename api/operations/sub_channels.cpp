#include "api/domain/paging.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"

namespace carillon::api::messaging {

// Nothing has sub-channels yet, so that no NextToken was ever given either.
Result<ListSubChannelsResponse> list_sub_channels(Call&, store::ReadTx& tx,
                                                  const ListSubChannelsRequest& in) {
  TRY_ASSIGN(const store::ChannelAccess access,
             enter_channel(tx, in.channel_arn, in.chime_bearer, Missing::kForbidden,
                           domain::Action::kListSubChannels));
  if (!access.elastic) {
    return error::bad_request(
        "The channel is not elastic and has no sub-channels. An elastic channel is created with an "
        "ElasticChannelConfiguration.");
  }
  const auto scope = domain::page_scope("ListSubChannels", {in.channel_arn});
  TRY(domain::read_next_token(scope, in.next_token));
  ListSubChannelsResponse out;
  out.channel_arn = in.channel_arn;
  return out;
}

}  // namespace carillon::api::messaging
