#include "server/log.h"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <poll.h>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include "api/protocol/json.h"
#include "api/protocol/timestamp.h"
#include "server/limits.h"

namespace carillon::server {

std::string what(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  }
}
namespace {

using SteadyClock = std::chrono::steady_clock;

// Lines for one descriptor, on their way to it.
class Outlet {
 public:
  Outlet(int descriptor, LogFormat format) : descriptor_(descriptor), format_(format) {
    struct stat status {};
    is_pipe_ = ::fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode);
  }

  // Under the writer's mutex.
  void append(std::string_view line) {
    if (pending_.size() + line.size() > kLogBufferBytesMax) {
      ++dropped_;
      return;
    }
    if (dropped_ > 0) {
      pending_ += dropped_line();
      dropped_ = 0;
    }
    pending_ += line;
  }
  bool has_pending() const { return !pending_.empty(); }
  void take() {
    taken_.clear();
    taken_.swap(pending_);
  }

  // On the log's thread, without the mutex. Gives up at `deadline`.
  template <typename GetDeadline>
  void write_taken(GetDeadline&& deadline) {
    std::string_view rest = taken_;
    while (!rest.empty()) {
      pollfd wait{descriptor_, POLLOUT, 0};
      const int ready = ::poll(&wait, 1, static_cast<int>(kLogPollTime.count()));
      if (ready == 0 && SteadyClock::now() >= deadline()) return;
      if (ready <= 0) {
        if (ready < 0 && errno != EINTR) return;
        continue;
      }
      const std::size_t size =
          is_pipe_ ? std::min(rest.size(), kLogPipeWriteBytesMax) : rest.size();
      const ssize_t written = ::write(descriptor_, rest.data(), size);
      if (written < 0 && errno != EINTR && errno != EAGAIN) return;
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }

 private:
  std::string dropped_line() const {
    const std::string text = std::to_string(dropped_) +
                             " lines of the log were dropped here: its reader did not keep up";
    if (format_ == LogFormat::kText) return "(" + text + ")\n";
    api::json::Writer json;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::string time = api::protocol::format_iso8601(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    json.begin_object()
        .member("time", std::string_view(time))
        .member("level", "warn")
        .member("message", std::string_view(text))
        .member("dropped", static_cast<std::int64_t>(dropped_))
        .end_object();
    return json.take() + "\n";
  }

  const int descriptor_;
  const LogFormat format_;
  bool is_pipe_ = true;
  std::string pending_;
  std::string taken_;
  std::size_t dropped_ = 0;
};

// The thread that writes.
class LogWriter {
 public:
  LogWriter(LogFormat format, int out, int err)
      : out_(out, format), err_(err, format), thread_([this] { loop(); }) {}
  ~LogWriter() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      exit_deadline_ = SteadyClock::now() + kLogExitTime;
    }
    wake_.notify_all();
    thread_.join();
  }

  void append(std::string_view line, bool is_error, bool at_once) {
    bool wake = at_once;
    {
      std::lock_guard lock(mutex_);
      wake = wake || (!out_.has_pending() && !err_.has_pending());
      hurry_ = hurry_ || at_once;
      (is_error ? err_ : out_).append(line);
    }
    if (wake) wake_.notify_one();
  }

 private:
  void loop() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || out_.has_pending() || err_.has_pending(); });
      wake_.wait_for(lock, kLogGatherTime, [this] { return stopping_ || hurry_; });
      hurry_ = false;
      const bool last = stopping_;
      out_.take();
      err_.take();
      lock.unlock();
      const auto deadline = [this] {
        std::lock_guard guard(mutex_);
        return exit_deadline_;
      };
      out_.write_taken(deadline);
      err_.write_taken(deadline);
      lock.lock();
      if (last) return;
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool hurry_ = false;
  SteadyClock::time_point exit_deadline_ = SteadyClock::time_point::max();
  Outlet out_;
  Outlet err_;
  std::thread thread_;
};

bool wants_colour(int descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  return ::isatty(descriptor) == 1 && (no_color == nullptr || *no_color == '\0');
}

