// A decoded request together with the operation that it is for, ready to run in a transaction. The
// generated table names make_invocation<&operation> for every implemented operation; that is all
// the wiring that a new operation needs.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/call.h"
#include "api/http.h"
#include "api/protocol/codec.h"
#include "api/protocol/json.h"
#include "api/protocol/model.h"
#include "api/result.h"
#include "store/transaction.h"

namespace carillon::api::protocol {

class Invocation {
 public:
  explicit Invocation(const Operation& operation) : operation_(operation) {}
  virtual ~Invocation() = default;

  const Operation& operation() const { return operation_; }

  Caller caller;
  // The ARNs that have to be provisioned before the operation runs; then it needs a WriteTx.
  std::vector<std::string> mentioned;

  // On the thread that owns the transaction, which then sees what is the caller's. Applies
  // ClientRequestToken idempotency to writes.
  HttpResponse run(Call& call, store::ReadTx& tx);
  HttpResponse run(Call& call, store::WriteTx& tx);

 protected:
  // The operation's JSON answer, or its error.
  virtual Result<std::string> answer(Call& call, store::ReadTx& tx) = 0;
  virtual Result<std::string> answer(Call& call, store::WriteTx& tx) = 0;
  // The decoded input as JSON, by which two requests are compared.
  virtual std::string canonical_input() const = 0;
  // The members that tell one caller's tokens from another's: bearer and path labels, joined.
  std::string token_scope;
  std::string token;
  friend std::unique_ptr<Invocation> finish_binding(std::unique_ptr<Invocation>, const BoundInput&);

 private:
  template <typename Tx>
  HttpResponse run_as_caller(Call& call, Tx& tx, const store::AccountScope& scope);
  HttpResponse run_once(Call& call, store::ReadTx& tx);
  HttpResponse run_once(Call& call, store::WriteTx& tx);
  HttpResponse render_answer(Result<std::string> answer) const;

  const Operation& operation_;
};

// What the keys of all client request tokens of an account begin with.
std::string token_key_prefix(std::string_view account);

// Notes the client request token, if the operation has one.
std::unique_ptr<Invocation> finish_binding(std::unique_ptr<Invocation> invocation,
                                           const BoundInput& bound);

inline std::string encode_answer(const Nothing&) { return {}; }
template <typename Out>
std::string encode_answer(const Out& out) {
  json::Writer writer;
  encode(writer, out);
  return writer.take();
}

template <typename In, typename Out, typename Tx>
class TypedInvocation final : public Invocation {
 public:
  using Function = Result<Out> (*)(Call&, Tx&, const In&);

  TypedInvocation(const Operation& operation, Function function, const BoundInput& bound)
      : Invocation(operation), function_(function) {
    decode(bound, in_);
  }

 protected:
  Result<std::string> answer(Call& call, store::ReadTx& tx) override { return invoke(call, tx); }
  Result<std::string> answer(Call& call, store::WriteTx& tx) override { return invoke(call, tx); }

  std::string canonical_input() const override {
    json::Writer writer;
    encode(writer, in_);
    return writer.take();
  }

 private:
  template <typename GivenTx>
  Result<std::string> invoke(Call& call, GivenTx& tx) {
    if constexpr (std::is_convertible_v<GivenTx&, Tx&>) {
      auto out = function_(call, tx, in_);
      if (!out) return std::move(out).error();
      return encode_answer(*out);
    } else {
      // The server asks reads() before it chooses a transaction.
      throw std::logic_error("an operation that writes was given a read transaction");
    }
  }

  Function function_;
  In in_;
};

template <typename In, typename Out, typename Tx>
std::unique_ptr<Invocation> make_typed(const Operation& operation, const BoundInput& bound,
                                       Result<Out> (*function)(Call&, Tx&, const In&)) {
  return finish_binding(std::make_unique<TypedInvocation<In, Out, Tx>>(operation, function, bound),
                        bound);
}

template <auto function>
std::unique_ptr<Invocation> make_invocation(const Operation& operation, const BoundInput& bound) {
  return make_typed(operation, bound, function);
}

}  // namespace carillon::api::protocol
