// Every case of fixtures/operations, one test for each.

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "api/protocol/model.h"
#include "tests/component/case_runner.h"
#include "tests/component/json_template.h"

namespace carillon::tests {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = CARILLON_OPERATION_CASES;

class OperationCases : public testing::TestWithParam<fs::path> {};

TEST_P(OperationCases, AreAnsweredAsExpected) {
  try {
    run_case_file(GetParam(), kRoot);
  } catch (const CaseFailure& failure) {
    FAIL() << failure.what();
  }
}

std::string test_name(const testing::TestParamInfo<fs::path>& file) {
  std::string name = fs::path(file.param).replace_extension().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
      '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, OperationCases, testing::ValuesIn(find_cases(kRoot)), test_name);

TEST(OperationCaseFolders, ExistForEveryImplementedOperation) {
  std::set<std::string> folders;
  for (const fs::path& file : find_cases(kRoot)) folders.insert(file.begin()->string());
  for (const api::protocol::Operation& operation : api::protocol::operations()) {
    if (operation.make_invocation == nullptr) continue;
    EXPECT_TRUE(folders.contains(std::string(operation.name)))
        << "no case under fixtures/operations/" << operation.name;
  }
}

}  // namespace
}  // namespace carillon::tests
