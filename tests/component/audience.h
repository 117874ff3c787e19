// The connected users, in a test: everybody is connected all the time. Follows the effects as the
// server does and notes who is told what.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "api/effects.h"
#include "store/rows.h"
#include "store/transaction.h"
#include "tests/component/json_template.h"

namespace carillon::tests {

class Audience {
 public:
  // Whose ARNs the variables have can be named from now on.
  void meet(store::ReadTx& tx, const Variables& variables);

  // Effects that are none of its business are passed over.
  void follow(const api::Effect& effect);

  // What happened since the last time, as a JSON array, in its order: of each event
  // {"Type", "MessageType", "To", "Payload"}, and {"Gone": ARN} where sessions ended.
  std::string take_news();

 private:
  void hear(const api::SessionEvent& event);
  void lose(const std::string& arn);
  std::string name(store::RowId user_id) const;

  std::map<store::RowId, std::set<store::RowId>> members_;  // by channel
  std::map<store::RowId, std::string> names_;
  std::vector<std::string> news_;
};

}  // namespace carillon::tests
