// What the server shows to TLS clients: real handshakes over a pair of sockets, and what is kept in
// the data directory from one start to the next.
#include "server/tls/tls.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "server/tls/authority.h"

namespace carillon::server {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kStart = 1'800'000'000'000;
constexpr std::int64_t kDay = 86'400'000;

class FakeClock final : public Clock {
 public:
  std::int64_t now_ms() override { return now; }
  std::chrono::milliseconds until(std::int64_t) override { return {}; }
  std::int64_t now = kStart;
};

// A client's view of a handshake.
struct Seen {
  bool accepted = false;
  long verification = X509_V_OK;
  int certificates = 0;
  std::string protocol;
  std::string version;
};

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    std::string name = (fs::temp_directory_path() / "carillon-tls-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    settings_.data = directory_ / "data";
    fs::create_directory(settings_.data);
  }
  ~TlsTest() override { fs::remove_all(directory_); }

  fs::path file(const char* name) const { return settings_.data / "tls" / name; }

  static std::string read(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  static void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

  Tls start() { return {settings_, clock_, log_}; }

  void give(const std::string& certificate, const std::string& key) {
    settings_.tls_cert = directory_ / "given.pem";
    settings_.tls_key = directory_ / "given.key";
    write(settings_.tls_cert, certificate);
    write(settings_.tls_key, key);
  }

  std::string refusal() {
    try {
      start();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }

  // `name`: a DNS name or an address that the client expects.
  Seen shake_hands(SSL_CTX* server_context, const std::string& ca_pem, const std::string& name,
                   int version_max = TLS1_3_VERSION) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    auto server = std::async(std::launch::async, [&] {
      SSL* ssl = SSL_new(server_context);
      SSL_set_fd(ssl, ends[0]);
      const bool accepted = SSL_accept(ssl) == 1;
      SSL_free(ssl);
      ::close(ends[0]);
      return accepted;
    });
    const tls::Context context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_max_proto_version(context.get(), version_max);
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    const tls::Certificate ca = tls::parse_certificate(ca_pem);
    if (ca) X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), ca.get());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL* ssl = SSL_new(context.get());
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_time(parameters, clock_.now / 1'000);
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) != 1) {
      X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
    }
    static constexpr unsigned char kOffered[] = "\x02h2\x08http/1.1";
    SSL_set_alpn_protos(ssl, kOffered, sizeof(kOffered) - 1);
    SSL_set_fd(ssl, ends[1]);
    Seen seen;
    seen.accepted = SSL_connect(ssl) == 1;
    seen.verification = SSL_get_verify_result(ssl);
    if (seen.accepted) {
      seen.certificates = sk_X509_num(SSL_get_peer_cert_chain(ssl));
      const unsigned char* protocol = nullptr;
      unsigned size = 0;
      SSL_get0_alpn_selected(ssl, &protocol, &size);
      seen.protocol.assign(protocol, protocol + size);
      seen.version = SSL_get_version(ssl);
    }
    SSL_free(ssl);
    ::close(ends[1]);
    const bool server_accepted = server.get();
    EXPECT_TRUE(server_accepted || !seen.accepted);
    ERR_clear_error();
    return seen;
  }

  fs::path directory_;
  Settings settings_;
  FakeClock clock_;
  Log log_{LogLevel::kOff, LogFormat::kText};
};

TEST_F(TlsTest, IsTrustedForItsNamesAlone) {
  settings_.data.clear();
  settings_.tls_sans = {"*.chime.test"};
  Tls server = start();
  const std::string ca = server.ca_pem();
  for (const char* name : {"localhost", "127.0.0.1", "::1", "carillon", "a.chime.test"}) {
    const Seen seen = shake_hands(server.context(), ca, name);
    EXPECT_TRUE(seen.accepted) << name << ": " << seen.verification;
    EXPECT_EQ(seen.protocol, "http/1.1");
    EXPECT_EQ(seen.version, "TLSv1.3");
  }
  EXPECT_EQ(shake_hands(server.context(), ca, "example.test").verification,
            X509_V_ERR_HOSTNAME_MISMATCH);
  EXPECT_EQ(shake_hands(server.context(), ca, "127.0.0.2").verification,
            X509_V_ERR_IP_ADDRESS_MISMATCH);
  EXPECT_FALSE(shake_hands(server.context(), start().ca_pem(), "localhost").accepted)
      << "every server has an authority of its own";
}

TEST_F(TlsTest, SpeaksNoOldVersions) {
  settings_.data.clear();
  Tls server = start();
  const std::string ca = server.ca_pem();
  EXPECT_EQ(shake_hands(server.context(), ca, "localhost", TLS1_2_VERSION).version, "TLSv1.2");
  EXPECT_FALSE(shake_hands(server.context(), ca, "localhost", TLS1_1_VERSION).accepted);
}

TEST_F(TlsTest, MakesNothingBeforeItIsNeeded) {
  Tls server = start();
  EXPECT_FALSE(fs::exists(settings_.data / "tls"));
  SSL_CTX* context = server.context();
  EXPECT_NE(context, nullptr);
  EXPECT_EQ(server.context(), context);
  EXPECT_FALSE(server.is_given());
}

TEST_F(TlsTest, KeepsItsFilesToItself) {
  start().context();
  const auto mode = [](const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777;
  };
  EXPECT_EQ(mode(settings_.data / "tls"), 0700U);
  EXPECT_EQ(mode(file("ca.key")), 0600U);
  EXPECT_EQ(mode(file("server.key")), 0600U);
  EXPECT_EQ(std::distance(fs::directory_iterator(settings_.data / "tls"), {}), 4);
}

