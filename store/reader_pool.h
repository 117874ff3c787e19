// The readers' connections, one for each I/O thread, and the snapshots they read from.
//
// Beginning a read transaction in WAL mode costs several system calls, more than the read itself.
// A reader therefore keeps its snapshot until something was committed since; the writer tells by
// bumping one atomic counter. A checkpoint asks all readers to let go of stale snapshots, so that
// an idle reader cannot keep the log growing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "store/database.h"
#include "store/transaction.h"

namespace carillon::store {

class ReaderPool {
 public:
  ReaderPool(Database& database, int readers);
  ~ReaderPool();

  // Runs `read(ReadTx&)` on reader `index` (0 .. readers-1) on the calling thread and returns its
  // result. Sees everything whose commit was announced before the call. Thread-safe; two threads
  // with the same index take turns.
  template <typename Read>
  auto read(int index, Read&& read) {
    Lease lease(*this, index);
    return std::forward<Read>(read)(lease.tx());
  }

  // Called by Writer after every commit, on the writer thread, before any answer is given.
  void announce_commit() { commits_.fetch_add(1, std::memory_order_release); }
  // Called by Writer before it restarts the log: readers drop snapshots that are out of date.
  void drop_stale_snapshots();

 private:
  struct Reader;
  class Lease {
   public:
    Lease(ReaderPool& pool, int index);
    ~Lease();
    ReadTx& tx();

   private:
    Reader& reader_;
  };

  std::atomic<std::uint64_t> commits_{0};
  std::vector<std::unique_ptr<Reader>> readers_;
};

}  // namespace carillon::store
