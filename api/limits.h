// The service's limits that its model does not carry, and our own. Each names its source.
#pragma once

#include <cstddef>
#include <cstdint>

namespace carillon::api {

// A STANDARD message's content, in UTF-8 bytes. Documented: 4 KB.
inline constexpr std::size_t kMessageContentBytesMax = 4'096;

// A CONTROL message's content, in UTF-8 bytes. Documented: 30 bytes, and no metadata.
inline constexpr std::size_t kControlContentBytesMax = 30;

// All keys and values of a message's attributes together, in UTF-8 bytes. Documented: 1 KB.
inline constexpr std::size_t kMessageAttributesBytesMax = 1'024;

// Status.Detail, in code points. The model's: StatusDetail.
inline constexpr std::size_t kStatusDetailCodePointsMax = 256;

// Rows of a page when the request does not say. Our reading: the model's maximum.
inline constexpr int kPageRowsDefault = 50;

// Violations that one answer spells out; the count still names all of them. Ours: a small body can
// hold a hundred thousand violations, and the answer must not be a hundred times its size.
inline constexpr int kViolationsShownMax = 200;

// Callbacks that one expiry job ends, so that a thousand of them do not hold up other writers.
inline constexpr int kExpiredCallbacksPerStep = 100;

}  // namespace carillon::api