// spdlog formats, this hands the line on.
class Sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  Sink(LogWriter& writer, bool is_error, bool colour)
      : writer_(writer), is_error_(is_error), colour_(colour) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const std::string_view text(line.data(), line.size());
    if (!colour_ || message.color_range_end <= message.color_range_start) {
      writer_.append(text, is_error_, false);
      return;
    }
    coloured_.clear();
    coloured_ += text.substr(0, message.color_range_start);
    coloured_ += colour_of(message.level);
    coloured_ +=
        text.substr(message.color_range_start, message.color_range_end - message.color_range_start);
    coloured_ += "\033[m";
    coloured_ += text.substr(message.color_range_end);
    writer_.append(coloured_, is_error_, false);
  }
  void flush_() override {}

 private:
  static std::string_view colour_of(spdlog::level::level_enum level) {
    switch (level) {
      case spdlog::level::debug: return "\033[36m";
      case spdlog::level::info: return "\033[32m";
      case spdlog::level::warn: return "\033[33;1m";
      default: return "\033[31;1m";
    }
  }

  LogWriter& writer_;
  const bool is_error_;
  const bool colour_;
  std::string coloured_;
};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarn: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
    case LogLevel::kOff: return spdlog::level::off;
  }
  return spdlog::level::off;
}

// Keeps one event on one line, and a value with blanks recognisable as one value.
void append_text_value(std::string& line, std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" \"=\\") == std::string_view::npos &&
                     std::all_of(value.begin(), value.end(),
                                 [](unsigned char c) { return c > 0x20 && c != 0x7f; });
  if (plain) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      line += "\\n";
      continue;
    }
    line += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  line += '"';
}

template <typename Number>
void append_number(std::string& line, Number number) {
  char digits[32];
  std::to_chars_result end{};
  if constexpr (std::is_floating_point_v<Number>) {
    end = std::to_chars(digits, digits + sizeof(digits), number, std::chars_format::fixed, 3);
  } else {
    end = std::to_chars(digits, digits + sizeof(digits), number);
  }
  line.append(digits, end.ptr);
}

std::string text_line(std::string_view text, std::initializer_list<LogField> fields) {
  std::string line;
  line.reserve(256);
  line += text;
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    if (const auto* value = std::get_if<std::string_view>(&field.value)) {
      append_text_value(line, *value);
    } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
      append_number(line, *integer);
    } else {
      append_number(line, std::get<double>(field.value));
    }
  }
  return line;
}

// The inside of an object that the pattern opened and closes.
std::string json_line(std::string_view text, std::initializer_list<LogField> fields) {
  api::json::Writer json;
  json.begin_object().member("message", text);
  for (const LogField& field : fields) {
    json.key(field.key);
    if (const auto* value = std::get_if<std::string_view>(&field.value)) {
      json.string(*value);
    } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
      json.integer(*integer);
    } else {
      std::string digits;
      append_number(digits, std::get<double>(field.value));
      json.raw(digits);
    }
  }
  const std::string object = json.end_object().take();
  return object.substr(1, object.size() - 2);
}

std::unique_ptr<spdlog::formatter> make_formatter(LogFormat format) {
  return std::make_unique<spdlog::pattern_formatter>(
      format == LogFormat::kText ? "%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v"
                                 : R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})",
      spdlog::pattern_time_type::utc);
}

}  // namespace

struct Log::Impl {
  Impl(LogFormat format, int out, int err) : writer(format, out, err) {
    const bool text = format == LogFormat::kText;
    out_logger =
        make_logger(std::make_shared<Sink>(writer, false, text && wants_colour(out)), format);
    err_logger =
        make_logger(std::make_shared<Sink>(writer, true, text && wants_colour(err)), format);
  }

  static std::unique_ptr<spdlog::logger> make_logger(std::shared_ptr<Sink> sink, LogFormat format) {
    auto logger = std::make_unique<spdlog::logger>("", std::move(sink));
    logger->set_formatter(make_formatter(format));
    logger->set_level(spdlog::level::trace);
    return logger;
  }

  LogWriter writer;
  std::unique_ptr<spdlog::logger> out_logger;
  std::unique_ptr<spdlog::logger> err_logger;
};

Log::Log(LogLevel level, LogFormat format, int out, int err)
    : level_(level), format_(format), impl_(std::make_unique<Impl>(format, out, err)) {}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view text, std::initializer_list<LogField> fields) {
  if (!enabled(level)) return;
  const std::string line =
      format_ == LogFormat::kText ? text_line(text, fields) : json_line(text, fields);
  (level >= LogLevel::kError ? *impl_->err_logger : *impl_->out_logger)
      .log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

void Log::announce(std::string_view text) {
  const std::string line = format_ == LogFormat::kText ? text_line(text, {}) : json_line(text, {});
  impl_->out_logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  impl_->writer.append("", false, true);
}

}  // namespace carillon::server
