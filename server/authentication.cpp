#include "server/authentication.h"

#include "api/protocol/sigv4.h"
#include "api/service.h"

namespace carillon::server {

std::optional<api::Error> Authentication::refuse(const api::HttpRequest& request) {
  if (settings_.sigv4 == SigV4::kOff) return std::nullopt;
  auto refusal = api::protocol::check_signature(request, settings_.credentials, clock_.now_ms());
  if (!refusal) return std::nullopt;
  const std::string_view exception = api::info(refusal->error.kind).exception;
  // What a client calls its key is not checked by anything yet.
  const std::string key_id = api::printable(refusal->key_id);
  if (!refusal->canonical_request.empty()) {
    log_.debug("a signature is not what it should be",
               {{"key", key_id},
                {"canonical_request", refusal->canonical_request},
                {"string_to_sign", refusal->string_to_sign}});
  }
  if (settings_.sigv4 == SigV4::kWarn) {
    log_.warn("a request is not signed as it should be; --sigv4 enforce would refuse it",
              {{"error", exception}, {"why", refusal->error.message}, {"key", key_id}});
    return std::nullopt;
  }
  log_.debug("a request is refused for its signature",
             {{"error", exception}, {"why", refusal->error.message}, {"key", key_id}});
  return std::move(refusal->error);
}

}  // namespace carillon::server
