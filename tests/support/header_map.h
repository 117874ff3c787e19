// Request headers for tests that call the service without a socket. Names in any case, as on the
// wire.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/http.h"

namespace carillon::tests {

class HeaderMap final : public api::RequestHeaders {
 public:
  HeaderMap() = default;
  HeaderMap(std::initializer_list<std::pair<std::string_view, std::string_view>> headers) {
    for (const auto& [name, value] : headers) set(name, value);
  }

  void set(std::string_view name, std::string_view value) { values_[lower(name)] = value; }

  std::optional<std::string_view> find(std::string_view name) const override {
    const auto found = values_.find(lower(name));
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }

 private:
  static std::string lower(std::string_view name) {
    std::string result(name);
    for (char& c : result) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
  }

  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace carillon::tests
