// `carillon listen`: connects to a running server as a user and prints the events that it is sent,
// until it is stopped, has as many as it was to wait for, or the server sends it away.
#pragma once

#include "server/config.h"

namespace carillon::server {

// Returns the exit code; events go to stdout, everything else to stderr. Called by main, on its
// thread, before there is any other.
int run_listen(const CommandLine& line);

}  // namespace carillon::server
