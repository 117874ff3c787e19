#include "tests/bench/client.h"

#include <cctype>
#include <stdexcept>

namespace carillon::bench {

Flags::Flags(int count, char** arguments) {
  if (count % 2 == 0) throw std::invalid_argument("flags come with a value each");
  for (int i = 1; i + 1 < count; i += 2) given_[arguments[i]] = arguments[i + 1];
}

std::string Flags::take(const std::string& name) {
  const auto node = given_.extract(name);
  if (node.empty()) throw std::invalid_argument(name + " is missing");
  return node.mapped();
}

unsigned short Flags::take_port(const std::string& name) {
  return static_cast<unsigned short>(std::stoul(take(name)));
}

int Flags::take_number(const std::string& name) { return std::stoi(take(name)); }

void Flags::end() const {
  if (!given_.empty()) throw std::invalid_argument("unknown flag " + given_.begin()->first);
}

std::string encode_segment(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kKept = "-._~";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || kKept.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

std::string request_head(const std::string& target, unsigned short port, std::string_view bearer) {
  std::string head = "POST " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                     "\r\nContent-Type: application/json\r\nAccept-Encoding: identity\r\n"
                     "User-Agent: Boto3/1.43.11 md/Botocore#1.43.11 ua/2.1 os/linux#6.1 "
                     "lang/python#3.11.7\r\nX-Amz-Date: 20261122T144829Z\r\n"
                     "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/"
                     "chime/aws4_request, SignedHeaders=content-type;host;x-amz-chime-bearer;"
                     "x-amz-date, Signature="
                     "48e8433d7f1ca05da3f35c93c2fc3d0e1e2ec30a4c1690ce4abd5995e5eae1ce\r\n"
                     "amz-sdk-invocation-id: 411ea0ba-027d-4975-a598-2e6bc7f3cf51\r\n"
                     "amz-sdk-request: attempt=1\r\n";
  if (!bearer.empty()) head.append("x-amz-chime-bearer: ").append(bearer).append("\r\n");
  return head;
}

void append_body(std::string& request, std::string_view body) {
  request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  request += body;
}

std::string_view find_text(std::string_view json, std::string_view key) {
  const std::size_t start = json.find(key);
  if (start == std::string_view::npos) return {};
  const std::string_view rest = json.substr(start + key.size());
  return rest.substr(0, rest.find('"'));
}

double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace carillon::bench
