// What the load generators of ours have in common: their flags, and requests as an SDK sends them.
// Called by fan_out.cpp and flow_cycle.cpp, on their only threads.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::bench {

// A command line of `--name value` pairs. Throws std::invalid_argument.
class Flags {
 public:
  Flags(int count, char** arguments);

  std::string take(const std::string& name);
  unsigned short take_port(const std::string& name);
  int take_number(const std::string& name);
  // After the last one: whatever is left is unknown.
  void end() const;

 private:
  std::map<std::string, std::string> given_;
};

// As a segment of a path, or a value of a query.
std::string encode_segment(std::string_view text);

// The header of a POST but for its Content-Length. `bearer` is left out when empty.
std::string request_head(const std::string& target, unsigned short port, std::string_view bearer);
void append_body(std::string& request, std::string_view body);

// The string that follows `key` in JSON whose form we know; empty when there is none.
std::string_view find_text(std::string_view json, std::string_view key);

// Of a sorted list; 0 of an empty one.
double percentile(const std::vector<double>& sorted, double share);

}  // namespace carillon::bench
