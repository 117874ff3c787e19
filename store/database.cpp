#include "store/database.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#include <vector>

#include <sqlite3.h>

#include "store/connection.h"
#include "store/migrations.h"

namespace carillon::store {

namespace fs = std::filesystem;

namespace {

constexpr char kFileName[] = "carillon.db";

// Says what SQLite's code means for whoever started the program.
StoreError explain(const SqliteError& error, const std::string& path) {
  switch (error.code() & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return StoreError(path +
                        " is in use by another process. Stop that one, or choose another data "
                        "directory.");
    case SQLITE_NOTADB:
      return StoreError(path +
                        " is not an SQLite database. Move the file away, or choose another data "
                        "directory.");
    case SQLITE_CORRUPT:
      return StoreError(path + " is damaged (" + error.what() +
                        "). Restore it from a copy, or choose another data directory.");
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return StoreError("Cannot write to " + path + " (" + error.what() +
                        "). Make the data directory writable, or choose another one.");
    case SQLITE_FULL: return StoreError("The disk that holds " + path + " is full.");
    default: return StoreError("Cannot open " + path + ": " + error.what());
  }
}

std::unique_ptr<Connection> connect_writer(const std::string& path,
                                           Connection::Durability durability) {
  try {
    auto connection = std::make_unique<Connection>(path, Connection::Role::kWriter);
    check_schema(*connection, path);
    connection->configure(durability);
    migrate(*connection);
    return connection;
  } catch (const SqliteError& error) {
    throw explain(error, path);
  }
}

std::unique_ptr<Connection> connect_reading(const std::string& path,
                                            Connection::Durability durability) {
  auto connection = std::make_unique<Connection>(path, Connection::Role::kReader);
  connection->configure(durability);
  return connection;
}

fs::path make_private_directory() {
  const char* configured = std::getenv("TMPDIR");
  const fs::path parent = configured != nullptr && *configured != '\0' ? configured : "/tmp";
  std::string name = (parent / "carillon-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw StoreError("Cannot make a directory in " + parent.string() + ": " + std::strerror(errno) +
                     ". Set TMPDIR to a directory that can be written to.");
  }
  return name;
}

// Removes the directory with all that is in it, at the latest when an exception passes.
class PrivateDirectory {
 public:
  PrivateDirectory() : path_(make_private_directory()) {}
  ~PrivateDirectory() {
    std::error_code ignored;  // remove() reports it when nothing else has gone wrong
    fs::remove_all(path_, ignored);
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;

  const fs::path& path() const { return path_; }
  void remove() {
    std::error_code error;
    fs::remove_all(path_, error);
    if (error) throw StoreError("Cannot remove " + path_.string() + ": " + error.message());
  }

 private:
  fs::path path_;
};

}  // namespace

struct Database::Impl {
  std::string path;  // empty when ephemeral
  std::unique_ptr<Connection> writer;
  std::vector<std::unique_ptr<Connection>> readers;  // opened beforehand, when ephemeral
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

Database Database::open(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    throw StoreError("Cannot make the data directory " + directory.string() + ": " +
                     error.message() + ". Make it by hand, or choose another one.");
  }
  auto impl = std::make_unique<Impl>();
  impl->path = (directory / kFileName).string();
  impl->writer = connect_writer(impl->path, Connection::Durability::kData);
  return Database(std::move(impl));
}

Database Database::ephemeral(int readers) {
  PrivateDirectory directory;
  const std::string path = (directory.path() / kFileName).string();
  auto impl = std::make_unique<Impl>();
  impl->writer = connect_writer(path, Connection::Durability::kEphemeral);
  for (int i = 0; i < readers; ++i) {
    impl->readers.push_back(connect_reading(path, Connection::Durability::kEphemeral));
    // SQLite opens the log with the first read, and would later open a new one by name.
    impl->readers.back()->run_for_value("PRAGMA user_version");
  }
  directory.remove();
  return Database(std::move(impl));
}

std::unique_ptr<Connection> Database::connect_reader() {
  if (!impl_->path.empty()) return connect_reading(impl_->path, Connection::Durability::kData);
  if (impl_->readers.empty()) {
    throw StoreError("An ephemeral database has only the readers it was made with.");
  }
  auto connection = std::move(impl_->readers.back());
  impl_->readers.pop_back();
  return connection;
}

Connection& Database::writer_connection() { return *impl_->writer; }

std::string Database::location() const { return impl_->path; }

}  // namespace carillon::store
