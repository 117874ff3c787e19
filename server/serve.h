// `carillon serve`: a Server from its start to the signal that ends it.
#pragma once

#include "server/config.h"

namespace carillon::server {

// Returns the exit code. Called by main, on its thread, before there is any other.
int run_serve(CommandLine line);

}  // namespace carillon::server
