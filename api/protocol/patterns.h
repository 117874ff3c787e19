// The model's patterns, compiled from its own text and matched against whole strings. Thread-safe;
// each pattern is compiled at its first use.
#pragma once

#include <string_view>

namespace carillon::api::protocol {

// `index` is Shape::pattern, `text` valid UTF-8. A text of more than kPatternTextBytesMax bytes
// passes unseen: it is too long for every shape that has a pattern.
bool matches_pattern(int index, std::string_view text);

}  // namespace carillon::api::protocol
