// Certificates that we make: what stands in them, and when they are made anew.
#include <gtest/gtest.h>

#include "server/limits.h"
#include "server/tls/authority.h"
#include "server/tls/names.h"

namespace carillon::server::tls {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;
constexpr std::int64_t kDay = 86'400'000;

const std::vector<std::string> kNames{"localhost", "127.0.0.1", "::1", "*.example.test"};

std::string extension_text(const Certificate& certificate, int nid) {
  const int index = X509_get_ext_by_NID(certificate.get(), nid, -1);
  if (index < 0) return "none";
  const Bio bio(BIO_new(BIO_s_mem()));
  X509_EXTENSION* extension = X509_get_ext(certificate.get(), index);
  X509V3_EXT_print(bio.get(), extension, 0, 0);
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  std::string text(data, static_cast<std::size_t>(size));
  return (X509_EXTENSION_get_critical(extension) != 0 ? "critical " : "") + text;
}

std::int64_t days_valid(const Certificate& certificate) {
  int days = 0;
  int seconds = 0;
  ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(certificate.get()),
                 X509_get0_notAfter(certificate.get()));
  return days;
}

int verify(const Pair& leaf, const Pair& authority, std::int64_t time_ms) {
  const Certificate certificate = parse_certificate(leaf.certificate);
  const Certificate root = parse_certificate(authority.certificate);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, root.get());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, certificate.get(), nullptr);
  X509_STORE_CTX_set_time(context, 0, time_ms / 1'000);
  X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
  X509_verify_cert(context);
  const int result = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return result;
}

