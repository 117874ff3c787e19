// What an operation is given besides its transaction and input: the time, ids, the caller, the
// switches; and where it leaves its effects. Made anew for each run; lives on that thread's stack.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/effects.h"
#include "api/ids.h"
#include "api/options.h"

namespace carillon::api {

// Whose credentials signed the request: what ARNs of new app instances are made from, and the only
// account and region whose resources the operation sees. An access key of 12 digits is the account
// (as users of local AWS services expect), any other key is the default account; the region is the
// credential scope's.
struct Caller {
  std::string account;
  std::string region;
  std::string host = {};  // the Host header: by what name and port the caller reached us
};

struct Call {
  std::int64_t now_ms;  // never goes back from one call to the next
  Ids& ids;
  const Options& options;
  Caller caller;
  std::vector<Effect> effects = {};  // of what is going to be committed
  // What the operation looked for and did not see because it is of another account or region; set
  // when it answered with an error. Mostly a mistake in somebody's configuration: worth a line in
  // the log.
  std::string foreign_arn = {};

  template <typename E>
  void emit(E effect) {
    effects.emplace_back(std::move(effect));
  }
};

}  // namespace carillon::api
