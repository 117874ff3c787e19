// Transactions as the operations see them: a ReadTx can only read, a WriteTx can do both.
//
// Operations in api/ receive one of the two by reference and hand it to the functions of the other
// headers of this folder (channels.h, messages.h, ...). They never begin, commit or roll back: that
// is the work of ReaderPool and Writer. A transaction belongs to the thread that is running it.
#pragma once

#include <cstdint>

namespace carillon::store {

class Connection;

class ReadTx {
 public:
  explicit ReadTx(Connection& connection) : connection_(connection) {}
  ReadTx(const ReadTx&) = delete;
  ReadTx& operator=(const ReadTx&) = delete;

  // For store/*.cpp only: the prepared statements live there.
  Connection& connection() const { return connection_; }

 private:
  Connection& connection_;
};

class WriteTx : public ReadTx {
 public:
  // `batch` numbers the group of jobs that commit together; see below.
  WriteTx(Connection& connection, std::int64_t batch) : ReadTx(connection), batch_(batch) {}

  // Jobs that ran in the same group commit see the same number; no two groups of one database file
  // do. Two callbacks that meet in one batch are what the service calls a conflict.
  std::int64_t batch() const { return batch_; }

 private:
  std::int64_t batch_;
};

}  // namespace carillon::store
