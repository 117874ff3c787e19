// What a request has to do on the writer thread, and the job that does it and brings the answer
// back to the session's thread.
#pragma once

#include <exception>
#include <optional>
#include <utility>
#include <variant>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include "api/service.h"
#include "server/effects.h"
#include "store/writer.h"

namespace carillon::server {

// An operation, or POST /_carillon/reset.
struct ResetWork {
  std::string account = {};  // empty: everything
};
using RequestWork = std::variant<api::Prepared, ResetWork>;

// A line for the likeliest mistake of somebody new: an ARN of another account, or region, than that
// of the credentials. Nothing if that is not what happened.
void log_foreign_arn(Log& log, std::string_view operation, const api::Call& call);

// All of the job but where its answer goes.
class RequestJob : public store::WriteJob {
 public:
  RequestJob(WriteContext& context, RequestWork work) : context_(context), work_(std::move(work)) {}

  bool run(store::WriteTx& tx) final;
  void done(std::exception_ptr failure) noexcept final;

 protected:
  // On whatever thread ends the job.
  virtual void deliver(api::HttpResponse response) noexcept = 0;
  // For the destructors of derived classes: the job was refused by the writer, or never run.
  static api::HttpResponse refusal();

 private:
  WriteContext& context_;
  RequestWork work_;
  api::HttpResponse response_;
  std::vector<api::Effect> effects_;
};

template <typename Handler>
class RequestJobFor final : public RequestJob {
 public:
  RequestJobFor(WriteContext& context, RequestWork work, Handler handler)
      : RequestJob(context, std::move(work)), handler_(std::move(handler)) {}

  // The writer destroys a job that it refuses: the session still gets an answer.
  ~RequestJobFor() override {
    if (handler_) deliver(refusal());
  }

 private:
  void deliver(api::HttpResponse response) noexcept override {
    auto executor = boost::asio::get_associated_executor(*handler_);
    boost::asio::post(executor,
                      [handler = std::move(*handler_), answer = std::move(response)]() mutable {
                        std::move(handler)(std::move(answer));
                      });
    handler_.reset();
  }

  std::optional<Handler> handler_;
};

// Runs `work` on the writer thread; completes on the caller's with the answer, after the commit.
// The wait needs no deadline: the writer always tells how a job went, or refuses it at once.
template <typename Token>
auto async_write_request(store::Writer& writer, WriteContext& context, RequestWork work,
                         Token&& token) {
  return boost::asio::async_initiate<Token, void(api::HttpResponse)>(
      [&writer, &context](auto handler, RequestWork given) {
        writer.submit(std::make_unique<RequestJobFor<decltype(handler)>>(context, std::move(given),
                                                                         std::move(handler)));
      },
      token, std::move(work));
}

}  // namespace carillon::server
