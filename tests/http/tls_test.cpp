// TLS on the one port: HTTP and sessions inside it, and what is no TLS.
#include <csignal>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "tests/http/flow_fixture.h"
#include "tests/http/session_client.h"

namespace carillon::tests {
namespace {

using namespace std::chrono_literals;

// A client that trusts the server's authority, and nobody else.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, const std::string& ca_pem, const char* name = "localhost")
      : context_(::SSL_CTX_new(::TLS_client_method()), ::SSL_CTX_free),
        bio_(::BIO_new_ssl_connect(context_.get()), ::BIO_free_all) {
    const std::unique_ptr<BIO, decltype(&::BIO_free)> text(
        ::BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size())), ::BIO_free);
    const std::unique_ptr<X509, decltype(&::X509_free)> ca(
        ::PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), ::X509_free);
    ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context_.get()), ca.get());
    ::BIO_get_ssl(bio_.get(), &ssl_);
    ::SSL_set_verify(ssl_, SSL_VERIFY_PEER, nullptr);
    ::SSL_set1_host(ssl_, name);
    ::BIO_set_conn_hostname(bio_.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
    connected_ = ::BIO_do_handshake(bio_.get()) == 1;
    if (!connected_) return;
    const timeval deadline{kTestDeadline.count(), 0};
    ::setsockopt(::SSL_get_fd(ssl_), SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
  }

  bool connected() const { return connected_; }
  bool send(std::string_view bytes) {
    return ::SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  // Until `part` has come, or the connection has ended.
  std::string read_to(std::string_view part) {
    std::string all;
    char buffer[4096];
    while (all.find(part) == std::string::npos) {
      const int size = ::SSL_read(ssl_, buffer, sizeof(buffer));
      if (size <= 0) break;
      all.append(buffer, static_cast<std::size_t>(size));
    }
    return all;
  }
  // Whether the end was said, and not cut off.
  bool ended_properly() { return ::SSL_get_shutdown(ssl_) == SSL_RECEIVED_SHUTDOWN; }
  // Below TLS, into the same connection.
  void send_raw(std::string_view bytes) {
    ASSERT_GT(::send(::SSL_get_fd(ssl_), bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context_;
  std::unique_ptr<BIO, decltype(&::BIO_free_all)> bio_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
};

class TlsTest : public FlowTest {
 protected:
  // As the program does: OpenSSL's writes raise it when the other side is gone.
  TlsTest() { ::signal(SIGPIPE, SIG_IGN); }

  std::string ca() {
    const Answer answer = get("/_carillon/ca.pem");
    EXPECT_EQ(answer.status, 200);
    return answer.body;
  }
};

TEST_F(TlsTest, SpeaksHttpInsideAndPlainHttpBeside) {
  start();
  TlsClient client(port(), ca());
  ASSERT_TRUE(client.connected());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.send("GET /_carillon/health HTTP/1.1\r\n\r\n"));
    EXPECT_NE(client.read_to("}").find("HTTP/1.1 200"), std::string::npos);
  }
  ASSERT_TRUE(client.send("nonsense\r\n\r\n"));
  EXPECT_NE(client.read_to("never").find("HTTP/1.1 400"), std::string::npos);
  EXPECT_TRUE(client.ended_properly());
  expect_alive();
}

TEST_F(TlsTest, TakesRequestsAndGivesAnswersOfAnySize) {
  start();
  make_channel("ABORT");
  for (int i = 0; i < 12; ++i) send_message(std::string(4'000, 'x'));
  TlsClient client(port(), ca());
  ASSERT_TRUE(client.connected());
  // A body of many records, refused for what it says and not for how it comes.
  const std::string body = R"({"Name":")" + std::string(200'000, 'n') + "\"}";
  ASSERT_TRUE(client.send("POST /app-instances HTTP/1.1\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\n\r\n"));
  for (std::size_t at = 0; at < body.size(); at += 10'000) {
    ASSERT_TRUE(client.send(std::string_view(body).substr(at, 10'000)));
  }
  EXPECT_NE(client.read_to("256").find("HTTP/1.1 400"), std::string::npos);
  ASSERT_TRUE(client.send("GET /channels/" + encoded(channel_) +
                          "/messages HTTP/1.1\r\nx-amz-chime-bearer: " + user_ +
                          "\r\nConnection: close\r\n\r\n"));
  EXPECT_GT(client.read_to("never").size(), 48'000U);
  EXPECT_TRUE(client.ended_properly());
}

TEST_F(TlsTest, CarriesASession) {
  start();
  make_channel("ABORT");
  TlsClient client(port(), ca());
  ASSERT_TRUE(client.connected());
  ASSERT_TRUE(
      client.send("GET " + connect_target(user_) + " HTTP/1.1\r\n" + upgrade_fields() + "\r\n"));
  EXPECT_NE(client.read_to("SESSION_ESTABLISHED").find("HTTP/1.1 101"), std::string::npos);
  send_message("through TLS");
  EXPECT_NE(client.read_to("through TLS").find("PENDING_CREATE_CHANNEL_MESSAGE"),
            std::string::npos);
  ASSERT_TRUE(client.send(SessionClient::frame(WebSocketFrame::kText, "no")));
  EXPECT_NE(client.read_to("takes no messages").find("\x03\xEB"), std::string::npos);
}

TEST_F(TlsTest, IsTrustedForItsNamesOnly) {
  start();
  EXPECT_TRUE(TlsClient(port(), ca(), "localhost").connected());
  EXPECT_FALSE(TlsClient(port(), ca(), "example.com").connected());
  expect_alive();
}

TEST_F(TlsTest, EndsWhatOnlyBeginsLikeTls) {
  start([](server::Settings& settings) { settings.read_timeout = 300ms; });
  RawClient garbage(port());
  ASSERT_TRUE(garbage.send(std::string("\x16\x03\x01\0\x05hello", 10)));
  // An alert, then the end.
  EXPECT_TRUE(garbage.read_bytes(7));
  EXPECT_TRUE(garbage.closed_by_server());
  RawClient stalling(port());
  ASSERT_TRUE(stalling.send("\x16\x03\x01"));
  EXPECT_TRUE(stalling.closed_by_server());
  expect_alive();
}

TEST_F(TlsTest, EndsAConnectionThatFallsOutOfTls) {
  start();
  TlsClient client(port(), ca());
  ASSERT_TRUE(client.connected());
  client.send_raw("GET /_carillon/health HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.read_to("HTTP"), "");
  expect_alive();
}

}  // namespace
}  // namespace carillon::tests
