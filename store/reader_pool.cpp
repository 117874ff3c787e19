#include "store/reader_pool.h"

#include "store/connection.h"

namespace carillon::store {

struct ReaderPool::Reader {
  explicit Reader(std::unique_ptr<Connection> opened)
      : connection(std::move(opened)), tx(*connection) {}

  // With the mutex held. The count is read before the snapshot is taken, by the first query: the
  // snapshot may be newer than the count says, never older.
  void freshen(const std::atomic<std::uint64_t>& commits) {
    const std::uint64_t now = commits.load(std::memory_order_acquire);
    if (connection->in_transaction()) {
      if (seen == now) return;
      connection->commit();
    }
    seen = now;
    connection->begin();
  }

  void drop_if_stale(const std::atomic<std::uint64_t>& commits) {
    const bool stale = seen != commits.load(std::memory_order_acquire);
    if (stale && connection->in_transaction()) connection->commit();
  }

  std::mutex mutex;
  std::unique_ptr<Connection> connection;
  ReadTx tx;
  std::uint64_t seen = 0;  // commits_ when the snapshot was begun
};

ReaderPool::ReaderPool(Database& database, int readers) {
  for (int i = 0; i < readers; ++i) {
    readers_.push_back(std::make_unique<Reader>(database.connect_reader()));
  }
}

ReaderPool::~ReaderPool() = default;

void ReaderPool::drop_stale_snapshots() {
  for (const auto& reader : readers_) {
    const std::lock_guard lock(reader->mutex);
    reader->drop_if_stale(commits_);
  }
}

ReaderPool::Lease::Lease(ReaderPool& pool, int index)
    : reader_(*pool.readers_.at(static_cast<std::size_t>(index))) {
  std::unique_lock lock(reader_.mutex);
  reader_.freshen(pool.commits_);
  lock.release();  // the destructor unlocks
}

ReaderPool::Lease::~Lease() { reader_.mutex.unlock(); }

ReadTx& ReaderPool::Lease::tx() { return reader_.tx; }

}  // namespace carillon::store
