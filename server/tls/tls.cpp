#include "server/tls/tls.h"

#include <atomic>
#include <climits>
#include <mutex>
#include <stdexcept>
#include <unistd.h>

#include "server/limits.h"
#include "server/tls/authority.h"
#include "server/tls/files.h"
#include "server/tls/names.h"
#include "server/tls/openssl.h"

namespace carillon::server {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const std::string& text) { throw std::runtime_error(text); }

std::string host_name() {
  char name[HOST_NAME_MAX + 1] = {};
  return ::gethostname(name, HOST_NAME_MAX) == 0 ? name : "";
}

// HTTP/1.1 is what we speak; a client that offers other protocols alone goes on without one.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char kHttp[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* match = nullptr;
  if (SSL_select_next_proto(&match, chosen_size, kHttp, sizeof(kHttp), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = match;
  return SSL_TLSEXT_ERR_OK;
}

// Everything but the certificate. Sessions are few and live long: what they cost in memory counts,
// that a handshake can be shortened does not.
tls::Context make_context() {
  tls::Context context(SSL_CTX_new(TLS_server_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    fail("Cannot use TLS: " + tls::take_error() + ".");
  }
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  return context;
}

tls::Context make_given_context(const Settings& settings, Clock& clock, Log& log) {
  const std::string cert_name = "--tls-cert " + settings.tls_cert.string();
  const std::string key_name = "--tls-key " + settings.tls_key.string();
  const auto cert_text = tls::read_file(settings.tls_cert);
  if (!cert_text) fail(cert_name + ": there is no such file.");
  const auto key_text = tls::read_file(settings.tls_key);
  if (!key_text) fail(key_name + ": there is no such file.");

  const auto chain = tls::parse_certificates(*cert_text);
  if (chain.empty()) {
    fail(cert_name + " cannot be used: give a PEM file with the server's certificate first and " +
         "those between it and the authority's behind it.");
  }
  const tls::Key key = tls::parse_key(*key_text);
  if (!key) {
    fail(key_name + " cannot be used: give a PEM file with a private key that has no passphrase.");
  }
  if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
    tls::take_error();
    fail(key_name + " is not the key of the first certificate in " + cert_name +
         ": give the two that belong together.");
  }
  tls::Context context = make_context();
  bool taken = SSL_CTX_use_certificate(context.get(), chain.front().get()) == 1 &&
               SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1;
  for (std::size_t i = 1; taken && i < chain.size(); ++i) {
    taken = SSL_CTX_add1_chain_cert(context.get(), chain[i].get()) == 1;
  }
  if (!taken) fail(cert_name + " cannot be used: " + tls::take_error() + ".");
  std::time_t now = clock.now_ms() / 1'000;
  if (X509_cmp_time(X509_get0_notAfter(chain.front().get()), &now) != 1) {
    log.warn("the certificate has expired: clients will refuse it",
             {{"file", settings.tls_cert.native()}});
  }
  return context;
}

tls::Context make_own_context(const tls::Pair& leaf) {
  const tls::Certificate certificate = tls::parse_certificate(leaf.certificate);
  const tls::Key key = tls::parse_key(leaf.key);
  tls::Context context = make_context();
  if (!certificate || !key || SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    fail("Cannot use our own certificate: " + tls::take_error() + ".");
  }
  return context;
}

// --data/tls
class Directory {
 public:
  explicit Directory(fs::path path) : path_(std::move(path)) {}

  fs::path file(const char* name, const char* ending) const {
    return path_ / (std::string(name) + ending);
  }
  // Nothing when there is no certificate: it is written last.
  std::optional<tls::Pair> read(const char* name) const {
    auto certificate = tls::read_file(file(name, ".pem"));
    if (!certificate) return std::nullopt;
    return tls::Pair{std::move(*certificate), tls::read_file(file(name, ".key")).value_or("")};
  }
  void write(const char* name, const tls::Pair& pair) const {
    tls::write_file(file(name, ".key"), pair.key, true);
    tls::write_file(file(name, ".pem"), pair.certificate, false);
  }

 private:
  const fs::path path_;
};

constexpr const char* kAuthorityName = "ca";
constexpr const char* kLeafName = "server";

tls::Pair keep_authority(const Directory& directory, std::int64_t now_ms, Log& log) {
  const std::string file = directory.file(kAuthorityName, ".pem").string();
  if (auto kept = directory.read(kAuthorityName)) {
    const auto wrong = tls::why_no_authority(*kept, now_ms);
    if (!wrong) return std::move(*kept);
    log.warn("the certificate authority is made anew: clients must be told to trust the new one",
             {{"why", *wrong}, {"file", file}});
  } else {
    log.info("a certificate authority is made for TLS", {{"file", file}});
  }
  tls::Pair made = tls::make_authority(now_ms);
  directory.write(kAuthorityName, made);
  return made;
}

tls::Pair keep_leaf(const Directory& directory, const tls::Pair& authority,
                    const std::vector<std::string>& names, std::int64_t now_ms, Log& log) {
  if (auto kept = directory.read(kLeafName)) {
    const auto wrong = tls::why_no_leaf(*kept, authority, names, now_ms);
    if (!wrong) return std::move(*kept);
    log.info("the server's certificate is made anew", {{"why", *wrong}});
  }
  tls::Pair made = tls::make_leaf(authority, names, now_ms);
  directory.write(kLeafName, made);
  return made;
}

}  // namespace

struct Tls::State {
  State(const Settings& with_settings, Clock& with_clock, Log& with_log)
      : settings(with_settings), clock(with_clock), log(with_log) {}

  void prepare() {
    if (context) return;
    const std::int64_t now_ms = clock.now_ms();
    const auto names = tls::certificate_names(settings, host_name());
    tls::Pair authority;
    tls::Pair leaf;
    if (settings.data.empty()) {
      authority = tls::make_authority(now_ms);
      leaf = tls::make_leaf(authority, names, now_ms);
    } else {
      const Directory directory(settings.data / "tls");
      authority = keep_authority(directory, now_ms, log);
      leaf = keep_leaf(directory, authority, names, now_ms, log);
    }
    context = make_own_context(leaf);
    ca_pem = authority.certificate;
    ready = context.get();
  }

  const Settings settings;
  Clock& clock;
  Log& log;
  std::mutex mutex;  // of what follows
  tls::Context context;
  std::string ca_pem;
  std::atomic<SSL_CTX*> ready = nullptr;  // context, once it is there
};

Tls::Tls(const Settings& settings, Clock& clock, Log& log)
    : given_(!settings.tls_cert.empty()), state_(std::make_unique<State>(settings, clock, log)) {
  if (!given_) return;
  state_->context = make_given_context(settings, clock, log);
  state_->ready = state_->context.get();
}

Tls::~Tls() = default;

SSL_CTX* Tls::context() {
  if (SSL_CTX* ready = state_->ready) return ready;
  const std::lock_guard lock(state_->mutex);
  state_->prepare();
  return state_->context.get();
}

std::string Tls::ca_pem() {
  const std::lock_guard lock(state_->mutex);
  state_->prepare();
  return state_->ca_pem;
}

}  // namespace carillon::server
