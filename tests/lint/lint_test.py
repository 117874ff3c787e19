"""The lint finds what it claims to find: each rule is shown code that breaks it, and code that
does not."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import lint  # noqa: E402


class LintTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def offences(self, path, text):
        return [str(text) for _, text in lint.lint(lint.Source(self.root, path, text))]

    def assert_offence(self, path, text, expected):
        found = self.offences(path, text)
        self.assertTrue(any(expected in offence for offence in found), f"{found} lacks {expected}")

    def test_layers(self):
        for path, include in (
            ("store/a.cpp", '"api/call.h"'),
            ("store/a.cpp", "<boost/asio.hpp>"),
            ("api/a.cpp", '"server/log.h"'),
            ("api/a.cpp", "<sqlite3.h>"),
            ("api/a.cpp", "<boost/asio.hpp>"),
            ("api/a.cpp", "<rapidjson/document.h>"),
            ("api/a.cpp", "<unistd.h>"),
            ("server/a.cpp", "<sqlite3.h>"),
            ("server/a.cpp", "<rapidjson/document.h>"),
        ):
            with self.subTest(path=path, include=include):
                self.assert_offence(path, f"#include {include}\n", "may not include")
        for path, include in (
            ("store/a.cpp", "<sqlite3.h>"),
            ("api/a.cpp", '"store/rows.h"'),
            ("api/protocol/json.cpp", "<rapidjson/document.h>"),
            ("api/codegen/main.cpp", "<rapidjson/document.h>"),
            ("server/a.cpp", "<boost/asio.hpp>"),
            ("server/a.cpp", "<sys/stat.h>"),
        ):
            with self.subTest(path=path, include=include):
                self.assertEqual(self.offences(path, f"#include {include}\n"), [])

    def test_include_order(self):
        (self.root / "api").mkdir()
        (self.root / "api/a.h").touch()
        right = '#include "api/a.h"\n\n#include <string>\n\n#include "api/b.h"\n'
        self.assertEqual(self.offences("api/a.cpp", right), [])
        without_own = '#include <string>\n\n#include "api/b.h"\n'
        self.assert_offence("api/a.cpp", without_own, 'the first include must be "api/a.h"')
        self.assertEqual(self.offences("tests/unit/api/a_test.cpp", right), [])
        self.assert_offence("tests/unit/api/b_test.cpp", right, "string stands too late")
        late = '#include "api/a.h"\n\n#include "api/b.h"\n#include <string>\n'
        self.assert_offence("api/a.cpp", late, "string stands too late")
        library_first = "#include <boost/asio.hpp>\n#include <vector>\n"
        self.assert_offence("server/a.cpp", library_first, "vector stands too late")

    def test_headers(self):
        self.assertEqual(self.offences("api/a.h", "// What it is.\n#pragma once\n"), [])
        self.assert_offence("api/a.h", "#pragma once\n", "begins with a comment")
        self.assert_offence("api/a.h", "// What it is.\n", "needs #pragma once")

    def test_clocks(self):
        clock = "auto now = std::chrono::system_clock::now();\n"
        self.assert_offence("api/a.cpp", clock, "no clock")
        self.assert_offence("store/a.cpp", "std::random_device seed;\n", "draw no seed")
        self.assertEqual(self.offences("server/a.cpp", clock), [])
        self.assertEqual(self.offences("api/a.cpp", "// unlike system_clock::now\n"), [])

    def test_words(self):
        self.assert_offence("api/a.cpp", "// TO" "DO later\n", "finish it")
        self.assert_offence("api/a.cpp", "std::regex pattern;\n", "std::regex")
        self.assert_offence("tests/a.py", "path = '/ro" "ot/x'\n", "somebody's machine")
        self.assertEqual(self.offences("api/a.cpp", "using namespace std::chrono;\n"), [])
        self.assertEqual(self.offences("tests/a.py", "url = 'http://host/a/home/b'\n"), [])

    def test_sleeps(self):
        for path, text in (
            ("tests/http/a.cpp", "std::this_thread::sleep_for(1ms);\n"),
            ("tests/sdk/test_a.py", "time.sleep(1)\n"),
            ("tests/sdk/js/a.test.js", "setTimeout(done, 5)\n"),
            ("tests/a.sh", "true; sleep 1\n"),
        ):
            with self.subTest(path=path):
                self.assert_offence(path, text, "no test sleeps")
        self.assertEqual(self.offences("tests/sdk/polling.py", "time.sleep(0.01)\n"), [])
        self.assertEqual(self.offences("server/a.cpp", "std::this_thread::sleep_for(1ms);\n"), [])

    def test_skips(self):
        self.assert_offence("tests/a.cpp", "TEST(A, DISABLED_b) {}\n", "switched off")
        self.assert_offence("tests/test_a.py", "@pytest.mark.skip\n", "switched off")

    def test_columns(self):
        self.assertEqual(self.offences("api/a.cpp", "// " + "é" * 97 + "\n"), [])
        self.assert_offence("api/a.cpp", "// " + "é" * 98 + "\n", "101 columns")

    def test_lengths(self):
        def function(lines, indent=""):
            body = f"{indent}  f();\n" * (lines - 3)
            head = f"{indent}int name(int first,\n{indent}         int second) {{\n"
            return f"{head}{body}{indent}}}\n"

        self.assertEqual(self.offences("api/a.cpp", function(70)), [])
        self.assert_offence("api/a.cpp", function(71), "the function has 71 lines; does it")
        self.assert_offence("api/a.cpp", function(91), "the function has 91 lines; 90 are allowed")
        member = "class A {\n" + function(91, "  ") + "};\n"
        self.assert_offence("api/a.cpp", member, "the function has 91 lines")
        two = function(50) + "\n" + function(50)
        self.assertEqual(self.offences("api/a.cpp", "namespace a {\n" + two + "}\n"), [])
        initializer = "const int table[] = {\n" + "  1,\n" * 200 + "};\n"
        self.assertEqual(self.offences("api/a.cpp", initializer), [])
        self.assert_offence("api/a.cpp", "\n" * 601, "the file has 601 lines; 600 are allowed")

    def test_a_tree(self):
        self.assertEqual(lint.main(self.root), 1, "an empty tree proves nothing")
        (self.root / "api").mkdir()
        (self.root / "api/a.h").write_text("// What it is.\n#pragma once\n")
        self.assertEqual(lint.main(self.root), 0)
        (self.root / "api/b.h").write_text("#pragma once\n")
        self.assertEqual(lint.main(self.root), 1)


if __name__ == "__main__":
    unittest.main()
