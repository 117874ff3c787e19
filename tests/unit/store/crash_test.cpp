// kill -9 at any moment loses nothing that was answered.
#include <condition_variable>
#include <mutex>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

constexpr int kRounds = 6;
constexpr int kAnsweredBeforeTheKill = 1'500;

// The child: keeps some jobs under way, and writes each number to the pipe when it is answered.
[[noreturn]] void write_until_killed(const std::filesystem::path& directory, int round, int pipe) {
  Database database = Database::open(directory);
  ReaderPool readers(database, 1);
  Writer writer(database, readers, 1'000'000LL * (round + 1));
  std::mutex mutex;
  std::condition_variable answered;
  int under_way = 0;
  for (int number = round * 10'000'000;; ++number) {
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return under_way < 20; });
    ++under_way;
    lock.unlock();
    writer.submit(std::make_unique<FunctionJob>(
        [number](WriteTx& tx) {
          MessageRow row = message_row(1, 1, std::to_string(number), number);
          row.revision.content = std::string(500, 'x');
          insert_message(tx, row);
          return true;
        },
        [&, number](std::exception_ptr failure) {
          if (failure || write(pipe, &number, sizeof number) != sizeof number) _exit(1);
          const std::lock_guard relock(mutex);
          --under_way;
          answered.notify_one();
        }));
  }
}

std::vector<int> run_and_kill(const std::filesystem::path& directory, int round) {
  int answers[2];
  if (pipe(answers) != 0) throw std::runtime_error("pipe failed");
  const pid_t child = fork();
  if (child == 0) {
    try {
      write_until_killed(directory, round, answers[1]);
    } catch (...) {
      _exit(2);
    }
  }
  close(answers[1]);
  std::vector<int> numbers;
  int number = 0;
  while (read(answers[0], &number, sizeof number) == sizeof number) {
    numbers.push_back(number);
    if (numbers.size() == static_cast<std::size_t>(kAnsweredBeforeTheKill + round * 97)) {
      kill(child, SIGKILL);
    }
  }
  close(answers[0]);
  waitpid(child, nullptr, 0);
  return numbers;
}

TEST(CrashTest, NothingThatWasAnsweredIsLost) {
  TemporaryDirectory directory;
  std::vector<int> answered;
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<int> numbers = run_and_kill(directory.path(), round);
    ASSERT_GE(numbers.size(), static_cast<std::size_t>(kAnsweredBeforeTheKill));
    answered.insert(answered.end(), numbers.begin(), numbers.end());
  }
  Database database = Database::open(directory.path());
  WriteTx tx(database.writer_connection(), 1);
  // The sender that find_message joins.
  insert_identity(tx, identity_row(1, "sender"));
  for (const int number : answered) {
    ASSERT_TRUE(find_message(tx, 1, std::to_string(number))) << number;
  }
  Statement check = tx.connection().query("PRAGMA integrity_check");
  ASSERT_TRUE(check.step());
  EXPECT_EQ(check.text(0), "ok");
}

}  // namespace

}  // namespace carillon::store
