// The store's named limits. Each is here because something would otherwise grow without bound.
#pragma once

#include <cstddef>
#include <cstdint>

namespace carillon::store {

// Jobs waiting for the writer thread. One more is refused, which the server answers with 503.
inline constexpr std::size_t kWriterQueueJobsMax = 4'096;

// Jobs that one transaction takes at the most, so that the first of them is not kept waiting.
inline constexpr std::size_t kWriterBatchJobsMax = 256;

// Pages in the write-ahead log after which the writer checkpoints and asks readers for new
// snapshots. One batch may add its own pages beyond that.
inline constexpr int kWalPagesBeforeCheckpoint = 1'000;

// The log's file is cut back to this size when it starts anew; within it, it is written over.
inline constexpr std::int64_t kWalFileBytesKept = 16LL * 1024 * 1024;

// Of the database file this much is read through a mapping, the rest with system calls: room for
// some 2.5 million messages. It costs addresses; the memory is the page cache's own.
inline constexpr std::int64_t kMappedBytesMax = 1024LL * 1024 * 1024;

// Memory for pages that were changed, or read from the log; each connection has its own.
inline constexpr int kWriterCacheKibMax = 8'192;
inline constexpr int kReaderCacheKibMax = 1'024;

// Rows that one purge job deletes: a deleted channel's messages go in steps, other writers between.
inline constexpr int kPurgeRowsPerStep = 500;

// Of callbacks that are over, this many of the newest keep the event that the processor was sent,
// for the admin endpoint.
inline constexpr std::int64_t kCallbackEventsMax = 10'000;

// Callbacks that are over are kept at all until their time to call back has passed, because until
// then they tell a second ChannelFlowCallback what became of the first; and longer while they are
// among the newest.
inline constexpr std::int64_t kCallbacksMax = 100'000;

// After this many new callbacks the old ones are dropped, twice as many at the most.
inline constexpr int kCallbacksDroppedTogether = 256;

// Push notifications that are kept for the admin endpoint: the newest. Older ones are dropped after
// this many new ones.
inline constexpr std::int64_t kPushNotificationsKept = 10'000;
inline constexpr int kPushNotificationsDroppedTogether = 256;

// Messages of which not all members of a large channel have been notified yet. When there are more,
// the oldest is dropped, and with it the notifications of those whose turn had not come.
inline constexpr std::int64_t kPushFanOutsMax = 1'000;

// Looks at single memberships that one search of channels takes. Beyond it, a search ends with what
// it has and where to go on.
inline constexpr std::size_t kSearchStepsMax = 10'000;

// Client request tokens are kept this long at the least, unless there are more than this; the
// oldest go first.
inline constexpr std::int64_t kTokenAgeMsMin = 24LL * 60 * 60 * 1'000;
inline constexpr std::int64_t kTokensMax = 100'000;

// After this many new tokens the old ones are dropped, twice as many expired ones at the most.
// There may be as many more than kTokensMax.
inline constexpr int kTokensDroppedTogether = 4'096;

}  // namespace carillon::store
