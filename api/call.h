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

// Whose credentials signed the request. ARNs of new app instances are made from it. An access key
// of 12 digits is the account (as users of local AWS services expect), any other key is the default
// account; the region is the credential scope's.
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
  std::vector<Effect> effects = {};

  template <typename E>
  void emit(E effect) {
    effects.emplace_back(std::move(effect));
  }
};

}  // namespace carillon::api
