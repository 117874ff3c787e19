#include "server/tls/files.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

#include "server/limits.h"

namespace carillon::server::tls {

namespace fs = std::filesystem;

namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  const int number_;
};

[[noreturn]] void fail(const char* what, const fs::path& path, const char* remedy) {
  const int error = errno;
  throw std::runtime_error(std::string("Cannot ") + what + " " + path.string() + ": " +
                           std::strerror(error) + ". " + remedy);
}

constexpr const char* kReadRemedy = "Make it readable for the user that runs the server.";
constexpr const char* kWriteRemedy = "Make the data directory writable, or give --tls-cert.";

ssize_t retried(ssize_t (*call)(int, void*, std::size_t), int descriptor, void* data,
                std::size_t size) {
  ssize_t count = 0;
  do {
    count = call(descriptor, data, size);
  } while (count < 0 && errno == EINTR);
  return count;
}

void write_all(int descriptor, std::string text, const fs::path& path) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count =
        retried([](int d, void* data, std::size_t size) { return ::write(d, data, size); },
                descriptor, text.data() + done, text.size() - done);
    if (count < 0) fail("write to", path, kWriteRemedy);
    done += static_cast<std::size_t>(count);
  }
}

// A rename is kept once the directory that has the name is.
void sync_directory(const fs::path& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() || ::fsync(directory.number()) != 0) {
    fail("write to", path, kWriteRemedy);
  }
}

}  // namespace

std::optional<std::string> read_file(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    fail("read", path, kReadRemedy);
  }
  std::string text(kTlsFileBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = retried(::read, file.number(), text.data() + size, text.size() - size);
    if (count < 0) fail("read", path, kReadRemedy);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > kTlsFileBytesMax) {
    throw std::runtime_error(path.string() + " has more than " + std::to_string(kTlsFileBytesMax) +
                             " bytes: that is no certificate and no key.");
  }
  text.resize(size);
  return text;
}

void write_file(const fs::path& path, const std::string& text, bool secret) {
  const fs::path directory = path.parent_path();
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    fail("make the directory", directory, kWriteRemedy);
  }
  const fs::path temporary = path.string() + ".new";
  {
    // One that a crash has left may have other rights than this one gets.
    ::unlink(temporary.c_str());
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644));
    if (!file.is_open()) fail("make", temporary, kWriteRemedy);
    write_all(file.number(), text, temporary);
    if (::fsync(file.number()) != 0) fail("write to", temporary, kWriteRemedy);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail("write", path, kWriteRemedy);
  sync_directory(directory);
}

}  // namespace carillon::server::tls
