// All messaging sessions of the server: one hub for each I/O thread, and what the hubs share. What
// operations tell connected users goes through here from the writer thread to the hubs, in commit
// order.
//
// Made and ended by Server. Each function says its thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include "api/domain/token_buckets.h"
#include "api/effects.h"
#include "api/messaging_session.h"
#include "server/counters.h"
#include "server/effects.h"
#include "server/io_thread.h"
#include "server/sessions/session_hub.h"
#include "store/writer.h"

namespace carillon::server {

class Sessions {
 public:
  explicit Sessions(Counters& counters);
  ~Sessions();

  // Before anything else: makes a hub for each of these threads.
  void attach(std::vector<std::unique_ptr<IoThread>>& threads, store::Writer& writer,
              WriteContext& context);

  // On the session's thread. Has the user looked up and then the session join its hub, or end.
  void join(std::shared_ptr<Session> session, api::ConnectRequest request, IoThread& thread);
  void leave(const Session& session, IoThread& thread);

  // On an I/O thread, after a write: whether so much waits to be told on some thread that whoever
  // writes should wait as well. Else one busy channel would delay everybody's events without bound.
  bool is_behind() const;
  // Completes when what waits now, on the thread that is furthest behind, has been told.
  template <typename Token>
  auto async_wait_told(Token&& token) {
    return boost::asio::async_initiate<Token, void()>(
        [this](auto handler) {
          using Handler = decltype(handler);
          const auto shared = std::make_shared<Handler>(std::move(handler));
          wait_told([shared] {
            const auto executor = boost::asio::get_associated_executor(*shared);
            boost::asio::post(executor, std::move(*shared));
          });
        },
        token);
  }

  // On the writer thread, in commit order. Takes up those effects that are for sessions.
  void carry_out(const std::vector<api::Effect>& effects);
  // Empty: of all accounts.
  void remove_account(std::string account);

 private:
  class JoinJob;
  class LoadJob;
  struct Hub;

  Hub& furthest_behind() const;
  void wait_told(std::function<void()> then);
  static void post(Hub& hub, HubSteps steps);
  void post(std::vector<HubStep> steps);
  static void post(Hub& hub, HubStep step);
  void refuse(Hub& hub, std::shared_ptr<Session> session, CloseCode code, std::string reason);
  bool connects_too_often(store::RowId user_id);
  bool enter(store::RowId user_id);
  void left(store::RowId user_id);

  Counters& counters_;
  store::Writer* writer_ = nullptr;
  WriteContext* context_ = nullptr;
  std::vector<std::unique_ptr<Hub>> hubs_;
  api::domain::TokenBuckets connects_;

  std::mutex mutex_;
  std::unordered_map<store::RowId, int> sessions_of_user_;  // on all threads
};

}  // namespace carillon::server
