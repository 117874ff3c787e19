// The table of settings: each one's flag, variable, help and parser. Read by config.cpp alone, when
// the command line is parsed.
#pragma once

#include <string>
#include <vector>

#include "server/config_values.h"

namespace carillon::server {

struct Setting {
  std::string name;  // "io-threads"; the flag is --io-threads, the variable CARILLON_IO_THREADS
  std::string group;
  std::string value_name;
  std::string help;
  Apply apply;
  // Of a setting that may be given several times: the variable that has them all, separated by
  // blanks or commas.
  std::string list_variable = {};
  bool valueless = false;  // the flag alone says "true"
  bool secret = false;     // its value is not repeated when it is wrong
  std::string variable_prefix = "CARILLON_";

  bool repeatable() const { return !list_variable.empty(); }

  std::string flag() const { return "--" + name; }
  std::string variable() const;
};

// All settings of the server, in the order of the help.
std::vector<Setting> all_settings();

// Those of `carillon listen`; they are applied to `listen`, which outlives them, and not to the
// server's settings.
std::vector<Setting> listen_settings(ListenSettings& listen);

}  // namespace carillon::server
