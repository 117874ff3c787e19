// Channels by their members: what SearchChannels asks. On the thread that owns the transaction.
#pragma once

#include <optional>
#include <vector>

#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::store {

struct ChannelSearch {
  std::vector<RowId> members;       // all of them are DEFAULT members; at least one, none twice
  bool nobody_else = false;         // and there are no other DEFAULT members
  std::optional<RowId> member_too;  // is a member, DEFAULT or HIDDEN
  RowId after = 0;                  // channels with a higher id
};

struct ChannelSearchPage {
  std::vector<ChannelRow> channels;  // in the order of ids
  std::optional<RowId> next_after;   // where to go on; absent: nothing is left
};

// Reads no membership but those that may decide: the channels of each member are gone through side
// by side, each jumping to where the furthest of them is. A search that finds little in much ends
// after kSearchStepsMax looks with what it has, and can be taken up from there.
ChannelSearchPage search_channels(ReadTx& tx, const ChannelSearch& search, int limit);

}  // namespace carillon::store
