// What the server shows to TLS clients: a certificate of --tls-cert, or one of our own.
//
// Without given files there is a private authority for this one server: its key and certificate are
// made at the first need, and with --data kept there, so that a client that was told to trust it
// still does after a restart. The server's own certificate is made from it, and made anew when the
// names have changed or it is about to expire.
//
// context() and ca_pem() may be called on any thread; the first call, a few milliseconds, makes
// what there is not, so that a server that only speaks plain HTTP pays nothing. The object outlives
// every connection that uses its context.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <openssl/types.h>

#include "server/clock.h"
#include "server/config.h"
#include "server/log.h"

namespace carillon::server {

class Tls {
 public:
  // Reads --tls-cert and --tls-key, if given: a pair that cannot be used throws
  // std::runtime_error, whose text says what would be right.
  Tls(const Settings& settings, Clock& clock, Log& log);
  ~Tls();

  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  // For a server's SSL. Never null; throws std::runtime_error when the files of our own authority
  // cannot be read or written. A later call tries again.
  SSL_CTX* context();

  // The certificate of our own authority, PEM; empty if is_given(). Throws as context() does.
  std::string ca_pem();

  // Whether the certificate is the user's, so that there is no authority of ours to trust.
  bool is_given() const { return given_; }

 private:
  struct State;
  const bool given_;
  std::unique_ptr<State> state_;
};

}  // namespace carillon::server
