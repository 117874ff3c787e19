// The runner itself: a case that expects something else than what is answered must fail and say so.

#include <gtest/gtest.h>

#include "tests/component/case_runner.h"
#include "tests/component/json_template.h"

namespace carillon::tests {
namespace {

// What the failure says; empty when the case passes.
std::string outcome(const std::string& steps) {
  try {
    run_case(R"({"set_up": ["app_instance"], "steps": [)" + steps + "]}", CARILLON_OPERATION_CASES);
  } catch (const CaseFailure& failure) {
    return failure.what();
  }
  return {};
}

std::string describe_app_instance(const std::string& expect) {
  return R"({"operation": "DescribeAppInstance", "input": {"AppInstanceArn": "${app_instance}"},)"
         R"("expect": )" +
         expect + "}";
}

void expect_mentions(const std::string& text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' in '" << text << "'";
  }
}

TEST(CaseRunner, PassesWhatIsAsExpected) {
  EXPECT_EQ(outcome(describe_app_instance(
                R"({"status": 200, "body": {"AppInstance": {"Name": "Chorus"}}})")),
            "");
}

TEST(CaseRunner, ReportsAnotherStatus) {
  expect_mentions(outcome(describe_app_instance(R"({"status": 201})")),
                  {"step 1 (DescribeAppInstance)", "expected status 201", "got 200"});
}

TEST(CaseRunner, ReportsAnotherValueWithItsPath) {
  expect_mentions(outcome(describe_app_instance(
                      R"({"status": 200, "body": {"AppInstance": {"Name": "Other"}}})")),
                  {"AppInstance.Name", "\"Other\"", "\"Chorus\""});
}

TEST(CaseRunner, ReportsAMemberThatIsMissing) {
  expect_mentions(outcome(describe_app_instance(
                      R"({"status": 200, "body": {"AppInstance": {"Bells": "$any"}}})")),
                  {"AppInstance.Bells", "got null"});
}

TEST(CaseRunner, ReportsAMemberThatShouldBeAbsent) {
  expect_mentions(outcome(describe_app_instance(
                      R"({"status": 200, "body": {"AppInstance": {"Name": "$absent"}}})")),
                  {"AppInstance.Name", "expected nothing"});
}

TEST(CaseRunner, ReportsAMemberThatAnExactBodyDoesNotMention) {
  expect_mentions(outcome(describe_app_instance(
                      R"({"status": 200, "exact_body": {"AppInstance": {"Name": "Chorus"}}})")),
                  {"AppInstance.AppInstanceArn", "expected nothing"});
}

TEST(CaseRunner, ReportsAnotherError) {
  const std::string step =
      R"({"operation": "DescribeAppInstance", "input": {"AppInstanceArn": "arn:aws:chime:x"},)";
  expect_mentions(outcome(step + R"("expect": {"status": 400, "error": "ConflictException"}})"),
                  {"expected ConflictException", "got 400 BadRequestException"});
  expect_mentions(outcome(step + R"("expect": {"status": 400}})"), {"BadRequestException"});
  expect_mentions(outcome(step + R"("save": {"x": "y"}})"), {"expected success", "400"});
}

TEST(CaseRunner, ReportsMistakesInTheCase) {
  expect_mentions(outcome(R"({"operation": "RingTheBell"})"), {"no operation RingTheBell"});
  expect_mentions(outcome(R"({"operation": "DescribeAppInstance", "input": {"Bell": "x"}})"),
                  {"no member Bell"});
  expect_mentions(outcome(R"({"operation": "DescribeAppInstance",
                              "input": {"AppInstanceArn": "${nobody}"}})"),
                  {"${nobody}"});
  expect_mentions(outcome(R"({"expcet": 1})"), {"no kind of step"});
  expect_mentions(outcome(describe_app_instance(R"({"status": 200, "bdoy": {}})")), {"bdoy"});
  expect_mentions(outcome(R"({"purge": true})"), {"nothing has asked"});
}

TEST(CaseRunner, ReportsAnInvocationThatIsNotThere) {
  expect_mentions(outcome(R"({"invocations": [{"CallbackId": "$any"}]})"), {"1 elements"});
}

TEST(CaseRunner, ReportsAnEventThatIsOtherwise) {
  EXPECT_EQ(outcome(R"({"events": []})"), "");
  expect_mentions(outcome(R"({"events": [{"Gone": "$any"}]})"), {"1 elements"});
  const std::string deletion =
      R"({"operation": "DeleteAppInstance", "input": {"AppInstanceArn": "${app_instance}"}},)";
  EXPECT_EQ(outcome(deletion + R"({"events": [{"Gone": "${app_instance}"}]})"), "");
  expect_mentions(outcome(deletion + R"({"events": []})"), {"0 elements"});
  expect_mentions(outcome(deletion + R"({"events": [{"Gone": "somebody"}]})"), {"somebody"});
}

}  // namespace
}  // namespace carillon::tests
