// One SQLite connection with its prepared statements.
//
// For store/*.cpp and its tests only; everybody else holds a ReadTx or a WriteTx. A connection is
// used by one thread at a time: the writer thread, or whoever holds the reader's lease.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/database.h"
#include "store/rows.h"

struct sqlite3;
struct sqlite3_stmt;

namespace carillon::store {

// StoreError with SQLite's extended result code, so that Database can name the remedy.
class SqliteError : public StoreError {
 public:
  SqliteError(int code, const std::string& message) : StoreError(message), code_(code) {}
  int code() const { return code_; }

 private:
  int code_;
};

// Binds as BLOB what would otherwise be bound as TEXT.
struct Blob {
  std::string_view bytes;
};

// One use of a prepared statement: bound, stepped, and reset when it goes out of scope. What was
// bound must outlive it, because SQLite is told not to copy. Columns count from 0.
class Statement {
 public:
  Statement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  Statement(Statement&& other) noexcept
      : database_(other.database_),
        statement_(std::exchange(other.statement_, nullptr)),
        column_(other.column_) {}
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // True when there is a row. Throws StoreError.
  bool step();

  std::int64_t integer(int column) const;
  bool boolean(int column) const { return integer(column) != 0; }
  std::optional<std::int64_t> optional_integer(int column) const;
  std::string text(int column) const;
  OptionalText optional_text(int column) const;
  bool is_null(int column) const;

  // The same, column by column from the left: rows with many columns are read in their order.
  std::int64_t next_integer() { return integer(column_++); }
  bool next_boolean() { return boolean(column_++); }
  std::optional<std::int64_t> next_optional_integer() { return optional_integer(column_++); }
  std::string next_text() { return text(column_++); }
  OptionalText next_optional_text() { return optional_text(column_++); }

  // Parameters count from 1.
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, int value) { bind(parameter, static_cast<std::int64_t>(value)); }
  void bind(int parameter, bool value) { bind(parameter, static_cast<std::int64_t>(value)); }
  void bind(int parameter, std::string_view value);
  void bind(int parameter, const std::string& value) { bind(parameter, std::string_view(value)); }
  void bind(int parameter, const char* value) { bind(parameter, std::string_view(value)); }
  void bind(int parameter, Blob value);
  void bind(int parameter, std::nullopt_t);
  template <typename Value>
  void bind(int parameter, const std::optional<Value>& value) {
    if (value) {
      bind(parameter, *value);
    } else {
      bind(parameter, std::nullopt);
    }
  }

 private:
  void check_bound(int code) const;

  sqlite3* database_;
  sqlite3_stmt* statement_;
  int column_ = 0;
};

class Connection {
 public:
  enum class Role { kWriter, kReader };
  enum class Durability { kData, kEphemeral };

  // Opens the file, creating it if the role is kWriter. Changes nothing in an existing file.
  Connection(const std::string& path, Role role);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The settings of a connection that is going to be used. kWriter switches the file to WAL.
  void configure(Durability durability);

  // `sql` must be a literal: the statement is kept under its address.
  template <typename... Values>
  Statement query(const char* sql, const Values&... values) {
    Statement statement(database_, prepared(sql));
    int parameter = 0;
    (statement.bind(++parameter, values), ...);
    return statement;
  }

  // Runs a statement that writes and returns how many rows it changed. Opens the savepoint of the
  // job that is running, if this is its first write.
  template <typename... Values>
  std::int64_t execute(const char* sql, const Values&... values) {
    open_armed_savepoint();
    Statement statement = query(sql, values...);
    statement.step();
    return changes();
  }
  RowId last_insert_id() const;

  // Runs SQL that is not worth keeping: pragmas and the schema.
  void run(const std::string& sql);
  // The same; returns the integer in the first column of the first row, or 0.
  std::int64_t run_for_value(const std::string& sql);

  bool in_transaction() const;
  void begin();            // for reading; the snapshot is taken by the first query
  void begin_immediate();  // for writing
  void commit();
  // Does nothing when SQLite has already rolled back by itself, as it does when the disk is full.
  void rollback();

  // One job of a group commit. The savepoint is opened by the job's first write, so that a job that
  // only reads costs nothing.
  void arm_savepoint();
  // What the job wrote so far is kept whatever becomes of the rest.
  void keep_savepoint();
  // Both return whether the job wrote something that is kept.
  bool release_savepoint();
  bool rollback_savepoint();

  // Pages in the write-ahead log after the last commit of this connection.
  int wal_pages() const { return wal_pages_; }
  struct Checkpoint {
    int log_pages = 0;
    int checkpointed_pages = 0;
  };
  // Moves what it can from the log into the database, waiting for nobody.
  Checkpoint checkpoint_passive();
  // Also empties the log; false when a reader is in the way.
  bool checkpoint_truncate();

  // The texts of all statements prepared so far, for the test that looks at their query plans.
  std::vector<std::string> prepared_texts() const;

 private:
  sqlite3_stmt* prepared(const char* sql);
  void open_armed_savepoint();
  std::int64_t changes() const;

  enum class Savepoint { kNone, kArmed, kOpen };

  sqlite3* database_ = nullptr;
  Role role_;
  Savepoint savepoint_ = Savepoint::kNone;
  bool kept_ = false;  // something of the job that is running
  int wal_pages_ = 0;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

// The one row of a statement that finds at most one, as `read` makes it.
template <typename Read>
auto read_one(Statement statement, Read read) -> std::optional<decltype(read(statement))> {
  if (!statement.step()) return std::nullopt;
  return read(statement);
}

template <typename Read>
auto read_all(Statement statement, Read read) -> std::vector<decltype(read(statement))> {
  std::vector<decltype(read(statement))> rows;
  while (statement.step()) rows.push_back(read(statement));
  return rows;
}

}  // namespace carillon::store
