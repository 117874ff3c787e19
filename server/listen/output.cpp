#include "server/listen/output.h"

#include <vector>

#include "api/protocol/json.h"
#include "api/protocol/uri.h"
#include "server/limits.h"

namespace carillon::server {
namespace {

namespace json = api::json;
using json::Type;
using json::Value;

constexpr const char* kDim = "\x1b[2m";
constexpr const char* kBold = "\x1b[1m";
constexpr const char* kRed = "\x1b[31m";
constexpr const char* kGreen = "\x1b[32m";
constexpr const char* kYellow = "\x1b[33m";
constexpr const char* kCyan = "\x1b[36m";
constexpr const char* kPlain = "\x1b[0m";

// A member that is a string, or "".
std::string_view text_of(Value object, std::string_view name) {
  if (object.type() != Type::kObject) return {};
  const Value value = object.find(name);
  return value.type() == Type::kString ? value.string() : std::string_view();
}

Value object_of(Value object, std::string_view name) {
  const Value value = object.type() == Type::kObject ? object.find(name) : Value();
  return value.type() == Type::kObject ? value : Value();
}

std::size_t size_of(Value object, std::string_view name) {
  const Value value = object.type() == Type::kObject ? object.find(name) : Value();
  return value.type() == Type::kArray ? value.size() : 0;
}

void write_value(json::Writer& writer, Value value) {
  switch (value.type()) {
    case Type::kNull: writer.null(); break;
    case Type::kBoolean: writer.boolean(value.boolean()); break;
    case Type::kString: writer.string(value.string()); break;
    case Type::kNumber:
      if (const auto integer = value.integer()) {
        writer.integer(*integer);
      } else {
        writer.number(value.number());
      }
      break;
    case Type::kArray:
      writer.begin_array();
      for (std::size_t i = 0; i < value.size(); ++i) write_value(writer, value.at(i));
      writer.end_array();
      break;
    case Type::kObject:
      writer.begin_object();
      value.for_each_member([&](std::string_view name, Value member) {
        writer.key(name);
        write_value(writer, member);
      });
      writer.end_object();
      break;
  }
}

// The code point at the beginning of valid UTF-8, and its length.
struct CodePoint {
  char32_t value = 0;
  std::size_t size = 1;
};
CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  char32_t value = lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) value = (value << 6) | (byte(i) & 0x3fU);
  return {value, size};
}

