// A small database in which the requests of the fuzz targets find something: an app instance with
// users, a channel with a flow, a message that waits for its callback and one that was sent. The
// names are those of the generated model cases, so that these make good seeds.
//
// Every request runs in a transaction that is rolled back: one input never depends on another. One
// thread.
#pragma once

#include <string_view>

#include "api/http.h"
#include "api/service.h"
#include "store/database.h"

namespace carillon::fuzz {

class World {
 public:
  static World& instance();

  // Prepares the request and, if it is valid, runs it. Checks the answer and all effects.
  void ask(const api::HttpRequest& request);

 private:
  World();
  void run(api::Prepared prepared, std::size_t request_bytes);

  store::Database database_;
};

// A value that makes a path label, query parameter or header of this name valid.
std::string_view sample_value(std::string_view member);

}  // namespace carillon::fuzz
