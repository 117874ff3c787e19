#include "server/credentials.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "server/limits.h"

namespace carillon::server {
namespace {

using api::protocol::Credential;
using api::protocol::Credentials;

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// What stands in a credential scope before its first slash.
bool is_key_id(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

std::optional<std::string> add(Credentials& credentials, std::string_view key_id,
                               Credential credential) {
  if (!is_key_id(key_id)) return "an access key id has letters, digits, _, - and . alone";
  if (credential.secret.empty()) return "the secret of " + std::string(key_id) + " is empty";
  if (credentials.size() >= kCredentialsMax) {
    return "give at most " + std::to_string(kCredentialsMax) + " credentials";
  }
  if (!credentials.emplace(key_id, std::move(credential)).second) {
    return "give each access key once: " + std::string(key_id) + " has a secret already";
  }
  return std::nullopt;
}

using Section = std::map<std::string, std::string, std::less<>>;

std::optional<std::string> add_section(Credentials& credentials, const std::string& name,
                                       const Section& section) {
  const auto text = [&](std::string_view key) {
    const auto found = section.find(key);
    return found == section.end() ? std::string() : found->second;
  };
  const std::string key_id = text("aws_access_key_id");
  Credential credential{text("aws_secret_access_key"), text("aws_session_token")};
  // A profile may well say nothing of keys.
  if (key_id.empty() && credential.secret.empty()) return std::nullopt;
  if (key_id.empty() || credential.secret.empty()) {
    return "the profile [" + name + "] needs both aws_access_key_id and aws_secret_access_key";
  }
  return add(credentials, key_id, std::move(credential));
}

}  // namespace

std::optional<std::string> add_credential(Credentials& credentials, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return "give ID=SECRET, an access key id and its secret";
  return add(credentials, text.substr(0, equals),
             Credential{std::string(text.substr(equals + 1)), {}});
}

Parsed<Credentials> parse_credentials(std::string_view text) {
  Credentials credentials;
  std::string name;
  Section section;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    ++number;
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    const std::string at = "line " + std::to_string(number) + " ";
    if (line.front() == '[') {
      if (line.back() != ']') return Rejected{at + "begins a [profile] and does not end it"};
      if (auto wrong = add_section(credentials, name, section)) return Rejected{*wrong};
      section.clear();
      name = trimmed(line.substr(1, line.size() - 2));
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos)
      return Rejected{at + "is neither [profile] nor key = value"};
    if (name.empty()) return Rejected{at + "stands before the first [profile]"};
    section.insert_or_assign(std::string(trimmed(line.substr(0, equals))),
                             std::string(trimmed(line.substr(equals + 1))));
  }
  if (auto wrong = add_section(credentials, name, section)) return Rejected{*wrong};
  if (credentials.empty()) return Rejected{"it has no profile with an aws_access_key_id"};
  return credentials;
}

std::optional<std::string> add_credentials_file(Credentials& credentials, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kCredentialsFileBytesMax + 1, '\0');
  if (!file || !file.read(text.data(), static_cast<std::streamsize>(text.size())).eof()) {
    if (!file.is_open() || file.bad()) return "give a file that can be read";
    return "the file has more than " + std::to_string(kCredentialsFileBytesMax) + " bytes";
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto parsed = parse_credentials(text);
  if (!parsed) return "in that file, " + parsed.error().reason;
  for (auto& [key_id, credential] : *parsed) {
    if (auto wrong = add(credentials, key_id, std::move(credential))) return wrong;
  }
  return std::nullopt;
}

}  // namespace carillon::server
