// Runs the cases of fixtures/operations; its README describes their form.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace carillon::tests {

// "SendChannelMessage/happy.json" and so on below `root`, sorted; shared set-ups are none.
std::vector<std::filesystem::path> find_cases(const std::filesystem::path& root);

// Throws CaseFailure: which step, what was expected, what was answered.
void run_case_file(const std::filesystem::path& file, const std::filesystem::path& root);
// `text` is the content of such a file.
void run_case(std::string_view text, const std::filesystem::path& root);

}  // namespace carillon::tests
