// One SQLite database file with its connections: opened, migrated, checked.
//
// Made once by main (server/) or a test, before any thread runs; outlives ReaderPool and Writer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace carillon::store {

class Connection;

// SQLite refused or the disk is full. Not a client's fault: the server answers 500 or 503.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Database {
 public:
  // The database in `directory`/carillon.db, created if absent. Everything committed survives
  // kill -9 (WAL, synchronous=NORMAL; a power cut may lose the last moments, never consistency).
  // Throws StoreError, naming the path and the remedy: not writable, in use by another process,
  // not a database, or written by a newer version of Carillon.
  static Database open(const std::filesystem::path& directory);

  // A private database in the directory for temporary files ($TMPDIR, else /tmp), whose files are
  // unlinked as soon as every connection has them open: nothing is left behind, even by kill -9.
  // `readers` must then be known beforehand.
  static Database ephemeral(int readers);

  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;

  // A connection for reading, one for each thread that reads. Thread-safe only in that distinct
  // connections may be used by distinct threads.
  std::unique_ptr<Connection> connect_reader();
  // The one connection that writes.
  Connection& writer_connection();

  // Where the file is; empty when ephemeral. For the log.
  std::string location() const;

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace carillon::store
