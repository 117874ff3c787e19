// What `carillon listen` is told. A plain value; any thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "api/protocol/sigv4.h"
#include "server/processors/target.h"

namespace carillon::server {

struct ListenSettings {
  std::string user_arn;
  EndpointUrl endpoint{"127.0.0.1", 7464, {}, "127.0.0.1:7464"};
  bool tls = false;
  std::filesystem::path ca;  // empty: the system's authorities
  bool insecure = false;     // take any certificate
  bool prefetch = false;
  int count = 0;  // events, 0: no limit
  std::optional<std::chrono::milliseconds> timeout;

  // Of the AWS environment; without a key id nothing is signed.
  std::string key_id;
  api::protocol::Credential credential;
};

}  // namespace carillon::server
