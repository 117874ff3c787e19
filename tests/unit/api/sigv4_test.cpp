// Signatures: what real clients sent is accepted, and nothing else is.
#include "api/protocol/sigv4.h"

#include <functional>

#include <gtest/gtest.h>

#include "api/protocol/caller.h"
#include "api/protocol/digest.h"
#include "api/protocol/timestamp.h"
#include "api/protocol/uri.h"
#include "tests/support/captured_request.h"

namespace carillon::api::protocol {
namespace {

using tests::CapturedRequest;
using tests::HeaderMap;

constexpr std::int64_t kMinuteMs = 60'000;
const std::string kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const Credentials kCredentials{{"AKIDEXAMPLE", {kSecret, {}}}};
constexpr std::string_view kMismatch =
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details.";

std::string date_of(const CapturedRequest& request) {
  if (const auto header = request.headers.find("X-Amz-Date")) return std::string(*header);
  for (const auto& [name, value] : split_query(split_target(request.target).query)) {
    if (name == "X-Amz-Date") return std::string(value);
  }
  return {};
}

std::int64_t parse_basic(const std::string& date) {
  const std::string text = date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6, 5) +
                           ":" + date.substr(11, 2) + ":" + date.substr(13);
  return parse_iso8601(text).value().ms;
}

std::int64_t signed_at(const CapturedRequest& request) { return parse_basic(date_of(request)); }

bool is_presigned(const CapturedRequest& request) {
  return !request.headers.find("Authorization").has_value();
}

const std::vector<CapturedRequest>& captures() {
  static const std::vector<CapturedRequest> kAll = tests::all_captured_requests(CARILLON_CAPTURES);
  return kAll;
}

void replace(std::string& text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what << " in " << text;
  text.replace(at, what.size(), by);
}

void replace_header(CapturedRequest& request, std::string_view name, std::string_view what,
                    std::string_view by) {
  std::string value(request.headers.find(name).value_or(""));
  replace(value, what, by);
  request.headers.set(name, value);
}

// Whatever carries the claim: the header, or the query of a presigned URL.
void replace_in_claim(CapturedRequest& request, std::string_view what, std::string_view by) {
  if (!is_presigned(request)) return replace_header(request, "Authorization", what, by);
  replace(request.target, percent_encode(what), percent_encode(by));
}

// Alters every capture and expects each to be refused with `kind`.
void expect_refused(ErrorKind kind, const std::function<bool(CapturedRequest&)>& alter,
                    std::size_t at_least = 1) {
  std::size_t altered = 0;
  for (CapturedRequest request : captures()) {
    const std::int64_t now_ms = signed_at(request);
    if (!alter(request)) continue;
    ++altered;
    const auto refusal = check_signature(request.view(), kCredentials, now_ms);
    ASSERT_TRUE(refusal) << request.name << " " << request.target;
    EXPECT_EQ(refusal->error.kind, kind) << request.name << ": " << refusal->error.message;
  }
  EXPECT_GE(altered, at_least);
}

TEST(Presign, IsWhatTheSdkSigns) {
  const Credential credential{kSecret, {}};
  const std::int64_t now_ms = parse_basic("20240102T030405Z");
  const std::string target = presign({"localhost:7464",
                                      "/connect",
                                      {{"userArn", "a:b/c"}, {"sessionId", "s 1"}},
                                      "AKIDEXAMPLE",
                                      credential,
                                      "us-east-1",
                                      10},
                                     now_ms);
  // Computed with botocore's SigV4QueryAuth.
  EXPECT_EQ(target,
            "/connect?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F2024010"
            "2%2Fus-east-1%2Fchime%2Faws4_request&X-Amz-Date=20240102T030405Z&X-Amz-Expires=1"
            "0&X-Amz-SignedHeaders=host&sessionId=s%201&userArn=a%3Ab%2Fc&X-Amz-Signature=3da"
            "b40812343c9498ec5b7de0e3e6c7c34c0529fcf1db77da6c4439243bbb20e");
}

TEST(Signature, OfEveryCaptureIsRight) {
  std::size_t presigned = 0;
  for (const CapturedRequest& request : captures()) {
    const auto refusal = check_signature(request.view(), kCredentials, signed_at(request));
    EXPECT_FALSE(refusal) << request.name << ": " << refusal->error.message << "\n"
                          << refusal->canonical_request;
    if (is_presigned(request)) ++presigned;
  }
  EXPECT_GE(captures().size(), 95U);
  EXPECT_EQ(presigned, 5U);
}

TEST(Signature, CoversTheBody) {
  expect_refused(
      ErrorKind::kInvalidSignature,
      [](CapturedRequest& request) {
        request.body += " ";
        return true;
      },
      95);
}

TEST(Signature, CoversThePath) {
  expect_refused(
      ErrorKind::kInvalidSignature,
      [](CapturedRequest& request) {
        const std::size_t end = std::min(request.target.find('?'), request.target.size());
        request.target.insert(end, "x");
        return true;
      },
      95);
  // Decoded once it would be the same path.
  expect_refused(
      ErrorKind::kInvalidSignature,
      [](CapturedRequest& request) {
        if (request.target.find("%3A") >= request.target.find('?')) return false;
        replace(request.target, "%3A", ":");
        return true;
      },
      40);
}

TEST(Signature, CoversTheQuery) {
  expect_refused(ErrorKind::kInvalidSignature, [](CapturedRequest& request) {
    request.target += request.target.find('?') == std::string::npos ? "?more=1" : "&more=1";
    return true;
  });
  expect_refused(
      ErrorKind::kInvalidSignature,
      [](CapturedRequest& request) {
        if (request.target.find("sessionId=") == std::string::npos) return false;
        replace(request.target, "sessionId=", "sessionId=2");
        return true;
      },
      5);
}

TEST(Signature, CoversTheSignedHeaders) {
  for (const std::string_view name : {"Host", "X-Amz-Chime-Bearer", "X-Amz-Date"}) {
    expect_refused(
        ErrorKind::kInvalidSignature,
        [name](CapturedRequest& request) {
          const auto value = request.headers.find(name);
          if (!value) return false;
          std::string altered(*value);
          const std::size_t at = altered.size() - 2;
          altered[at] = altered[at] == '1' ? '2' : '1';
          request.headers.set(name, altered);
          return true;
        },
        name == "Host" ? 95 : 40);
  }
  // What a client did not sign may change on the way.
  CapturedRequest request = captures().front();
  request.headers.set("X-Forwarded-For", "10.0.0.1");
  EXPECT_FALSE(check_signature(request.view(), kCredentials, signed_at(request)));
}

TEST(Signature, IsMadeForOneDayAndRegion) {
  expect_refused(
      ErrorKind::kInvalidSignature,
      [](CapturedRequest& request) {
        replace_in_claim(request, "/us-east-1/", "/us-west-2/");
        return true;
      },
      95);
  expect_refused(ErrorKind::kInvalidSignature, [](CapturedRequest& request) {
    replace_in_claim(request, "/20261122/", "/20261121/");
    return true;
  });
  expect_refused(ErrorKind::kInvalidSignature, [](CapturedRequest& request) {
    replace_in_claim(request, "/chime/", "/s3/");
    return true;
  });
  expect_refused(ErrorKind::kInvalidSignature, [](CapturedRequest& request) {
    replace_in_claim(request, "/aws4_request", "/aws5_request");
    return true;
  });
}

TEST(Signature, IsCompared) {
  expect_refused(
      ErrorKind::kInvalidSignature,
      [](CapturedRequest& request) {
        if (is_presigned(request)) return false;
        replace_in_claim(request, "Signature=", "Signature=0");
        return true;
      },
      90);
  CapturedRequest request = captures().front();
  const auto refusal = check_signature(request.view(), {{"AKIDEXAMPLE", {"another secret", {}}}},
                                       signed_at(request));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->error.message, kMismatch);
  EXPECT_EQ(refusal->key_id, "AKIDEXAMPLE");
}

