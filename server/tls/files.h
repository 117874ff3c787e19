// Small files with keys and certificates. Whatever goes wrong throws std::runtime_error, whose text
// names the file and says what would be right. Any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace carillon::server::tls {

// Nothing when there is no such file. More than kTlsFileBytesMax is refused.
std::optional<std::string> read_file(const std::filesystem::path& path);

// The file has either what it had before or all of `text`, whenever the machine stops. Only its
// owner may read it if it is `secret`. Its directory is made if need be, for its owner alone.
void write_file(const std::filesystem::path& path, const std::string& text, bool secret);

}  // namespace carillon::server::tls
