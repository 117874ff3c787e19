// What the values of settings may be: each function here takes a text into the settings, or says
// what would be right. Used by the table of settings alone, when the command line is parsed.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/config.h"

namespace carillon::server {

// Returns what would be right, or nothing when the value was taken.
using Apply = std::function<std::optional<std::string>(Settings&, const std::string&)>;

// "a, b or c"
std::string alternatives(const std::vector<std::string>& choices);

Apply apply_integer(int Settings::*member, int min, int max);
Apply apply_duration(std::chrono::milliseconds Settings::*member, std::chrono::milliseconds min,
                     std::chrono::milliseconds max);
// For a duration that is kept elsewhere than in a member of Settings.
Apply apply_duration(std::chrono::milliseconds min, std::chrono::milliseconds max,
                     std::function<void(Settings&, std::chrono::milliseconds)> set);
// A path that must not be empty; `remedy` says what to give.
Apply apply_path(std::filesystem::path Settings::*member, std::string remedy);

template <typename Value, typename Set>
Apply apply_choice(std::vector<std::pair<std::string, Value>> choices, Set set) {
  return [=](Settings& settings, const std::string& text) -> std::optional<std::string> {
    std::vector<std::string> names;
    for (const auto& [name, value] : choices) {
      if (name == text) {
        set(settings, value);
        return std::nullopt;
      }
      names.push_back(name);
    }
    return "give " + alternatives(names);
  };
}

std::optional<std::string> apply_port(Settings& settings, const std::string& text);
std::optional<std::string> apply_host(Settings& settings, const std::string& text);
std::optional<std::string> apply_lambda_endpoint(Settings& settings, const std::string& text);
std::optional<std::string> apply_processor(Settings& settings, const std::string& text);
std::optional<std::string> apply_name_form(Settings& settings, const std::string& text);
std::optional<std::string> apply_account(Settings& settings, const std::string& text);
std::optional<std::string> apply_region(Settings& settings, const std::string& text);
std::optional<std::string> apply_advertise(Settings& settings, const std::string& text);
std::optional<std::string> apply_tls_name(Settings& settings, const std::string& text);

// Into `listen`, not into the settings that they are called with.
Apply apply_listen_user(ListenSettings& listen);
Apply apply_listen_endpoint(ListenSettings& listen);
Apply apply_listen_ca(ListenSettings& listen);
Apply apply_listen_count(ListenSettings& listen);

}  // namespace carillon::server
