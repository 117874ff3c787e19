#include "store/connection.h"

#include <cassert>
#include <climits>
#include <mutex>

#include <sqlite3.h>

#include "store/limits.h"

namespace carillon::store {

namespace {

constexpr char kBegin[] = "BEGIN";
constexpr char kBeginImmediate[] = "BEGIN IMMEDIATE";
constexpr char kCommit[] = "COMMIT";
constexpr char kRollback[] = "ROLLBACK";
constexpr char kSavepoint[] = "SAVEPOINT job";
constexpr char kReleaseSavepoint[] = "RELEASE job";
constexpr char kRollbackSavepoint[] = "ROLLBACK TO job";

// This VFS is SQLite's own for files that one process uses alone. It refuses every other process,
// keeps the index of the log in this process's memory, and needs no system call to begin a read.
constexpr char kExclusiveVfs[] = "unix-excl";

// SQLite counts every allocation under one global lock unless told not to before its first use.
void initialize_sqlite() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
  });
}

[[noreturn]] void fail(sqlite3* database, const std::string& doing) {
  const int code = sqlite3_extended_errcode(database);
  throw SqliteError(code, "SQLite cannot " + doing + ": " + sqlite3_errmsg(database) + " (code " +
                              std::to_string(code) + ")");
}

}  // namespace

Statement::~Statement() {
  // The code repeats the failure of the last step, which has been thrown already.
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

bool Statement::step() {
  column_ = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  fail(database_, std::string("run \"") + sqlite3_sql(statement_) + "\"");
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::string Statement::text(int column) const {
  // Asked for as text, SQLite would copy the value to append a zero that nobody reads.
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  if (bytes == nullptr) return {};
  return std::string(bytes, static_cast<std::size_t>(size));
}

OptionalText Statement::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void Statement::bind(int parameter, std::int64_t value) {
  check_bound(sqlite3_bind_int64(statement_, parameter, value));
}

void Statement::bind(int parameter, std::string_view value) {
  // A null pointer would bind NULL, and an empty view may well have one.
  const char* data = value.empty() ? "" : value.data();
  check_bound(
      sqlite3_bind_text64(statement_, parameter, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind(int parameter, Blob value) {
  const char* data = value.bytes.empty() ? "" : value.bytes.data();
  check_bound(sqlite3_bind_blob64(statement_, parameter, data, value.bytes.size(), SQLITE_STATIC));
}

void Statement::bind(int parameter, std::nullopt_t) {
  check_bound(sqlite3_bind_null(statement_, parameter));
}

void Statement::check_bound(int code) const {
  if (code != SQLITE_OK)
    fail(database_, std::string("bind to \"") + sqlite3_sql(statement_) + "\"");
}

Connection::Connection(const std::string& path, Role role) : role_(role) {
  initialize_sqlite();
  // Readers too open the file for writing: in WAL mode they take part in recovery.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (role == Role::kWriter ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &database_, flags, kExclusiveVfs);
  if (code == SQLITE_OK) return;
  const std::string message = database_ ? sqlite3_errmsg(database_) : sqlite3_errstr(code);
  sqlite3_close(database_);
  throw SqliteError(code, "SQLite cannot open " + path + ": " + message);
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

void Connection::configure(Durability durability) {
  // First: the switch to WAL already writes.
  run(durability == Durability::kData ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = OFF");
  if (role_ == Role::kWriter) {
    run("PRAGMA journal_mode = WAL");
    // Writer checkpoints by itself, when answers have been given and readers let go.
    sqlite3_wal_hook(
        database_,
        [](void* self, sqlite3*, const char*, int pages) {
          static_cast<Connection*>(self)->wal_pages_ = pages;
          return SQLITE_OK;
        },
        this);
    run("PRAGMA journal_size_limit = " + std::to_string(kWalFileBytesKept));
  } else {
    run("PRAGMA query_only = ON");
  }
  run("PRAGMA temp_store = MEMORY");
  run("PRAGMA foreign_keys = OFF");
  run("PRAGMA trusted_schema = OFF");
  run("PRAGMA mmap_size = " + std::to_string(kMappedBytesMax));
  const int cache_kib = role_ == Role::kWriter ? kWriterCacheKibMax : kReaderCacheKibMax;
  run("PRAGMA cache_size = -" + std::to_string(cache_kib));
}

RowId Connection::last_insert_id() const { return sqlite3_last_insert_rowid(database_); }

std::int64_t Connection::changes() const { return sqlite3_changes64(database_); }

void Connection::run(const std::string& sql) {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail(database_, "run \"" + sql + "\"");
  }
}

std::int64_t Connection::run_for_value(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK) {
    fail(database_, "prepare \"" + sql + "\"");
  }
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> owner(raw, &sqlite3_finalize);
  Statement statement(database_, raw);
  return statement.step() ? statement.integer(0) : 0;
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

void Connection::begin() { query(kBegin).step(); }
void Connection::begin_immediate() { query(kBeginImmediate).step(); }
void Connection::commit() { query(kCommit).step(); }

void Connection::rollback() {
  savepoint_ = Savepoint::kNone;
  if (in_transaction()) query(kRollback).step();
}

void Connection::arm_savepoint() {
  assert(savepoint_ == Savepoint::kNone);
  savepoint_ = Savepoint::kArmed;
  kept_ = false;
}

void Connection::open_armed_savepoint() {
  if (savepoint_ != Savepoint::kArmed) return;
  query(kSavepoint).step();
  savepoint_ = Savepoint::kOpen;
}

void Connection::keep_savepoint() {
  if (savepoint_ != Savepoint::kOpen) return;
  query(kReleaseSavepoint).step();
  kept_ = true;
  savepoint_ = Savepoint::kArmed;
}

bool Connection::release_savepoint() {
  const bool open = std::exchange(savepoint_, Savepoint::kNone) == Savepoint::kOpen;
  if (open) query(kReleaseSavepoint).step();
  return open || kept_;
}

bool Connection::rollback_savepoint() {
  if (std::exchange(savepoint_, Savepoint::kNone) == Savepoint::kOpen) {
    query(kRollbackSavepoint).step();
    query(kReleaseSavepoint).step();
  }
  return kept_;
}

Connection::Checkpoint Connection::checkpoint_passive() {
  Checkpoint result;
  const int code = sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             &result.log_pages, &result.checkpointed_pages);
  if (code != SQLITE_OK) fail(database_, "checkpoint");
  return result;
}

bool Connection::checkpoint_truncate() {
  const int code =
      sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if ((code & 0xff) == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) fail(database_, "checkpoint");
  wal_pages_ = 0;
  return true;
}

std::vector<std::string> Connection::prepared_texts() const {
  std::vector<std::string> texts;
  for (const auto& [sql, statement] : statements_) texts.emplace_back(sql);
  return texts;
}

sqlite3_stmt* Connection::prepared(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    const int code =
        sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) fail(database_, std::string("prepare \"") + sql + "\"");
  }
  assert(!sqlite3_stmt_busy(statement) && "a statement is used while it is already in use");
  return statement;
}

}  // namespace carillon::store
