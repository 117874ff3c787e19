// Transactions as the operations see them: a ReadTx can only read, a WriteTx can do both.
//
// Operations in api/ receive one of the two by reference and hand it to the functions of the other
// headers of this folder (channels.h, messages.h, ...). They never begin, commit or roll back: that
// is the work of ReaderPool and Writer. A transaction belongs to the thread that is running it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace carillon::store {

class Connection;
class AccountScope;

class ReadTx {
 public:
  explicit ReadTx(Connection& connection) : connection_(connection) {}
  ReadTx(const ReadTx&) = delete;
  ReadTx& operator=(const ReadTx&) = delete;

  // For store/*.cpp only: the prepared statements live there.
  Connection& connection() const { return connection_; }

  // Whether rows of this ARN are there for whoever runs the transaction: see AccountScope. Every
  // function that looks something up by an ARN asks.
  bool sees(std::string_view arn) const;

 private:
  friend class AccountScope;
  Connection& connection_;
  AccountScope* scope_ = nullptr;
};

// As long as it lives, the transaction sees nothing but what is of one account in one region, as if
// the rest did not exist. Without one it sees everything, as the server's own work has to.
class AccountScope {
 public:
  // `arn_prefix` is "arn:aws:chime:REGION:ACCOUNT:".
  AccountScope(ReadTx& tx, std::string arn_prefix) : tx_(tx), arn_prefix_(std::move(arn_prefix)) {
    tx_.scope_ = this;
  }
  ~AccountScope() { tx_.scope_ = nullptr; }
  AccountScope(const AccountScope&) = delete;
  AccountScope& operator=(const AccountScope&) = delete;

  // The first ARN from outside that somebody looked for, or "".
  const std::string& foreign_arn() const { return foreign_arn_; }

 private:
  friend class ReadTx;
  bool covers(std::string_view arn) {
    if (arn.substr(0, arn_prefix_.size()) == arn_prefix_) return true;
    if (foreign_arn_.empty()) foreign_arn_ = arn;
    return false;
  }

  ReadTx& tx_;
  const std::string arn_prefix_;
  std::string foreign_arn_;
};

inline bool ReadTx::sees(std::string_view arn) const {
  return scope_ == nullptr || scope_->covers(arn);
}

class WriteTx : public ReadTx {
 public:
  // `batch` numbers the group of jobs that commit together; see below.
  WriteTx(Connection& connection, std::int64_t batch) : ReadTx(connection), batch_(batch) {}

  // Jobs that ran in the same group commit see the same number; no two groups of one database file
  // do. Two callbacks that meet in one batch are what the service calls a conflict.
  std::int64_t batch() const { return batch_; }

  // What was written so far stays even if the job ends by being rolled back.
  void keep();

 private:
  std::int64_t batch_;
};

}  // namespace carillon::store
