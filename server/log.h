// The log: one line per event, a text followed by key=value pairs, or a JSON object.
//
// Made once by main or a test and handed down; write() may be called on any thread and never
// blocks: lines go to a bounded buffer in memory, a thread of the log's own writes them out. Lines
// are never made of bodies, headers or members that the model marks as sensitive, but for one at
// debug level: what a signature that is wrong should have been made of.
#pragma once

#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace carillon::server {

// What an exception says. `failure` is not null.
std::string what(const std::exception_ptr& failure);

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError, kOff };
enum class LogFormat : std::uint8_t { kText, kJson };

struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double> value;
};

class Log {
 public:
  // Lines up to warn go to descriptor `out`, errors to `err`; text is coloured where the descriptor
  // is a terminal, unless the environment has NO_COLOR.
  Log(LogLevel level, LogFormat format, int out = 1, int err = 2);
  // Writes out what is left, as long as somebody reads it.
  ~Log();

  bool enabled(LogLevel level) const { return level >= level_; }
  void write(LogLevel level, std::string_view text, std::initializer_list<LogField> fields = {});
  void debug(std::string_view text, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kDebug, text, fields);
  }
  void info(std::string_view text, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kInfo, text, fields);
  }
  void warn(std::string_view text, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kWarn, text, fields);
  }
  void error(std::string_view text, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kError, text, fields);
  }

  // A line that is written whatever the level: others wait for it.
  void announce(std::string_view text);

 private:
  struct Impl;
  const LogLevel level_;
  const LogFormat format_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace carillon::server
