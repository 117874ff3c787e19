#include "api/protocol/sigv4.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "api/domain/arn.h"
#include "api/limits.h"
#include "api/protocol/caller.h"
#include "api/protocol/digest.h"
#include "api/protocol/timestamp.h"
#include "api/protocol/uri.h"
#include "api/result.h"

namespace carillon::api::protocol {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kService = "chime";
constexpr std::string_view kTerminator = "aws4_request";
constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
constexpr std::string_view kContentHashHeader = "X-Amz-Content-Sha256";
constexpr std::string_view kTokenHeader = "X-Amz-Security-Token";
constexpr std::size_t kHashBytes = 32;

// What the request says of its signature; where a value is missing it is empty.
struct Claim {
  bool presigned = false;
  std::string algorithm;
  std::string credential;
  std::string signed_headers;
  std::string signature;
  std::string date;  // 20240102T030405Z
  std::string expires_s;
  std::string session_token;
  std::string repeated;  // a query parameter of these that came twice
};

struct Scope {
  std::string_view key_id;
  std::string_view date;  // 20240102
  std::string_view region;
  std::string_view service;
  std::string_view terminator;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <typename Take>
void for_each_part(std::string_view text, char separator, Take take) {
  for (;;) {
    const std::size_t end = text.find(separator);
    take(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

// "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=..."
Claim read_header(const RequestHeaders& headers, std::string_view authorization) {
  Claim claim;
  const std::size_t blank = authorization.find(' ');
  claim.algorithm = authorization.substr(0, blank);
  if (blank != std::string_view::npos) {
    for_each_part(authorization.substr(blank), ',', [&](std::string_view part) {
      const std::size_t equals = part.find('=');
      if (equals == std::string_view::npos) return;
      const std::string_view name = trimmed(part.substr(0, equals));
      const std::string_view value = trimmed(part.substr(equals + 1));
      if (name == "SignedHeaders") claim.signed_headers = value;
      if (name == "Signature") claim.signature = value;
    });
  }
  claim.date = headers.find("X-Amz-Date").value_or(headers.find("Date").value_or(""));
  claim.session_token = headers.find(kTokenHeader).value_or("");
  return claim;
}

Claim read_query(std::string_view query) {
  Claim claim;
  claim.presigned = true;
  const std::array<std::pair<std::string_view, std::string*>, 6> parameters{{
      {"X-Amz-Algorithm", &claim.algorithm},
      {"X-Amz-SignedHeaders", &claim.signed_headers},
      {"X-Amz-Signature", &claim.signature},
      {"X-Amz-Date", &claim.date},
      {"X-Amz-Expires", &claim.expires_s},
      {"X-Amz-Security-Token", &claim.session_token},
  }};
  std::set<std::string_view> names;
  for (const auto& [name, value] : split_query(query)) {
    for (const auto& [known, destination] : parameters) {
      if (name != known) continue;
      if (!names.insert(known).second) claim.repeated = known;
      *destination = percent_decode(value).value_or("");
    }
  }
  return claim;
}

Result<Claim> read_claim(const HttpRequest& request, std::string_view query) {
  const std::string_view authorization = request.headers.find("Authorization").value_or("");
  Claim claim =
      authorization.empty() ? read_query(query) : read_header(request.headers, authorization);
  claim.credential = credential_of(request);
  if (authorization.empty() && claim.algorithm.empty() && claim.signature.empty()) {
    return error::missing_authentication_token();
  }
  return claim;
}

std::optional<Error> find_gap(const Claim& claim) {
  if (!claim.repeated.empty()) {
    return error::incomplete_signature("AWS query-string parameters must include '" +
                                       claim.repeated + "' once.");
  }
  if (claim.algorithm != kAlgorithm) {
    return error::incomplete_signature("Unsupported AWS 'algorithm': '" +
                                       printable(claim.algorithm) + "'.");
  }
  std::string missing;
  const auto need = [&](const std::string& value, std::string_view name) {
    if (!value.empty()) return;
    missing.append(missing.empty() ? "" : " ");
    if (claim.presigned) {
      missing.append("AWS query-string parameters must include 'X-Amz-").append(name).append("'.");
    } else if (name == "Date") {
      missing.append(
          "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
    } else {
      missing.append("Authorization header requires '").append(name).append("' parameter.");
    }
  };
  need(claim.credential, "Credential");
  need(claim.signature, "Signature");
  need(claim.signed_headers, "SignedHeaders");
  need(claim.date, "Date");
  if (claim.presigned) need(claim.expires_s, "Expires");
  if (missing.empty()) return std::nullopt;
  return error::incomplete_signature(std::move(missing));
}

Result<Scope> read_scope(const Claim& claim) {
  std::vector<std::string_view> parts;
  for_each_part(claim.credential, '/', [&](std::string_view part) { parts.push_back(part); });
  if (parts.size() != 5) {
    return error::incomplete_signature(
        "Credential must have exactly 5 slash-delimited elements, e.g. "
        "keyid/date/region/service/term, got '" +
        printable(claim.credential) + "'");
  }
  const Scope scope{parts[0], parts[1], parts[2], parts[3], parts[4]};
  std::string wrong;
  const auto complain = [&](std::string text) { wrong += (wrong.empty() ? "" : " ") + text; };
  if (!domain::is_region(scope.region)) complain("Credential should be scoped to a valid region.");
  if (scope.service != kService) {
    complain("Credential should be scoped to correct service: 'chime'.");
  }
  if (scope.terminator != kTerminator) {
    complain("Credential should be scoped with a valid terminator: 'aws4_request', not '" +
             printable(scope.terminator) + "'.");
  }
  if (scope.date != std::string_view(claim.date).substr(0, 8)) {
    complain(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
        "HTTP: '" +
        printable(scope.date) + "' != '" + printable(claim.date.substr(0, 8)) + "', from '" +
        printable(claim.date) + "'.");
  }
  if (!wrong.empty()) return error::invalid_signature(std::move(wrong));
  return scope;
}

// From "20240102T030405Z".
std::optional<std::int64_t> parse_basic_time(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  std::string extended;
  extended.append(text.substr(0, 4)).append("-").append(text.substr(4, 2)).append("-");
  extended.append(text.substr(6, 5)).append(":").append(text.substr(11, 2)).append(":");
  extended.append(text.substr(13));
  const auto time = parse_iso8601(extended);
  if (!time) return std::nullopt;
  return time->ms;
}

std::string basic_time(std::int64_t ms) {
  std::string text = format_iso8601(ms);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text.substr(0, text.find('.')) + "Z";
}

std::string print_period(std::int64_t ms) {
  const std::int64_t seconds = ms / 1'000;
  return seconds % 60 == 0 ? std::to_string(seconds / 60) + " min."
                           : std::to_string(seconds) + " sec.";
}

// How long after its date the signature is good, in milliseconds.
Result<std::int64_t> read_lifetime(const Claim& claim) {
  if (!claim.presigned) return kSignatureSkewMsMax;
  std::int64_t seconds = 0;
  const char* last = claim.expires_s.data() + claim.expires_s.size();
  const auto [end, failure] = std::from_chars(claim.expires_s.data(), last, seconds);
  if (failure != std::errc() || end != last || seconds < 1 || seconds > kPresignedSecondsMax) {
    return error::incomplete_signature("X-Amz-Expires is '" + printable(claim.expires_s) +
                                       "', but must be a number of seconds from 1 to " +
                                       std::to_string(kPresignedSecondsMax) + ".");
  }
  return seconds * 1'000;
}

std::optional<Error> check_time(const Claim& claim, std::int64_t now_ms) {
  const auto date_ms = parse_basic_time(claim.date);
  if (!date_ms) {
    return error::incomplete_signature("Date must be in ISO-8601 'basic format'. Got '" +
                                       printable(claim.date) +
                                       "'. See http://en.wikipedia.org/wiki/ISO_8601");
  }
  const auto lifetime_ms = read_lifetime(claim);
  if (!lifetime_ms) return lifetime_ms.error();
  if (*date_ms + *lifetime_ms < now_ms) {
    return error::invalid_signature("Signature expired: " + claim.date + " is now earlier than " +
                                    basic_time(now_ms - *lifetime_ms) + " (" + basic_time(now_ms) +
                                    " - " + print_period(*lifetime_ms) + ")");
  }
  if (*date_ms > now_ms + kSignatureSkewMsMax) {
    return error::invalid_signature(
        "Signature not yet current: " + claim.date + " is still later than " +
        basic_time(now_ms + kSignatureSkewMsMax) + " (" + basic_time(now_ms) + " + " +
        print_period(kSignatureSkewMsMax) + ")");
  }
  return std::nullopt;
}

// The hash that stands in the canonical request. A body that is not the one that was hashed is
// refused here, since the signature itself would not tell.
Result<std::string> read_payload_hash(const HttpRequest& request) {
  const std::string computed = hex(digest(request.body, kHashBytes));
  const auto declared = request.headers.find(kContentHashHeader);
  if (!declared || declared->empty()) return computed;
  if (*declared != kUnsignedPayload && *declared != computed) {
    return error::invalid_signature(
        "The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  return std::string(*declared);
}

// The path with each of its segments, as sent, percent-encoded once more: %3A becomes %253A. Some
// clients leave out empty segments before they sign, but not before they send.
std::string canonical_path(std::string_view path, bool without_empty) {
  std::string result;
  for_each_part(path.substr(path.starts_with('/') ? 1 : 0), '/', [&](std::string_view segment) {
    if (without_empty && segment.empty()) return;
    result.append("/").append(percent_encode(segment));
  });
  if (without_empty && path.ends_with('/')) result += '/';
  return result.empty() ? "/" : result;
}

// Sorted. Either as sent, which is what encoders sign that keep more than the unreserved
// characters; or with every name and value encoded anew, which is what the specification wants.
std::string canonical_query(std::string_view query, bool presigned, bool encode_anew) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : split_query(query)) {
    if (presigned && name == "X-Amz-Signature") continue;
    const auto written = [encode_anew](std::string_view text) {
      const auto decoded = encode_anew ? percent_decode(text) : std::nullopt;
      return decoded ? percent_encode(*decoded) : std::string(text);
    };
    pairs.emplace_back(written(name), written(value));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string result;
  for (const auto& [name, value] : pairs) {
    result.append(result.empty() ? "" : "&").append(name).append("=").append(value);
  }
  return result;
}

// Without blanks around it, and with one for several inside it.
std::string canonical_value(std::string_view value) {
  std::string result;
  for (const char c : trimmed(value)) {
    if (c != ' ' || result.back() != ' ') result.push_back(c);
  }
  return result;
}

std::string canonical_headers(const RequestHeaders& headers, std::string_view names) {
  std::string result;
  for_each_part(names, ';', [&](std::string_view name) {
    result.append(name).append(":");
    result.append(canonical_value(headers.find(name).value_or(""))).append("\n");
  });
  return result;
}

std::string signing_key(std::string_view secret, std::string_view date, std::string_view region) {
  std::string key = "AWS4" + std::string(secret);
  for (const std::string_view part : {date, region, kService, kTerminator}) key = hmac(key, part);
  return key;
}

// `scope`: DATE/REGION/chime/aws4_request
std::string text_to_sign(std::string_view date, std::string_view scope,
                         std::string_view canonical_request) {
  std::string text(kAlgorithm);
  text.append("\n").append(date).append("\n").append(scope);
  return text.append("\n").append(hex(digest(canonical_request, kHashBytes)));
}

class Check {
 public:
  Check(const HttpRequest& request, const Claim& claim, const Scope& scope, std::string payload)
      : request_(request),
        claim_(claim),
        scope_text_(std::string_view(claim.credential).substr(scope.key_id.size() + 1)),
        scope_(scope),
        payload_(std::move(payload)),
        path_(request.target.substr(0, request.target.find('?'))),
        query_(split_target(request.target).query) {}

  bool passes(const std::string& secret) const {
    const std::string key = signing_key(secret, scope_.date, scope_.region);
    // The first is the one that all SDKs send; the others are tried when it fails.
    for (const bool encode_anew : {false, true}) {
      for (const bool without_empty : {false, true}) {
        const std::string text = string_to_sign(canonical_request(without_empty, encode_anew));
        if (equal_in_constant_time(hex(hmac(key, text)), claim_.signature)) return true;
      }
    }
    return false;
  }

  std::string canonical_request(bool without_empty = false, bool encode_anew = false) const {
    std::string text(request_.method);
    text.append("\n").append(canonical_path(path_, without_empty));
    text.append("\n").append(canonical_query(query_, claim_.presigned, encode_anew));
    text.append("\n").append(canonical_headers(request_.headers, claim_.signed_headers));
    text.append("\n").append(claim_.signed_headers).append("\n").append(payload_);
    return text;
  }

  std::string string_to_sign(const std::string& canonical_request) const {
    return text_to_sign(claim_.date, scope_text_, canonical_request);
  }

 private:
  const HttpRequest& request_;
  const Claim& claim_;
  std::string_view scope_text_;
  const Scope& scope_;
  std::string payload_;
  std::string_view path_;
  std::string_view query_;
};

// A name that came twice would put its value into the canonical request twice, and one that came a
// thousand times make a huge text of a small request.
std::optional<Error> check_signed_headers(std::string_view signed_headers) {
  std::set<std::string_view> names;
  bool each_once = true;
  for_each_part(signed_headers, ';',
                [&](std::string_view name) { each_once = names.insert(name).second && each_once; });
  if (!names.contains("host")) {
    return error::invalid_signature(
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  if (!each_once) return error::invalid_signature("Each of the SignedHeaders must be named once.");
  return std::nullopt;
}

void withhold(std::string& text, const std::string& secret) {
  if (secret.empty()) return;
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), "(withheld)");
  }
}

// Takes what it can of the claim into `key_id`, for the log.
std::optional<SignatureRefusal> check_claim(const HttpRequest& request, const Claim& claim,
                                            const Credentials& credentials, std::int64_t now_ms) {
  const std::string key_id = claim.credential.substr(0, claim.credential.find('/'));
  if (auto gap = find_gap(claim)) return SignatureRefusal{*gap, key_id};
  const auto scope = read_scope(claim);
  if (!scope) return SignatureRefusal{scope.error(), key_id};
  const auto known = credentials.find(scope->key_id);
  if (known == credentials.end()) return SignatureRefusal{error::unrecognized_client(), key_id};
  const Credential& credential = known->second;
  if (!credential.session_token.empty() &&
      !equal_in_constant_time(credential.session_token, claim.session_token)) {
    return SignatureRefusal{error::unrecognized_client(), key_id};
  }
  if (auto wrong = check_time(claim, now_ms)) return SignatureRefusal{*wrong, key_id};
  if (auto wrong = check_signed_headers(claim.signed_headers)) {
    return SignatureRefusal{*wrong, key_id};
  }
  const auto payload = read_payload_hash(request);
  if (!payload) return SignatureRefusal{payload.error(), key_id};
  const Check check(request, claim, *scope, *payload);
  if (check.passes(credential.secret)) return std::nullopt;
  SignatureRefusal refusal{error::signature_mismatch(), key_id, check.canonical_request()};
  refusal.string_to_sign = check.string_to_sign(refusal.canonical_request);
  for (const auto& [name, value] : split_query(split_target(request.target).query)) {
    if (name == kTokenHeader) withhold(refusal.canonical_request, std::string(value));
  }
  withhold(refusal.canonical_request, claim.session_token);
  withhold(refusal.canonical_request, percent_encode(claim.session_token));
  return refusal;
}

}  // namespace

std::optional<SignatureRefusal> check_signature(const HttpRequest& request,
                                                const Credentials& credentials,
                                                std::int64_t now_ms) {
  const auto claim = read_claim(request, split_target(request.target).query);
  if (!claim) return SignatureRefusal{claim.error(), {}};
  return check_claim(request, *claim, credentials, now_ms);
}

std::string credential_scope(std::string_view key_id, std::string_view region,
                             std::int64_t now_ms) {
  std::string text(key_id);
  text.append("/").append(basic_time(now_ms).substr(0, 8)).append("/").append(region);
  return text.append("/").append(kService).append("/").append(kTerminator);
}

std::string presign(const Presigning& request, std::int64_t now_ms) {
  const std::string date = basic_time(now_ms);
  const std::string credential = credential_scope(request.key_id, request.region, now_ms);
  auto parameters = request.parameters;
  parameters.emplace_back("X-Amz-Algorithm", kAlgorithm);
  parameters.emplace_back("X-Amz-Credential", credential);
  parameters.emplace_back("X-Amz-Date", date);
  parameters.emplace_back("X-Amz-Expires", std::to_string(request.expires_s));
  parameters.emplace_back("X-Amz-SignedHeaders", "host");
  if (!request.credential.session_token.empty()) {
    parameters.emplace_back(kTokenHeader, request.credential.session_token);
  }
  std::string query;
  for (const auto& [name, value] : parameters) {
    query.append(query.empty() ? "" : "&").append(percent_encode(name));
    query.append("=").append(percent_encode(value));
  }
  query = canonical_query(query, true, false);
  std::string text("GET\n");
  text.append(canonical_path(request.path, false)).append("\n").append(query);
  text.append("\nhost:").append(request.host).append("\n\nhost\n");
  text.append(hex(digest("", kHashBytes)));
  const std::string key = signing_key(request.credential.secret, date.substr(0, 8), request.region);
  const std::string scope = credential.substr(request.key_id.size() + 1);
  const std::string signature = hex(hmac(key, text_to_sign(date, scope, text)));
  return std::string(request.path) + "?" + query + "&X-Amz-Signature=" + signature;
}

}  // namespace carillon::api::protocol
