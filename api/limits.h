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

// Tags that one resource can have. Documented, and the model's for one request.
inline constexpr std::size_t kTagsPerResourceMax = 50;

// How long messages stay after a retention period was set or changed. Documented: 30 days.
inline constexpr std::int64_t kRetentionGraceMs = 30LL * 24 * 60 * 60 * 1'000;

// The FilterRule of membership preferences, in UTF-8 bytes. Documented: 2 KB.
inline constexpr std::size_t kFilterRuleBytesMax = 2'048;

// Its keys and values together. Documented.
inline constexpr int kFilterRuleComplexityMax = 20;

// The rules of one "$or" in it. Documented.
inline constexpr std::size_t kFilterRuleAlternativesMax = 5;

// Status.Detail, in code points. The model's: StatusDetail.
inline constexpr std::size_t kStatusDetailCodePointsMax = 256;

// Rows of a page when the request does not say. Our reading: the model's maximum.
inline constexpr int kPageRowsDefault = 50;

// Violations that one answer spells out; the count still names all of them. Ours: a small body can
// hold a hundred thousand violations, and the answer must not be a hundred times its size.
inline constexpr int kViolationsShownMax = 200;

// Bytes of a request's target (and of its method) that the answer to an unknown route repeats.
inline constexpr std::size_t kRequestLineBytesShownMax = 256;

// A longer text is not matched against patterns, because one of the model's takes a time that grows
// with the square of the length. Every shape with a pattern takes 2,048 code points at the most, so
// a longer value is refused for its length already.
inline constexpr std::size_t kPatternTextBytesMax = 8'192;

// How deep a body may nest. The deepest input of the model has 5 levels. Ours: reading it must not
// need a deep stack.
inline constexpr int kJsonDepthMax = 64;

// Rows of a page at the admin endpoint, when the request does not say and at the most.
inline constexpr int kAdminPageRowsDefault = 100;
inline constexpr int kAdminPageRowsMax = 1'000;

// Where request rates are counted. Requests for keys in different shards do not wait for each
// other. Of each shard at most twice as many keys are known; when more than this many come in a
// second, which no test does, the others start anew.
inline constexpr std::size_t kBucketShards = 16;
inline constexpr std::size_t kBucketsOfShardMax = 1'024;

// Callbacks that one expiry job ends, so that a thousand of them do not hold up other writers.
inline constexpr int kExpiredCallbacksPerStep = 100;

// A user's messaging sessions at a time, and how often he may connect if quotas are enforced.
// Source: service quotas, WebSocket connections.
inline constexpr int kSessionsOfUserMax = 10;
inline constexpr int kConnectsOfUserPerSecond = 1;

// Why a session ends, in bytes: the reason of its close frame. RFC 6455: 125 with the code.
inline constexpr std::size_t kCloseReasonBytesMax = 123;

// What a session that asks for it gets told at its start. Documented: 50 channels, of each the 20
// newest messages and 30 members.
inline constexpr std::size_t kPrefetchChannelsMax = 50;
inline constexpr int kPrefetchMessagesMax = 20;
inline constexpr int kPrefetchMembershipsMax = 30;

// Of a user's channels, the newest so many are looked at for it. Ours: finding out which of them
// have something new costs for each, and a connect must not take seconds.
inline constexpr int kPrefetchCandidatesMax = 1'000;

// Members of a channel, each counted once for each of his endpoints, that one step looks at when
// push notifications are recorded. For the first of them it is a part of the request.
inline constexpr int kPushReceiversPerStep = 256;

// How far a signature's time may be from ours, either way. Documented for AWS services: 15 minutes
// in most of them.
inline constexpr std::int64_t kSignatureSkewMsMax = 15 * 60 * 1'000;

// How long a presigned URL may be good. Documented: seven days.
inline constexpr std::int64_t kPresignedSecondsMax = 604'800;

}  // namespace carillon::api
