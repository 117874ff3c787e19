// Events of a messaging session as `carillon listen` prints them: JSON lines for programs, or lines
// for people. Pure, and nothing that users wrote can act on a terminal: control characters come out
// escaped. One thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "server/processors/target.h"

namespace carillon::server {

// One frame of a session.
struct ListenEvent {
  std::string type;          // x-amz-chime-event-type
  std::string message_type;  // x-amz-chime-message-type
  std::string payload;       // JSON, or empty
};

// Why a frame is none, as the end of a sentence that starts with "it".
Parsed<ListenEvent> parse_listen_event(std::string_view frame);

// {"Type": ..., "MessageType": ..., "Payload": {...}} without blanks, and the end of the line.
std::string json_line(const ListenEvent& event);

// The text on one line, with \n, \t, \\ and \u{1b} for what would not be seen, or would be obeyed.
// Of a long text the beginning.
std::string printable_text(std::string_view text, std::size_t code_points_max);

// Lines for people. Channels are called by the names that came with earlier events.
class ListenPrinter {
 public:
  explicit ListenPrinter(bool coloured) : coloured_(coloured) {}

  // `time` as it is to be shown.
  std::string line(const ListenEvent& event, std::string_view time);

 private:
  std::string paint(std::string_view text, const char* colour) const;

  const bool coloured_;
  std::map<std::string, std::string, std::less<>> channel_names_;  // by ARN
};

}  // namespace carillon::server
