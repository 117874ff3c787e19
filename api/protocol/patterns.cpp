#include "api/protocol/patterns.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include <pcre2.h>

#include "api/limits.h"
#include "api/protocol/model.h"

namespace carillon::api::protocol {
namespace {

constexpr std::string_view kAnything = "[\\s\\S]*";

// What Java's dot does not match. PCRE2 has no setting for exactly this set of line ends.
constexpr std::string_view kDot = "[^\\n\\r\\x{85}\\x{2028}\\x{2029}]";

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The model is written for Java: \uXXXX names a code point, and a dot stops at its line ends. Its
// ranges beyond the basic plane are written with five or six digits (\u10000-\u10FFFF), which we
// read as the code points they mean.
std::string to_pcre(std::string_view pattern) {
  std::string result;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (pattern.substr(i, 2) == "\\u") {
      std::size_t end = i + 2;
      while (end < pattern.size() && end < i + 8 && is_hex_digit(pattern[end])) ++end;
      result.append("\\x{").append(pattern.substr(i + 2, end - i - 2)).push_back('}');
      i = end - 1;
    } else if (c == '\\' && i + 1 < pattern.size()) {
      result.append(pattern.substr(i++, 2));
    } else if (c == '.' && !in_class) {
      result.append(kDot);
    } else {
      if (c == '[') in_class = true;
      if (c == ']') in_class = false;
      result.push_back(c);
    }
  }
  return result;
}

struct FreeCode {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeMatch {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

class Pattern {
 public:
  explicit Pattern(std::string_view text) : anything_(text == kAnything) {
    if (anything_) return;
    const std::string translated = to_pcre(text);
    int error = 0;
    PCRE2_SIZE position = 0;
    code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                              PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NO_UTF_CHECK,
                              &error, &position, nullptr));
    if (!code_) throw std::logic_error("the model's pattern does not compile: " + translated);
    pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE);
  }

  bool matches(std::string_view text) const {
    if (anything_ || text.size() > kPatternTextBytesMax) return true;
    // One for each thread; no pattern of the model needs its captures.
    thread_local const std::unique_ptr<pcre2_match_data, FreeMatch> match(
        pcre2_match_data_create(1, nullptr));
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data() == nullptr ? "" : text.data());
    int found =
        pcre2_match(code_.get(), subject, text.size(), 0, PCRE2_NO_UTF_CHECK, match.get(), nullptr);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT) {
      found = pcre2_match(code_.get(), subject, text.size(), 0, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                          match.get(), nullptr);
    }
    return found >= 0;
  }

 private:
  bool anything_;
  std::unique_ptr<pcre2_code, FreeCode> code_;
};

struct LazyPattern {
  std::once_flag once;
  std::unique_ptr<const Pattern> pattern;
};

}  // namespace

bool matches_pattern(int index, std::string_view text) {
  static std::vector<LazyPattern> patterns(pattern_texts().size());
  LazyPattern& lazy = patterns.at(static_cast<std::size_t>(index));
  std::call_once(lazy.once, [&] {
    lazy.pattern =
        std::make_unique<const Pattern>(pattern_texts()[static_cast<std::size_t>(index)]);
  });
  return lazy.pattern->matches(text);
}

}  // namespace carillon::api::protocol