TEST_F(TlsTest, IsTrustedAfterARestart) {
  const std::string ca = start().ca_pem();
  const std::string leaf = read(file("server.pem"));
  Tls server = start();
  EXPECT_EQ(server.ca_pem(), ca);
  EXPECT_EQ(read(file("ca.pem")), ca);
  EXPECT_EQ(read(file("server.pem")), leaf);
  EXPECT_TRUE(shake_hands(server.context(), ca, "localhost").accepted);
}

TEST_F(TlsTest, GetsACertificateForNewNames) {
  const std::string ca = start().ca_pem();
  settings_.tls_sans = {"chime.test"};
  Tls server = start();
  EXPECT_TRUE(shake_hands(server.context(), ca, "chime.test").accepted);
}

TEST_F(TlsTest, GetsACertificateBeforeItsOwnExpires) {
  const std::string ca = start().ca_pem();
  const std::string leaf = read(file("server.pem"));
  clock_.now += 380 * kDay;
  Tls server = start();
  EXPECT_TRUE(shake_hands(server.context(), ca, "localhost").accepted);
  EXPECT_NE(read(file("server.pem")), leaf);
  clock_.now += 100 * kDay;
  EXPECT_EQ(shake_hands(server.context(), ca, "localhost").accepted, true);
}

TEST_F(TlsTest, ReplacesWhatIsDamaged) {
  start().context();
  const auto works = [this] {
    Tls server = start();
    return shake_hands(server.context(), server.ca_pem(), "localhost").accepted;
  };
  // The first two are what a crash may leave.
  for (const char* name : {"ca.pem", "server.pem", "ca.key", "server.key"}) {
    fs::remove(file(name));
    EXPECT_TRUE(works()) << name;
    write(file(name), "-----BEGIN nothing");
    EXPECT_TRUE(works()) << name;
  }
  write(file("ca.key.new"), "left by a crash");
  fs::remove(file("ca.pem"));
  EXPECT_TRUE(works());
  EXPECT_FALSE(fs::exists(file("ca.key.new")));
}

TEST_F(TlsTest, KeepsItsAuthorityWhenItsOwnCertificateIsLost) {
  const std::string ca = start().ca_pem();
  fs::remove(file("server.key"));
  EXPECT_EQ(start().ca_pem(), ca);
}

TEST_F(TlsTest, SaysWhatItCannotWriteAndTriesAgain) {
  write(settings_.data / "tls", "a file where the directory should be");
  Tls server = start();
  for (int i = 0; i < 2; ++i) {
    try {
      server.context();
      ADD_FAILURE() << "it found a place to write to";
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find(file("ca.pem").string()), std::string::npos)
          << error.what();
    }
  }
  fs::remove(settings_.data / "tls");
  EXPECT_NE(server.context(), nullptr);
}

TEST_F(TlsTest, ShowsTheGivenCertificateWithItsChain) {
  const tls::Pair authority = tls::make_authority(kStart);
  const tls::Pair leaf = tls::make_leaf(authority, {"given.test"}, kStart);
  give(leaf.certificate + authority.certificate, leaf.key);
  Tls server = start();
  EXPECT_TRUE(server.is_given());
  EXPECT_EQ(server.ca_pem(), "");
  const Seen seen = shake_hands(server.context(), authority.certificate, "given.test");
  EXPECT_TRUE(seen.accepted);
  EXPECT_EQ(seen.certificates, 2);
  EXPECT_FALSE(shake_hands(server.context(), authority.certificate, "localhost").accepted);
  EXPECT_FALSE(fs::exists(settings_.data / "tls"));
}

TEST_F(TlsTest, RefusesAGivenCertificateThatItCannotUse) {
  const tls::Pair authority = tls::make_authority(kStart);
  const tls::Pair leaf = tls::make_leaf(authority, {"given.test"}, kStart);
  const auto expect = [&](const std::string& certificate, const std::string& key,
                          std::initializer_list<const char*> parts) {
    give(certificate, key);
    const std::string text = refusal();
    for (const char* part : parts) {
      EXPECT_NE(text.find(part), std::string::npos) << "\"" << part << "\" is not in: " << text;
    }
  };
  expect(leaf.certificate, authority.key,
         {"--tls-key", "given.key", "is not the key", "--tls-cert", "belong together"});
  expect("nonsense", leaf.key, {"--tls-cert", "given.pem", "PEM", "first"});
  expect(leaf.certificate, "nonsense", {"--tls-key", "given.key", "PEM", "passphrase"});
  expect(leaf.certificate, std::string(2'000'000, 'x'), {"given.key", "bytes"});
  give(leaf.certificate, leaf.key);
  settings_.tls_cert = "/nowhere/cert.pem";
  EXPECT_EQ(refusal(), "--tls-cert /nowhere/cert.pem: there is no such file.");
}

TEST_F(TlsTest, NeverAsksForAPassphrase) {
  const tls::Pair leaf = tls::make_leaf(tls::make_authority(kStart), {"given.test"}, kStart);
  const tls::Key key = tls::parse_key(leaf.key);
  const tls::Bio encrypted(BIO_new(BIO_s_mem()));
  const unsigned char passphrase[] = "secret";
  ASSERT_EQ(PEM_write_bio_PrivateKey(encrypted.get(), key.get(), EVP_aes_128_cbc(), passphrase,
                                     sizeof(passphrase) - 1, nullptr, nullptr),
            1);
  const char* data = nullptr;
  const long size = BIO_get_mem_data(encrypted.get(), &data);
  give(leaf.certificate, std::string(data, static_cast<std::size_t>(size)));
  EXPECT_NE(refusal().find("passphrase"), std::string::npos);
}

}  // namespace
}  // namespace carillon::server