TEST(Signature, OfAnUnknownKeyIsUnrecognized) {
  expect_refused(
      ErrorKind::kUnrecognizedClient,
      [](CapturedRequest& request) {
        replace_in_claim(request, "AKIDEXAMPLE/", "AKIDOTHER/");
        return true;
      },
      95);
}

TEST(Signature, HasToHaveItsSessionTokenWhenOneIsKnown) {
  const Credentials with_token{{"AKIDEXAMPLE", {kSecret, "tok/+="}}};
  std::size_t accepted = 0;
  for (const CapturedRequest& request : captures()) {
    const auto refusal = check_signature(request.view(), with_token, signed_at(request));
    const bool has_token = request.target.find("Security-Token=tok") != std::string::npos;
    EXPECT_EQ(refusal.has_value(), !has_token) << request.name;
    if (!refusal) {
      ++accepted;
      continue;
    }
    EXPECT_EQ(refusal->error.kind, ErrorKind::kUnrecognizedClient);
  }
  EXPECT_EQ(accepted, 1U);
}

std::string refusal_at(const CapturedRequest& request, std::int64_t now_ms) {
  const auto refusal = check_signature(request.view(), kCredentials, now_ms);
  return refusal ? refusal->error.message : "";
}

TEST(Signature, IsGoodForFifteenMinutesEitherWay) {
  const auto found = std::find_if(captures().begin(), captures().end(), [](const auto& request) {
    return date_of(request) == "20261122T144829Z" && !is_presigned(request);
  });
  ASSERT_NE(found, captures().end());
  const std::int64_t at = signed_at(*found);
  EXPECT_EQ(refusal_at(*found, at + 15 * kMinuteMs), "");
  EXPECT_EQ(refusal_at(*found, at - 15 * kMinuteMs), "");
  EXPECT_EQ(refusal_at(*found, at + 15 * kMinuteMs + 1'000),
            "Signature expired: 20261122T144829Z is now earlier than 20261122T144830Z "
            "(20261122T150330Z - 15 min.)");
  EXPECT_EQ(refusal_at(*found, at - 15 * kMinuteMs - 1'000),
            "Signature not yet current: 20261122T144829Z is still later than 20261122T144828Z "
            "(20261122T143328Z + 15 min.)");
}

TEST(Signature, OfAUrlIsGoodAsLongAsItSays) {
  const auto found = std::find_if(captures().begin(), captures().end(), is_presigned);
  ASSERT_NE(found, captures().end());
  const std::int64_t at = signed_at(*found);
  EXPECT_EQ(refusal_at(*found, at + 10'000), "");
  EXPECT_NE(refusal_at(*found, at + 11'000).find("Signature expired: "), std::string::npos);
  EXPECT_NE(refusal_at(*found, at + 11'000).find("- 10 sec.)"), std::string::npos);
  for (const std::string_view wrong : {"604801", "0", "-1", "ten", ""}) {
    CapturedRequest request = *found;
    replace(request.target, "X-Amz-Expires=10", "X-Amz-Expires=" + std::string(wrong));
    const auto refusal = check_signature(request.view(), kCredentials, at);
    ASSERT_TRUE(refusal) << wrong;
    EXPECT_EQ(refusal->error.kind, ErrorKind::kIncompleteSignature) << wrong;
  }
}

// A client of our own, for what no capture has.
struct Signer {
  std::string canonical_query;
  std::string payload_hash;
  std::vector<std::pair<std::string, std::string>> headers{{"host", "localhost:7464"},
                                                           {"x-amz-date", "20240102T030405Z"}};

  std::string authorization(const std::string& method, const std::string& canonical_path) const {
    std::string names;
    std::string text = method + "\n" + canonical_path + "\n" + canonical_query + "\n";
    for (const auto& [name, value] : headers) {
      text.append(name).append(":").append(value).append("\n");
      names.append(names.empty() ? "" : ";").append(name);
    }
    text.append("\n").append(names).append("\n").append(payload_hash);
    const std::string scope = "20240102/eu-central-1/chime/aws4_request";
    std::string key = "AWS4" + kSecret;
    for (const char* part : {"20240102", "eu-central-1", "chime", "aws4_request"}) {
      key = hmac(key, part);
    }
    const std::string to_sign =
        "AWS4-HMAC-SHA256\n20240102T030405Z\n" + scope + "\n" + hex(digest(text, 32));
    return "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/" + scope + ",SignedHeaders=" + names +
           ",Signature=" + hex(hmac(key, to_sign));
  }
};

std::string refusal_of(const Signer& signer, const std::string& canonical_path,
                       const std::string& target, const std::string& body = {},
                       const HeaderMap& more = {}) {
  HeaderMap headers = more;
  headers.set("Host", "localhost:7464");
  headers.set("X-Amz-Date", "20240102T030405Z");
  headers.set("Authorization", signer.authorization("POST", canonical_path));
  const auto refusal = check_signature(HttpRequest{"POST", target, headers, body}, kCredentials,
                                       parse_basic("20240102T030405Z"));
  return refusal ? refusal->error.message + "\n" + refusal->canonical_request : "";
}

TEST(Signature, TakesPathsAndQueriesAsTheSpecificationWantsThemOrAsTheyAreSent) {
  Signer signer;
  signer.payload_hash = hex(digest("", 32));
  EXPECT_EQ(refusal_of(signer, "/channels/a%253Ab", "/channels/a%3Ab"), "");
  // The C++ SDK leaves colons alone, and encodes the path once more to sign it.
  EXPECT_EQ(refusal_of(signer, "/channels/a%3Ab", "/channels/a:b"), "");
  EXPECT_EQ(refusal_of(signer, "/p/channels", "/p//channels"), "");
  EXPECT_EQ(refusal_of(signer, "/p//channels", "/p//channels"), "");
  EXPECT_NE(refusal_of(signer, "/channels/a%3Ab", "/channels/a%3Ab"), "");

  signer.canonical_query = "a=%21%2A&b=";
  EXPECT_EQ(refusal_of(signer, "/channels", "/channels?b&a=!*"), "");
  signer.canonical_query = "a=!*+&b=";
  EXPECT_EQ(refusal_of(signer, "/channels", "/channels?a=!*+&b="), "");
  EXPECT_NE(refusal_of(signer, "/channels", "/channels?a=!*&b="), "");
}

TEST(Signature, TrimsHeaderValues) {
  Signer signer;
  signer.payload_hash = hex(digest("", 32));
  signer.headers.emplace_back("x-note", "a b c");
  EXPECT_EQ(refusal_of(signer, "/channels", "/channels", {}, {{"X-Note", "  a  b   c "}}), "");
  EXPECT_NE(refusal_of(signer, "/channels", "/channels", {}, {{"X-Note", "a b  d"}}), "");
  // A header that was signed and does not come counts as empty.
  EXPECT_NE(refusal_of(signer, "/channels", "/channels"), "");
}

TEST(Signature, CoversABodyByTheHashThatItDeclares) {
  Signer signer;
  signer.payload_hash = "UNSIGNED-PAYLOAD";
  EXPECT_EQ(refusal_of(signer, "/channels", "/channels", "anything",
                       {{"X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"}}),
            "");
  EXPECT_NE(refusal_of(signer, "/channels", "/channels", "anything"), "");
  signer.payload_hash = hex(digest("a body", 32));
  EXPECT_EQ(refusal_of(signer, "/channels", "/channels", "a body"), "");
  const HeaderMap declared{{"X-Amz-Content-Sha256", signer.payload_hash}};
  EXPECT_EQ(refusal_of(signer, "/channels", "/channels", "a body", declared), "");
  EXPECT_EQ(refusal_of(signer, "/channels", "/channels", "another", declared),
            "The provided 'x-amz-content-sha256' header does not match what was computed.\n");
}

TEST(Signature, CoversTheHost) {
  Signer signer;
  signer.payload_hash = hex(digest("", 32));
  signer.headers.erase(signer.headers.begin());
  EXPECT_EQ(refusal_of(signer, "/channels", "/channels"),
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.\n");
}

TEST(Signature, NamesEachHeaderOnce) {
  Signer signer;
  signer.payload_hash = hex(digest("", 32));
  signer.headers.emplace_back("x-note", "a");
  EXPECT_EQ(refusal_of(signer, "/channels", "/channels", {}, {{"X-Note", "a"}}), "");
  signer.headers.emplace_back("x-note", "a");
  EXPECT_EQ(refusal_of(signer, "/channels", "/channels", {}, {{"X-Note", "a"}}),
            "Each of the SignedHeaders must be named once.\n");
}

TEST(Signature, IsOfTheKeyThatTheCallerIsMadeFrom) {
  Signer signer;
  signer.payload_hash = hex(digest("", 32));
  const std::string right = signer.authorization("POST", "/channels");
  const std::string other = "111111111111/20240102/eu-central-1/chime/aws4_request";
  const std::size_t blank = right.find(' ');
  for (const std::string_view name : {"Credential", "NoCredential"}) {
    std::string authorization = right;
    authorization.insert(blank + 1, std::string(name) + "=" + other + ",");
    const HeaderMap headers{{"Host", "localhost:7464"},
                            {"X-Amz-Date", "20240102T030405Z"},
                            {"Authorization", authorization}};
    const HttpRequest request{"POST", "/channels", headers, {}};
    ASSERT_EQ(read_caller(request, {}).account, "111111111111");
    const auto refusal = check_signature(request, kCredentials, parse_basic("20240102T030405Z"));
    ASSERT_TRUE(refusal) << name;
    EXPECT_EQ(refusal->error.kind, ErrorKind::kUnrecognizedClient);
    EXPECT_EQ(refusal->key_id, "111111111111");
  }
}

SignatureRefusal refusal_of_header(std::string_view authorization, bool dated = true) {
  HeaderMap headers{{"Host", "localhost"}};
  if (dated) headers.set("X-Amz-Date", "20240102T030405Z");
  if (!authorization.empty()) headers.set("Authorization", authorization);
  return check_signature(HttpRequest{"GET", "/channels", headers, {}}, kCredentials,
                         parse_basic("20240102T030405Z"))
      .value();
}

TEST(Signature, ThatIsMissingOrCutShortIsSaidToBe) {
  EXPECT_EQ(refusal_of_header("").error.kind, ErrorKind::kMissingAuthenticationToken);
  EXPECT_EQ(refusal_of_header("").error.message, "Missing Authentication Token");
  const auto message = [](std::string_view authorization, bool dated = true) {
    const SignatureRefusal refusal = refusal_of_header(authorization, dated);
    EXPECT_EQ(refusal.error.kind, ErrorKind::kIncompleteSignature) << authorization;
    return refusal.error.message;
  };
  EXPECT_EQ(message("Basic eDp5"), "Unsupported AWS 'algorithm': 'Basic'.");
  EXPECT_EQ(message("AWS4-HMAC-SHA256"),
            "Authorization header requires 'Credential' parameter. Authorization header requires "
            "'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.");
  EXPECT_EQ(message("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0"),
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/term, got 'a/b'");
  EXPECT_EQ(message("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0", false),
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  HeaderMap none;
  const auto twice = check_signature(
      HttpRequest{"GET", "/connect?X-Amz-Date=a&X-Amz-Signature=0&X-Amz-Signature=0", none, {}},
      kCredentials, 0);
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->error.kind, ErrorKind::kIncompleteSignature);
  EXPECT_EQ(twice->error.message,
            "AWS query-string parameters must include 'X-Amz-Signature' once.");
  const auto named = check_signature(HttpRequest{"GET", "/connect?X-Amz-Credential=key", none, {}},
                                     kCredentials, 0);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->error.kind, ErrorKind::kMissingAuthenticationToken);
  const auto refusal = check_signature(
      HttpRequest{"GET", "/connect?X-Amz-Algorithm=AWS4-HMAC-SHA256", none, {}}, kCredentials, 0);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->error.kind, ErrorKind::kIncompleteSignature);
  EXPECT_NE(refusal->error.message.find("'X-Amz-Expires'"), std::string::npos);
}

TEST(Signature, ThatIsWrongTellsWhatItShouldHaveBeenMadeOf) {
  CapturedRequest request;
  for (const CapturedRequest& capture : captures()) {
    if (capture.target.find("Security-Token") != std::string::npos) request = capture;
  }
  replace(request.target, "sessionId=", "sessionId=2");
  const auto refusal = check_signature(request.view(), kCredentials, signed_at(request));
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(refusal->canonical_request.starts_with("GET\n/connect\nX-Amz-Algorithm="));
  EXPECT_TRUE(refusal->string_to_sign.starts_with("AWS4-HMAC-SHA256\n2026"));
  for (const std::string& text : {refusal->canonical_request, refusal->string_to_sign}) {
    EXPECT_EQ(text.find(kSecret), std::string::npos);
    EXPECT_EQ(text.find("tok%2F"), std::string::npos) << text;
  }
  EXPECT_NE(refusal->canonical_request.find("Security-Token=(withheld)"), std::string::npos);
}

TEST(Digest, MakesTheKnownCode) {
  // RFC 4231, test case 2.
  EXPECT_EQ(hex(hmac("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace carillon::api::protocol
