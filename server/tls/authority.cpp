#include "server/tls/authority.h"

#include <stdexcept>

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "server/limits.h"
#include "server/tls/names.h"

namespace carillon::server::tls {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string("Cannot make a certificate: ") + what + ": " + take_error() +
                           ".");
}

void require(bool succeeded, const char* what) {
  if (!succeeded) fail(what);
}

// Never asks on the terminal: a key with a passphrase is one that we cannot read.
int no_passphrase(char*, int, int, void*) { return -1; }

Bio reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string written(BIO* bio) {
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "no key");
  return key;
}

Pair print(X509* certificate, EVP_PKEY* key) {
  const Bio first(BIO_new(BIO_s_mem()));
  const Bio second(BIO_new(BIO_s_mem()));
  require(
      first && second && PEM_write_bio_X509(first.get(), certificate) == 1 &&
          PEM_write_bio_PrivateKey(second.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
      "no text");
  return {written(first.get()), written(second.get())};
}

// 127 random bits: no two certificates of one name may have the same, and nobody is to guess one.
void set_serial(X509* certificate) {
  unsigned char bytes[kSerialBytes];
  require(RAND_bytes(bytes, sizeof(bytes)) == 1, "no random number");
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);
  BIGNUM* number = BN_bin2bn(bytes, sizeof(bytes), nullptr);
  require(number != nullptr, "no serial number");
  const bool set = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  require(set, "no serial number");
}

void set_validity(X509* certificate, std::int64_t begin_s, std::int64_t end_s) {
  require(ASN1_TIME_set(X509_getm_notBefore(certificate), begin_s) != nullptr &&
              ASN1_TIME_set(X509_getm_notAfter(certificate), end_s) != nullptr,
          "no validity");
}

void add_name_entry(X509_NAME* name, const char* field, const std::string& value) {
  require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(value.data()),
                                     static_cast<int>(value.size()), -1, 0) == 1,
          "no name");
}

// `value` as in OpenSSL's configuration files.
void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "no extension");
}

Name make_name(const std::string& text) {
  Name name(GENERAL_NAME_new());
  require(name != nullptr, "no alternative name");
  if (is_address(text)) {
    ASN1_OCTET_STRING* address = a2i_IPADDRESS(text.c_str());
    require(address != nullptr, "no address");
    GENERAL_NAME_set0_value(name.get(), GEN_IPADD, address);
  } else {
    ASN1_IA5STRING* dns = ASN1_IA5STRING_new();
    require(dns != nullptr, "no DNS name");
    GENERAL_NAME_set0_value(name.get(), GEN_DNS, dns);
    require(ASN1_STRING_set(dns, text.data(), static_cast<int>(text.size())) == 1, "no DNS name");
  }
  return name;
}

Extension alternative_names(const std::vector<std::string>& texts) {
  const Names names(sk_GENERAL_NAME_new_null());
  require(names != nullptr, "no alternative names");
  for (const std::string& text : texts) {
    Name name = make_name(text);
    require(sk_GENERAL_NAME_push(names.get(), name.get()) > 0, "no alternative names");
    static_cast<void>(name.release());  // it is the stack's now
  }
  Extension extension(X509V3_EXT_i2d(NID_subject_alt_name, 0, names.get()));
  require(extension != nullptr, "no alternative names");
  return extension;
}

bool has_names(const X509* certificate, const std::vector<std::string>& names) {
  const int index = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
  if (index < 0) return false;
  const Extension wanted = alternative_names(names);
  return ASN1_OCTET_STRING_cmp(X509_EXTENSION_get_data(X509_get_ext(certificate, index)),
                               X509_EXTENSION_get_data(wanted.get())) == 0;
}

Certificate begin_certificate(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  require(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
              X509_set_pubkey(certificate.get(), key) == 1,
          "no certificate");
  set_serial(certificate.get());
  return certificate;
}

void sign(X509* certificate, EVP_PKEY* key) {
  require(X509_sign(certificate, key, EVP_sha256()) > 0, "no signature");
}

// Browsers list authorities by this name; the digits tell those of several servers apart.
std::string authority_name() {
  unsigned char bytes[4];
  require(RAND_bytes(bytes, sizeof(bytes)) == 1, "no random number");
  std::string name = "Carillon local CA ";
  for (const unsigned char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    name += kDigits[byte >> 4];
    name += kDigits[byte & 15];
  }
  return name;
}

std::int64_t begin_s(std::int64_t now_ms) {
  return now_ms / 1'000 - std::chrono::seconds(kCertificateBackdating).count();
}

bool ends_before(const X509* certificate, std::int64_t time_ms) {
  std::time_t time = time_ms / 1'000;
  return X509_cmp_time(X509_get0_notAfter(certificate), &time) != 1;
}

bool begins_after(const X509* certificate, std::int64_t time_ms) {
  std::time_t time = time_ms / 1'000;
  return X509_cmp_time(X509_get0_notBefore(certificate), &time) != -1;
}