TEST(Authority, SignsForServersAlone) {
  const Pair authority = make_authority(kNow);
  const Pair leaf = make_leaf(authority, kNames, kNow);
  EXPECT_EQ(verify(leaf, authority, kNow), X509_V_OK);
  EXPECT_EQ(verify(leaf, authority, kNow - kDay / 2), X509_V_OK) << "a client's clock is behind";
  EXPECT_EQ(verify(leaf, authority, kNow - 2 * kDay), X509_V_ERR_CERT_NOT_YET_VALID);
  EXPECT_EQ(verify(leaf, authority, kNow + 398 * kDay), X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_NE(verify(leaf, make_authority(kNow), kNow), X509_V_OK);

  const Certificate root = parse_certificate(authority.certificate);
  EXPECT_EQ(extension_text(root, NID_basic_constraints), "critical CA:TRUE, pathlen:0");
  EXPECT_EQ(extension_text(root, NID_key_usage), "critical Certificate Sign");
  EXPECT_EQ(days_valid(root), 3'650);
  char name[200];
  X509_NAME_oneline(X509_get_subject_name(root.get()), name, sizeof(name));
  EXPECT_TRUE(std::string(name).starts_with("/O=Carillon/CN=Carillon local CA ")) << name;
}

TEST(Authority, SaysInACertificateWhatClientsLookFor) {
  const Pair authority = make_authority(kNow);
  const Certificate leaf = parse_certificate(make_leaf(authority, kNames, kNow).certificate);
  EXPECT_EQ(extension_text(leaf, NID_subject_alt_name),
            "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:*.example.test");
  EXPECT_EQ(extension_text(leaf, NID_ext_key_usage), "TLS Web Server Authentication");
  EXPECT_EQ(extension_text(leaf, NID_key_usage), "critical Digital Signature");
  EXPECT_EQ(extension_text(leaf, NID_basic_constraints), "critical CA:FALSE");
  EXPECT_LE(days_valid(leaf), 397);
  const Certificate root = parse_certificate(authority.certificate);
  EXPECT_NE(extension_text(root, NID_subject_key_identifier), "none");
  EXPECT_TRUE(extension_text(leaf, NID_authority_key_identifier)
                  .ends_with(extension_text(root, NID_subject_key_identifier)));
}

TEST(Authority, NeverGivesASerialTwice) {
  const Pair authority = make_authority(kNow);
  const auto serial = [&] {
    const Certificate leaf = parse_certificate(make_leaf(authority, kNames, kNow).certificate);
    BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(leaf.get()), nullptr);
    EXPECT_EQ(BN_is_negative(number), 0);
    EXPECT_EQ(BN_num_bits(number), 127);
    char* digits = BN_bn2hex(number);
    std::string text = digits;
    OPENSSL_free(digits);
    BN_free(number);
    return text;
  };
  EXPECT_NE(serial(), serial());
}

TEST(Authority, SaysWhyAPairIsOfNoUse) {
  const Pair authority = make_authority(kNow);
  const Pair other = make_authority(kNow);
  EXPECT_EQ(why_no_authority(authority, kNow), std::nullopt);
  EXPECT_EQ(why_no_authority({authority.certificate, other.key}, kNow),
            "its key is another certificate's");
  EXPECT_EQ(why_no_authority({authority.certificate, ""}, kNow), "its key cannot be read");
  EXPECT_EQ(why_no_authority({authority.certificate.substr(0, 200), authority.key}, kNow),
            "its certificate cannot be read");
  EXPECT_EQ(why_no_authority(authority, kNow + 3'600 * kDay), std::nullopt);
  EXPECT_EQ(why_no_authority(authority, kNow + 3'630 * kDay), "it expires soon");

  const Pair leaf = make_leaf(authority, kNames, kNow);
  EXPECT_EQ(why_no_leaf(leaf, authority, kNames, kNow), std::nullopt);
  EXPECT_EQ(why_no_leaf(leaf, authority, kNames, kNow + 360 * kDay), std::nullopt);
  EXPECT_EQ(why_no_leaf(leaf, authority, kNames, kNow + 370 * kDay), "it expires soon");
  EXPECT_EQ(why_no_leaf(leaf, authority, kNames, kNow - 2 * kDay), "it is not valid yet");
  EXPECT_EQ(why_no_leaf(leaf, other, kNames, kNow), "another authority has signed it");
  EXPECT_EQ(why_no_leaf(leaf, authority, {"localhost"}, kNow), "its names have changed");
  EXPECT_EQ(why_no_leaf({leaf.certificate, other.key}, authority, kNames, kNow),
            "its key is another certificate's");
}

TEST(Authority, ReadsChainsAndNoDamagedOnes) {
  const Pair authority = make_authority(kNow);
  const Pair leaf = make_leaf(authority, kNames, kNow);
  const std::string chain = leaf.certificate + "a comment\n" + authority.certificate;
  EXPECT_EQ(parse_certificates(chain).size(), 2U);
  EXPECT_EQ(parse_certificates(leaf.key + chain).size(), 2U) << "a key may stand in the file";
  EXPECT_TRUE(parse_certificates("").empty());
  EXPECT_TRUE(parse_certificates(chain.substr(0, chain.size() - 100)).empty());
  EXPECT_EQ(parse_key(leaf.certificate), nullptr);
}

TEST(TlsNames, AreThoseThatClientsMayUse) {
  Settings settings;
  settings.tls_sans = {"192.0.2.7", "*.chime.test", "localhost"};
  EXPECT_EQ(certificate_names(settings, "My-Laptop"),
            (std::vector<std::string>{"localhost", "127.0.0.1", "::1", "carillon", "my-laptop",
                                      "192.0.2.7", "*.chime.test"}));
  settings.tls_sans.clear();
  settings.host = "0.0.0.0";
  EXPECT_EQ(certificate_names(settings, "not a name").size(), 4U);
  settings.host = "192.0.2.1";
  settings.api.advertise = "chime.example.test:7464";
  EXPECT_EQ(certificate_names(settings, "carillon"),
            (std::vector<std::string>{"localhost", "127.0.0.1", "::1", "carillon", "192.0.2.1",
                                      "chime.example.test"}));
  settings.api.advertise = "[2001:db8::1]:7464";
  EXPECT_EQ(certificate_names(settings, "").back(), "2001:db8::1");
}

}  // namespace
}  // namespace carillon::server::tls
