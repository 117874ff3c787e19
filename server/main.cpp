// The executable: reads the settings, runs the command, returns its exit code.
#include <cstdio>
#include <string>
#include <vector>

#include "server/config.h"
#include "server/listen/listen.h"
#include "server/ready.h"
#include "server/serve.h"

extern char** environ;

int main(int argc, char** argv) {
  using carillon::server::CommandLine;
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  CommandLine line = carillon::server::parse_command_line({argv + 1, argv + argc}, environment);
  switch (line.command) {
    case CommandLine::Command::kServe: return carillon::server::run_serve(std::move(line));
    case CommandLine::Command::kReady: return carillon::server::run_ready(line);
    case CommandLine::Command::kListen: return carillon::server::run_listen(line);
    case CommandLine::Command::kPrint: break;
  }
  std::fputs(line.text.c_str(), line.exit_code == 0 ? stdout : stderr);
  return line.exit_code;
}