bool ends_soon(const X509* certificate, std::int64_t now_ms) {
  return ends_before(certificate, now_ms + std::chrono::milliseconds(kCertificateRenewal).count());
}

// Both, when they belong together.
struct Parsed {
  Certificate certificate;
  Key key;
  const char* wrong = nullptr;
};

Parsed parse(const Pair& pair) {
  Parsed parsed{parse_certificate(pair.certificate), parse_key(pair.key)};
  if (!parsed.certificate) {
    parsed.wrong = "its certificate cannot be read";
  } else if (!parsed.key) {
    parsed.wrong = "its key cannot be read";
  } else if (X509_check_private_key(parsed.certificate.get(), parsed.key.get()) != 1) {
    parsed.wrong = "its key is another certificate's";
  }
  ERR_clear_error();
  return parsed;
}

}  // namespace

Certificate parse_certificate(const std::string& pem) {
  const Bio bio = reading(pem);
  Certificate certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)
                              : nullptr);
  ERR_clear_error();
  return certificate;
}

std::vector<Certificate> parse_certificates(const std::string& pem) {
  std::vector<Certificate> certificates;
  const Bio bio = reading(pem);
  while (bio) {
    Certificate next(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
    if (!next) break;
    certificates.push_back(std::move(next));
  }
  // The end of the text is the one failure that is none.
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_LIB(code) != ERR_LIB_PEM || ERR_GET_REASON(code) != PEM_R_NO_START_LINE) return {};
  return certificates;
}

Key parse_key(const std::string& pem) {
  const Bio bio = reading(pem);
  Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  ERR_clear_error();
  return key;
}

Pair make_authority(std::int64_t now_ms) {
  const Key key = make_key();
  const Certificate certificate = begin_certificate(key.get());
  const std::int64_t begin = begin_s(now_ms);
  set_validity(certificate.get(), begin, begin + std::chrono::seconds(kAuthorityLifetime).count());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  add_name_entry(name, "O", "Carillon");
  add_name_entry(name, "CN", authority_name());
  require(X509_set_issuer_name(certificate.get(), name) == 1, "no issuer");
  X509* const self = certificate.get();
  add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(self, self, NID_key_usage, "critical,keyCertSign");
  add_extension(self, self, NID_subject_key_identifier, "hash");
  add_extension(self, self, NID_authority_key_identifier, "keyid:always");
  sign(self, key.get());
  return print(self, key.get());
}

Pair make_leaf(const Pair& authority, const std::vector<std::string>& names, std::int64_t now_ms) {
  const Parsed issuer = parse(authority);
  if (issuer.wrong != nullptr) fail(issuer.wrong);
  const Key key = make_key();
  const Certificate certificate = begin_certificate(key.get());
  const std::int64_t begin = begin_s(now_ms);
  set_validity(certificate.get(), begin, begin + std::chrono::seconds(kLeafLifetime).count());
  add_name_entry(X509_get_subject_name(certificate.get()), "CN", "Carillon");
  require(
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.certificate.get())) == 1,
      "no issuer");
  X509* const leaf = certificate.get();
  X509* const signer = issuer.certificate.get();
  add_extension(leaf, signer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(leaf, signer, NID_key_usage, "critical,digitalSignature");
  add_extension(leaf, signer, NID_ext_key_usage, "serverAuth");
  add_extension(leaf, signer, NID_subject_key_identifier, "hash");
  add_extension(leaf, signer, NID_authority_key_identifier, "keyid:always");
  require(X509_add_ext(leaf, alternative_names(names).get(), -1) == 1, "no alternative names");
  sign(leaf, issuer.key.get());
  return print(leaf, key.get());
}

std::optional<std::string> why_no_authority(const Pair& authority, std::int64_t now_ms) {
  const Parsed parsed = parse(authority);
  if (parsed.wrong != nullptr) return parsed.wrong;
  if (ends_soon(parsed.certificate.get(), now_ms)) return "it expires soon";
  return std::nullopt;
}

std::optional<std::string> why_no_leaf(const Pair& leaf, const Pair& authority,
                                       const std::vector<std::string>& names, std::int64_t now_ms) {
  const Parsed parsed = parse(leaf);
  if (parsed.wrong != nullptr) return parsed.wrong;
  const Parsed issuer = parse(authority);
  if (issuer.wrong != nullptr) return issuer.wrong;
  const bool issued =
      X509_check_issued(issuer.certificate.get(), parsed.certificate.get()) == X509_V_OK &&
      X509_verify(parsed.certificate.get(), issuer.key.get()) == 1;
  ERR_clear_error();
  if (!issued) return "another authority has signed it";
  if (ends_soon(parsed.certificate.get(), now_ms)) return "it expires soon";
  if (begins_after(parsed.certificate.get(), now_ms)) return "it is not valid yet";
  if (!has_names(parsed.certificate.get(), names)) return "its names have changed";
  return std::nullopt;
}

}  // namespace carillon::server::tls
