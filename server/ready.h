// `carillon ready`: asks a running server whether it is healthy, for container engines and scripts.
#pragma once

#include "server/config.h"

namespace carillon::server {

// Returns the exit code; prints why not to stderr. Called by main, on its thread.
int run_ready(const CommandLine& line);

}  // namespace carillon::server
