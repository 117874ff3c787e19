// Runs the cases of fixtures/operations; its README describes their form.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::tests {

// "SendChannelMessage/happy.json" and so on below `root`, sorted; shared set-ups are none.
std::vector<std::filesystem::path> find_cases(const std::filesystem::path& root);

// Throws CaseFailure: which step, what was expected, what was answered.
void run_case_file(const std::filesystem::path& file, const std::filesystem::path& root);

// The same, and before each of its requests the same request from another account and from another
// region: they must see nothing of what there is, and leave no trace. Returns the operations to
// which something of the case was hidden from them.
std::set<std::string> run_case_file_with_intruders(const std::filesystem::path& file,
                                                   const std::filesystem::path& root);
// `text` is the content of such a file.
void run_case(std::string_view text, const std::filesystem::path& root);

}  // namespace carillon::tests
