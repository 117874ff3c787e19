#include "api/protocol/patterns.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include <pcre2.h>

#include "api/protocol/model.h"

namespace carillon::api::protocol {
namespace {

constexpr std::string_view kAnything = "[\\s\\S]*";

// The model is written for Java: \uXXXX names a code point. Its ranges beyond the basic plane are
// written with five or six digits (\u10000-\u10FFFF), which we read as the code points they mean.
std::string to_pcre(std::string_view pattern) {
  std::string result;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern.substr(i, 2) != "\\u") {
      result.push_back(pattern[i]);
      if (pattern[i] == '\\' && i + 1 < pattern.size()) result.push_back(pattern[++i]);
      continue;
    }
    std::size_t end = i + 2;
    while (end < pattern.size() && end < i + 8 &&
           std::string_view("0123456789abcdefABCDEF").find(pattern[end]) !=
               std::string_view::npos) {
      ++end;
    }
    result.append("\\x{").append(pattern.substr(i + 2, end - i - 2)).push_back('}');
    i = end - 1;
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
    std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> context(
        pcre2_compile_context_create(nullptr), &pcre2_compile_context_free);
    // Java's dot stops at line ends of every kind; this is the nearest that PCRE2 has.
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANYCRLF);
    code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                              PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NO_UTF_CHECK,
                              &error, &position, context.get()));
    if (!code_) throw std::logic_error("the model's pattern does not compile: " + translated);
    pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE);
  }

  bool matches(std::string_view text) const {
    if (anything_) return true;
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