// Control characters; those that end a line; and those that turn the direction of the text around,
// so that it would seem to say something else.
bool is_unseen(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void append_escaped(std::string& out, char32_t c) {
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (c == '\r') {
    out += "\\r";
  } else {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string digits;
    for (char32_t rest = c; rest != 0 || digits.empty(); rest >>= 4) {
      digits.insert(digits.begin(), kDigits[rest & 15]);
    }
    out += "\\u{" + digits + "}";
  }
}

std::string name_text(std::string_view text) {
  return printable_text(text, kListenNameCodePointsMax);
}

// Somebody by his name, or by the end of his ARN.
std::string person(Value identity) {
  const std::string_view name = text_of(identity, "Name");
  if (!name.empty()) return name_text(name);
  const std::string_view arn = text_of(identity, "Arn");
  return name_text(arn.substr(arn.rfind('/') + 1));
}

std::string people(Value members) {
  std::string text;
  for (std::size_t i = 0; i < members.size() && i < kListenNamesMax; ++i) {
    text += (i == 0 ? "" : ", ") + person(members.at(i));
  }
  if (members.size() > kListenNamesMax) {
    text += " and " + std::to_string(members.size() - kListenNamesMax) + " more";
  }
  return text;
}

std::string count(std::size_t number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

// What happened to whom, without the message's status.
std::string describe(Value payload) {
  if (payload.find("MessageId").type() == Type::kString) {
    const std::string sender = person(object_of(payload, "Sender"));
    const Value redacted = payload.find("Redacted");
    if (redacted.type() == Type::kBoolean && redacted.boolean()) return sender + ": (redacted)";
    return sender + ": " + printable_text(text_of(payload, "Content"), kListenContentCodePointsMax);
  }
  if (payload.find("Channel").type() == Type::kObject) {
    return count(size_of(payload, "ChannelMessages"), "message") + ", " +
           count(size_of(payload, "ChannelMemberships"), "member");
  }
  std::string text;
  if (payload.find("Members").type() == Type::kArray) {
    text = people(payload.find("Members"));
  } else if (payload.find("Member").type() == Type::kObject) {
    text = person(payload.find("Member"));
  }
  const std::string inviter = person(object_of(payload, "InvitedBy"));
  if (!inviter.empty()) text += " (by " + inviter + ")";
  return text;
}

const char* colour_of(std::string_view status) {
  if (status == "SENT") return kGreen;
  return status == "PENDING" ? kYellow : kRed;
}

}  // namespace

Parsed<ListenEvent> parse_listen_event(std::string_view frame) {
  const json::Document document(frame);
  if (document.error()) return Rejected{*document.error()};
  const Value headers = object_of(document.root(), "Headers");
  ListenEvent event;
  event.type = text_of(headers, "x-amz-chime-event-type");
  event.message_type = text_of(headers, "x-amz-chime-message-type");
  if (event.type.empty()) return Rejected{"has no x-amz-chime-event-type among its Headers"};
  const std::string_view payload = text_of(document.root(), "Payload");
  if (payload.empty()) return event;
  const json::Document inner(payload);
  if (inner.error()) return Rejected{"has a Payload that " + *inner.error()};
  if (inner.root().type() != Type::kObject) return Rejected{"has a Payload that is no object"};
  json::Writer writer;
  write_value(writer, inner.root());
  event.payload = writer.take();
  return event;
}

std::string json_line(const ListenEvent& event) {
  json::Writer writer;
  writer.begin_object()
      .member("Type", std::string_view(event.type))
      .member("MessageType", std::string_view(event.message_type))
      .key("Payload");
  if (event.payload.empty()) {
    writer.null();
  } else {
    writer.raw(event.payload);
  }
  writer.end_object();
  return writer.take() + "\n";
}

std::string printable_text(std::string_view text, std::size_t code_points_max) {
  const std::string valid = api::protocol::repair_utf8(text);
  std::string_view rest = valid;
  std::string result;
  for (std::size_t count = 0; !rest.empty(); ++count) {
    if (count == code_points_max) return result + "\xe2\x80\xa6";
    const CodePoint point = first_code_point(rest);
    if (point.value == '\\') {
      result += "\\\\";
    } else if (is_unseen(point.value)) {
      append_escaped(result, point.value);
    } else {
      result += rest.substr(0, point.size);
    }
    rest.remove_prefix(point.size);
  }
  return result;
}

std::string ListenPrinter::paint(std::string_view text, const char* colour) const {
  if (!coloured_ || text.empty()) return std::string(text);
  return colour + std::string(text) + kPlain;
}

std::string ListenPrinter::line(const ListenEvent& event, std::string_view time) {
  std::string line = paint(time, kDim) + "  " + paint(name_text(event.type), kBold);
  if (event.payload.empty()) return line + "\n";
  const json::Document document(event.payload);
  const Value payload = document.root();

  const Value details = object_of(payload, "Channel");
  const Value channel = details.is_null() ? payload : details;
  const std::string arn(text_of(channel, "ChannelArn"));
  const std::string_view name = text_of(channel, "Name");
  if (!name.empty() && !arn.empty() &&
      (channel_names_.contains(arn) || channel_names_.size() < kListenChannelNamesMax)) {
    channel_names_.insert_or_assign(arn, std::string(name));
  }
  const auto known = channel_names_.find(arn);
  line += "  " + paint(name_text(known == channel_names_.end()
                                     ? std::string_view(arn).substr(arn.rfind('/') + 1)
                                     : std::string_view(known->second)),
                       kCyan);
  if (const std::string what = describe(payload); !what.empty()) line += "  " + what;
  const Value status = object_of(payload, "Status");
  if (const std::string_view value = text_of(status, "Value"); !value.empty()) {
    const std::string_view detail = text_of(status, "Detail");
    line += "  " +
            paint("[" + name_text(value) + (detail.empty() ? "" : ": " + name_text(detail)) + "]",
                  colour_of(value));
  }
  return line + "\n";
}

}  // namespace carillon::server
