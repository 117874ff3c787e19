// The server's named limits. Each is here because something would otherwise grow, or wait, without
// bound. What a user may want to change is a flag (config.h) whose default stands here.
#pragma once

#include <chrono>
#include <cstddef>

namespace carillon::server {

// --- What a client may send ---

// A request's body. The largest input of the service, a message with push settings and attributes,
// is far below; without a limit one client could fill the memory.
inline constexpr std::size_t kRequestBodyBytesMax = 1024 * 1024;

// A request's header fields together, and separately its request line. Signed requests of real
// clients have about 1 KiB.
inline constexpr std::size_t kRequestHeaderBytesMax = 16 * 1024;

// The request target. The longest that the service's model allows is a path with two ARNs, every
// character percent-encoded, and a NextToken: below this.
inline constexpr std::size_t kTargetBytesMax = 15 * 1024;

// What a session's input buffer starts with and may grow to: a whole header, and room for the
// start of the body or for pipelined requests behind it.
inline constexpr std::size_t kInputBufferBytesMin = 4 * 1024;
inline constexpr std::size_t kInputBufferBytesMax = 64 * 1024;

// Empty lines before a request line are skipped, as HTTP asks; more than this is garbage.
inline constexpr int kLeadingEmptyLinesMax = 8;

// Where a request's header fields are kept: most fit, and cost no allocation. A body's buffer that
// grew beyond the second for one large body is given back afterwards.
inline constexpr std::size_t kHeaderArenaBytes = 4 * 1024;
inline constexpr std::size_t kBodyKeepBytesMax = 64 * 1024;

// Answers to pipelined requests that gather before they are sent. Reading goes on only after that,
// so a client that does not read its answers stops being read from.
inline constexpr std::size_t kOutputGatherBytesMax = 64 * 1024;
// An output buffer that grew beyond this for one large answer is given back afterwards.
inline constexpr std::size_t kOutputKeepBytesMax = 256 * 1024;

// --- How many ---

inline constexpr int kIoThreadsMax = 16;
// Connections at a time (--max-connections). A test suite keeps a few dozen open.
inline constexpr int kConnectionsDefault = 1'024;
inline constexpr int kConnectionsMax = 100'000;
// Connections beyond that number which still get a 503 to read; further ones are closed at once.
inline constexpr int kRefusedConnectionsMax = 64;
// Requests whose body is being received or that wait for the writer (--max-in-flight). Together
// with the body limit this bounds the memory that requests take.
inline constexpr int kInFlightDefault = 512;
inline constexpr int kInFlightMax = 100'000;
// Connections that the kernel completes before the listener takes them.
inline constexpr int kListenBacklog = 1'024;

// --- How long ---

// From a request's first byte to its last (--read-timeout).
inline constexpr std::chrono::milliseconds kReadTimeoutDefault{30'000};
// From one request to the next on a connection (--idle-timeout). Longer than the 5 to 60 s after
// which SDKs' own pools let go, so that they rarely meet a connection that is just being closed.
inline constexpr std::chrono::milliseconds kIdleTimeoutDefault{75'000};
// For a connected user's client to answer pings (--session-idle-timeout); it gets one at half of
// this. Long enough for a browser's tab in the background, short enough to notice a lost one.
inline constexpr std::chrono::milliseconds kSessionIdleTimeoutDefault{60'000};
// For the client to take an answer.
inline constexpr std::chrono::milliseconds kSendTimeout{30'000};
// After an answer that ends the connection, unread input is discarded for this long and up to this
// many bytes: closing at once would reset the connection and take the answer away from the client.
inline constexpr std::chrono::milliseconds kLingerTimeout{2'000};
inline constexpr std::size_t kLingerBytesMax = 8 * 1024 * 1024;
// What one read of that takes.
inline constexpr std::size_t kLingerReadBytes = 4 * 1024;
// For requests in flight to finish after SIGTERM (--shutdown-timeout). Container engines kill
// after 10 s.
inline constexpr std::chrono::milliseconds kShutdownTimeoutDefault{8'000};
// How often a thread looks at the deadlines of its sessions: they are exact to this.
inline constexpr std::chrono::milliseconds kSweepPeriodMax{200};
inline constexpr std::chrono::milliseconds kSweepPeriodMin{5};
// The listener's pause after a failure that trying at once would repeat: no file descriptor is
// left, for one.
inline constexpr std::chrono::milliseconds kAcceptRetryDelay{100};

// --- Messaging sessions ---

// For the upgrade to be written, and for the closing handshake.
inline constexpr std::chrono::milliseconds kSessionHandshakeTimeout{5'000};
// From the decision to end a session, or the client's close frame, until its connection is closed
// even if the client has neither taken what it was sent nor answered.
inline constexpr std::chrono::milliseconds kSessionCloseTimeout{2'000};
// Events that wait for a client to read. One that falls further behind is closed: it would cost
// memory without bound, or, were it waited for, everybody else's time.
inline constexpr std::size_t kOutboxEventsMax = 4'096;
inline constexpr std::size_t kOutboxBytesMax = 4 * 1024 * 1024;
// A client has nothing to send; what it sends all the same is told apart from what cannot be right.
inline constexpr std::size_t kClientMessageBytesMax = 4 * 1024;
// Deliveries after which the thread's other connections get their turn.
inline constexpr std::size_t kDeliveriesPerTurnMax = 256;
// Requests' events that a thread has not told its sessions yet, and what waits behind them: with
// more, whoever writes, on whichever thread, waits for them, so that nobody's events come late by
// more than it takes to tell about so many.
inline constexpr std::size_t kHubBacklogPause = 16;
// When even that does not help, because processors' reports wait for nobody: with so many the
// thread's sessions are closed as slow clients are, for the rest would cost memory without bound.
inline constexpr std::size_t kHubBacklogMax = 16'384;
// Channels of a user that one job of the writer reads.
inline constexpr int kSessionChannelsPerStep = 1'000;

// --- TLS ---

// What TLS encrypts in one piece, and what is written at a time.
inline constexpr std::size_t kTlsRecordBytesMax = 16 * 1024;
// Names that a certificate of ours is for (--tls-san).
inline constexpr std::size_t kTlsNamesMax = 100;
// A file with a key, or with a certificate and its chain.
inline constexpr std::size_t kTlsFileBytesMax = 1'048'576;
inline constexpr std::size_t kSerialBytes = 16;
// Our own authority's certificate is to be trusted once. Browsers trust the server's own for 398
// days at most, so it gets one less.
inline constexpr std::chrono::days kAuthorityLifetime{3'650};
inline constexpr std::chrono::days kLeafLifetime{397};
// When it is first needed after a start with less than this left, a certificate is made anew.
inline constexpr std::chrono::days kCertificateRenewal{30};
// Certificates are valid from some time before they are made: clients' clocks differ.
inline constexpr std::chrono::days kCertificateBackdating{1};

// --- Processors ---

// Invocations at a time for each target (--processor-concurrency).
inline constexpr int kProcessorConcurrencyDefault = 16;
inline constexpr int kProcessorConcurrencyMax = 1'000;
// Invocations that wait in memory for each target. What does not fit is read from the database
// again when half of them are done.
inline constexpr std::size_t kInvocationQueueMax = 1'024;
// Rows that one look into the database for waiting invocations takes.
inline constexpr int kInvocationScanRows = 256;
// Targets: each keeps a queue and connections.
inline constexpr std::size_t kProcessorTargetsMax = 1'000;
// A target's URL, and the name by which its endpoint knows the function: an ARN at the longest.
inline constexpr std::size_t kTargetTextBytesMax = 2'048;
// Errors that the answer to a wrong target spells out; the count still names all of them.
inline constexpr int kTargetErrorsShownMax = 20;
// To have a connection, name lookup included (--processor-connect-timeout).
inline constexpr std::chrono::milliseconds kProcessorConnectTimeoutDefault{2'000};
// From the connection to the answer's last byte (--processor-answer-timeout).
inline constexpr std::chrono::milliseconds kProcessorAnswerTimeoutDefault{30'000};
// An idle connection to a processor is kept for this long. Node.js servers close theirs after 5 s.
inline constexpr std::chrono::milliseconds kProcessorIdleConnectionAge{4'000};
// What an endpoint may answer; Lambda's own limit is 6 MB. A longer answer costs the connection.
inline constexpr std::size_t kProcessorAnswerBytesMax = 8 * 1024 * 1024;
inline constexpr std::size_t kProcessorAnswerHeaderBytesMax = 64 * 1024;
// What one read of an answer takes.
inline constexpr std::size_t kProcessorReadBytes = 16 * 1024;
// What of a refusal's body is told in the callback's detail.
inline constexpr std::size_t kProcessorAnswerQuotedBytes = 200;
// Name lookups at a time. They run on threads of their own: one that hangs must hold up nobody.
inline constexpr int kNameLookupsMax = 16;
// The pause before a report or a purge step that the writer's full queue refused is tried again.
inline constexpr std::chrono::milliseconds kWriterRetryDelay{50};

// The pause before a look into the database for waiting invocations that failed is tried again.
inline constexpr std::chrono::milliseconds kScanRetryDelay{1'000};

// The pause before work of our own that the disk has refused, because it is full for one, is tried
// again: a processor's report, expired callbacks, a purge step.
inline constexpr std::chrono::milliseconds kDiskRetryDelay{500};

// --- Deadlines ---

// Callback deadlines are wall time. The timer wakes at least this often to look at the clock, which
// may have been set or have stood still while the machine slept.
inline constexpr std::chrono::milliseconds kDeadlineNapMax{60'000};

// --- carillon ready ---

// One question to the server, connecting included, and the pause before the next (--wait).
inline constexpr std::chrono::milliseconds kReadyAttemptTimeout{2'000};
inline constexpr std::chrono::milliseconds kReadyRetryDelay{50};

// --- carillon listen ---

// To have a connection, and then for TLS and for the upgrade each.
inline constexpr std::chrono::milliseconds kListenConnectTimeout{10'000};
// A server that is silent gets a ping at half of this, and is given up at the end of it.
inline constexpr std::chrono::milliseconds kListenIdleTimeout{60'000};
// After a session is lost a new one is tried for this long, with pauses that grow; the first three
// are what amazon-chime-sdk-js does.
inline constexpr std::chrono::milliseconds kListenGiveUpAfter{10'000};
inline constexpr std::chrono::milliseconds kListenRetryDelayMin{1'000};
inline constexpr std::chrono::milliseconds kListenRetryDelayMax{5'000};
inline constexpr std::chrono::milliseconds kListenRetryDelayLeast{50};
// The address is used as soon as it is signed.
inline constexpr std::chrono::seconds kListenSignatureLifetime{60};
// A frame. The server's largest, a channel's details, are far below.
inline constexpr std::size_t kListenFrameBytesMax = 16 * 1024 * 1024;
inline constexpr int kListenCountMax = 1'000'000'000;
// What lines for people show of a name, a content, an ARN, and a list of members.
inline constexpr std::size_t kListenNameCodePointsMax = 80;
inline constexpr std::size_t kListenContentCodePointsMax = 200;
inline constexpr std::size_t kListenArnCodePointsMax = 1'600;
inline constexpr std::size_t kListenNamesMax = 10;
// Channels whose names are remembered.
inline constexpr std::size_t kListenChannelNamesMax = 10'000;

// --- Log ---

// Lines that wait to be written. When whatever reads our output stops reading, lines are dropped
// and counted: a log nobody reads must not hold up requests.
inline constexpr std::size_t kLogBufferBytesMax = 4 * 1024 * 1024;
// Lines gather for this long before they are written in one call.
inline constexpr std::chrono::milliseconds kLogGatherTime{50};
// How long the log's thread waits for a reader that does not read before it looks whether the
// server is ending.
inline constexpr std::chrono::milliseconds kLogPollTime{100};
// What is written to a pipe at a time: one that is ready takes this much without blocking, of more
// the rest might block for ever. POSIX: PIPE_BUF.
inline constexpr std::size_t kLogPipeWriteBytesMax = 4'096;
// What is left of the log at exit gets this long to be written.
inline constexpr std::chrono::milliseconds kLogExitTime{1'000};

// --- Settings ---

// Access keys that signatures are checked with.
inline constexpr std::size_t kCredentialsMax = 1'000;

// The size of --credentials-file.
inline constexpr std::size_t kCredentialsFileBytesMax = 1'048'576;

}  // namespace carillon::server
