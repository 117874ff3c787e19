#include "api/protocol/timestamp.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace carillon::api::protocol {
namespace {

constexpr int kYearMax = 9'999;  // of four digits

// Reads text from the front; every step says whether it found what it looks for.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool digits(std::size_t count, int& out) {
    if (rest_.size() < count) return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
    }
    std::from_chars(rest_.data(), rest_.data() + count, out);
    rest_.remove_prefix(count);
    return true;
  }
  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_end() const { return rest_.empty(); }
  // Up to nine digits of a fraction, cut to milliseconds.
  bool fraction(int& milliseconds) {
    int scale = 100;
    std::size_t count = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
      milliseconds += (rest_[count] - '0') * scale;
      scale /= 10;
      ++count;
    }
    rest_.remove_prefix(count);
    return count >= 1 && count <= 9;
  }

 private:
  std::string_view rest_;
};

bool read_offset(Reader& reader, int& minutes) {
  if (reader.literal('Z') || reader.literal('z')) return true;
  const bool east = reader.literal('+');
  if (!east && !reader.literal('-')) return false;
  int hour = 0;
  int minute = 0;
  if (!reader.digits(2, hour) || !reader.literal(':') || !reader.digits(2, minute)) return false;
  if (hour > 23 || minute > 59) return false;
  minutes = (east ? 1 : -1) * (hour * 60 + minute);
  return true;
}

}  // namespace

std::optional<Timestamp> parse_iso8601(std::string_view text) {
  Reader reader(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0, offset = 0;
  const bool read = reader.digits(4, year) && reader.literal('-') && reader.digits(2, month) &&
                    reader.literal('-') && reader.digits(2, day) &&
                    (reader.literal('T') || reader.literal('t')) && reader.digits(2, hour) &&
                    reader.literal(':') && reader.digits(2, minute) && reader.literal(':') &&
                    reader.digits(2, second) && (!reader.literal('.') || reader.fraction(ms)) &&
                    read_offset(reader, offset) && reader.at_end();
  if (!read) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + hour) * 60LL + minute - offset) * 60 + second;
  return Timestamp{seconds * 1'000 + ms};
}

// By hand: every event for connected users has several, and printf takes most of a microsecond for
// each.
std::string format_iso8601(std::int64_t ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(ms)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  std::string text = "0000-00-00T00:00:00.000Z";
  const auto put = [&](std::size_t end, auto value) {
    for (auto rest = static_cast<std::int64_t>(value); rest > 0; rest /= 10) {
      text[--end] = static_cast<char>('0' + rest % 10);
    }
  };
  put(4, std::clamp(static_cast<int>(date.year()), 0, kYearMax));
  put(7, static_cast<unsigned>(date.month()));
  put(10, static_cast<unsigned>(date.day()));
  put(13, clock.hours().count());
  put(16, clock.minutes().count());
  put(19, clock.seconds().count());
  put(23, clock.subseconds().count());
  return text;
}

}  // namespace carillon::api::protocol
