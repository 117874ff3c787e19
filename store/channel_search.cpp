#include "store/channel_search.h"

#include <algorithm>

#include "store/channels.h"
#include "store/connection.h"
#include "store/limits.h"

namespace carillon::store {

namespace {

constexpr char kNextChannelOfMember[] = R"sql(
  SELECT channel_id FROM channel_memberships
  WHERE member_id = ?1 AND channel_id >= ?2 ORDER BY channel_id LIMIT 1 )sql";
constexpr char kIsDefaultMember[] = R"sql(
  SELECT 1 FROM channel_memberships
  WHERE channel_id = ?1 AND type = 'DEFAULT' AND member_id = ?2 )sql";
constexpr char kDefaultMembers[] = R"sql(
  SELECT member_id FROM channel_memberships
  WHERE channel_id = ?1 AND type = 'DEFAULT' LIMIT ?2 )sql";

class Search {
 public:
  Search(ReadTx& tx, const ChannelSearch& search)
      : connection_(tx.connection()), search_(search), everybody_(search.members) {
    const auto& members = search.members;
    if (search.member_too &&
        std::find(members.begin(), members.end(), *search.member_too) == members.end()) {
      everybody_.push_back(*search.member_too);
    }
  }

  // Moves `channel_id` up to the first channel that has everybody. False when there is none, or
  // when the steps are used up.
  bool seek(RowId& channel_id) {
    std::size_t agreed = 0;
    for (std::size_t i = 0; agreed < everybody_.size(); i = (i + 1) % everybody_.size()) {
      if (is_exhausted()) return false;
      ++steps_;
      Statement row = connection_.query(kNextChannelOfMember, everybody_[i], channel_id);
      if (!row.step()) {
        is_over_ = true;
        return false;
      }
      const RowId found = row.integer(0);
      agreed = found == channel_id ? agreed + 1 : 1;
      channel_id = found;
    }
    return true;
  }

  bool matches(RowId channel_id) {
    const auto& members = search_.members;
    steps_ += members.size();
    const auto is_default = [&](RowId member) {
      return connection_.query(kIsDefaultMember, channel_id, member).step();
    };
    if (!search_.nobody_else) return std::all_of(members.begin(), members.end(), is_default);
    const auto found = read_all(connection_.query(kDefaultMembers, channel_id,
                                                  static_cast<std::int64_t>(members.size()) + 1),
                                [](Statement& row) { return row.integer(0); });
    return found.size() == members.size() && std::all_of(found.begin(), found.end(), [&](RowId id) {
             return std::find(members.begin(), members.end(), id) != members.end();
           });
  }

  bool is_over() const { return is_over_; }
  bool is_exhausted() const { return steps_ >= kSearchStepsMax; }

 private:
  Connection& connection_;
  const ChannelSearch& search_;
  std::vector<RowId> everybody_;
  std::size_t steps_ = 0;
  bool is_over_ = false;
};

}  // namespace

ChannelSearchPage search_channels(ReadTx& tx, const ChannelSearch& given, int limit) {
  ChannelSearchPage page;
  Search search(tx, given);
  for (RowId channel_id = given.after + 1;; ++channel_id) {
    if (!search.seek(channel_id)) {
      if (!search.is_over()) page.next_after = channel_id - 1;
      return page;
    }
    if (!search.matches(channel_id)) continue;
    auto row = find_channel_by_id(tx, channel_id);
    if (!row) continue;  // deleted, and not purged yet
    if (page.channels.size() == static_cast<std::size_t>(limit)) {
      page.next_after = page.channels.back().id;
      return page;
    }
    page.channels.push_back(std::move(*row));
  }
}

}  // namespace carillon::store
