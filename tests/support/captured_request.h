// The requests in fixtures/captures, as their clients sent them.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "api/http.h"
#include "tests/support/header_map.h"

namespace carillon::tests {

struct CapturedRequest {
  std::string name;  // of the file
  std::string method;
  std::string target;
  std::vector<std::string> header_names;
  HeaderMap headers;
  std::string body;

  api::HttpRequest view() const { return {method, target, headers, body}; }
};

// A file has one request, or several that have no bodies, with blank lines between them; lines end
// with or without a carriage return. A line that starts with # stands before the request.
inline std::vector<CapturedRequest> captured_requests(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::vector<CapturedRequest> requests;
  std::string line;
  const auto next_line = [&] {
    if (!std::getline(stream, line)) return false;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return true;
  };
  while (next_line()) {
    if (line.empty() || line.front() == '#') continue;
    CapturedRequest& request = requests.emplace_back();
    request.name = file.filename().string();
    request.method = line.substr(0, line.find(' '));
    request.target = line.substr(request.method.size() + 1);
    request.target.resize(request.target.rfind(' '));
    while (next_line() && !line.empty()) {
      const std::size_t colon = line.find(':');
      request.header_names.push_back(line.substr(0, colon));
      request.headers.set(line.substr(0, colon),
                          line.substr(line.find_first_not_of(' ', colon + 1)));
    }
    const auto length = request.headers.find("Content-Length");
    if (!length) continue;
    request.body.resize(std::strtoul(std::string(*length).c_str(), nullptr, 10));
    stream.read(request.body.data(), static_cast<std::streamsize>(request.body.size()));
  }
  return requests;
}

// All of them, those in folders included.
inline std::vector<CapturedRequest> all_captured_requests(const std::filesystem::path& folder) {
  std::vector<CapturedRequest> requests;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    for (CapturedRequest& request : captured_requests(entry.path())) {
      requests.push_back(std::move(request));
    }
  }
  return requests;
}

}  // namespace carillon::tests
