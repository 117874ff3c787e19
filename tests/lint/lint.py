#!/usr/bin/env python3
"""Checks of the repository's own rules that a compiler does not make.

Prints one line for each offence and fails if there is one. Run by ctest as lint.rules; by hand:
  python3 tests/lint/lint.py [ROOT]
The rules are the check_* functions below: each takes a file and yields (line number, text).
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

SOURCE_FOLDERS = ("store", "api", "server", "tests", "fixtures")
IGNORED_FOLDERS = {"node_modules", "__pycache__", "build"}

# Above the first number a file or function is mentioned, above the second it fails.
FILE_LINES_MENTIONED, FILE_LINES_MAX = 500, 600
FUNCTION_LINES_MENTIONED, FUNCTION_LINES_MAX = 70, 90

COLUMNS_MAX = 100

POSIX = ("unistd.h", "fcntl.h", "signal.h", "poll.h", "pthread.h", "netdb.h", "sys/", "netinet/",
         "arpa/")


class Layer(NamedTuple):
    """What the files under `path` may include besides the standard library."""

    path: str
    ours: tuple
    others: tuple


# The first entry whose path begins the file's decides. server -> api -> store -> SQLite; nothing
# points back. A new line here is a decision about the architecture, not a formality.
LAYERS = (
    Layer("store/", ours=("store/",), others=("sqlite3.h", *POSIX)),
    Layer("api/codegen/", ours=("api/codegen/", "api/protocol/"), others=("rapidjson/",)),
    Layer("api/protocol/json.", ours=("api/protocol/", "api/limits.h"), others=("rapidjson/",)),
    Layer("api/protocol/pattern", ours=("api/",), others=("pcre2.h",)),
    Layer("api/protocol/digest", ours=("api/",), others=("openssl/",)),
    Layer("api/", ours=("api/", "store/"), others=("boost/system/result.hpp",)),
    Layer(
        "server/",
        ours=("server/", "api/", "store/"),
        others=("boost/", "openssl/", "CLI/", "spdlog/", *POSIX),
    ),
)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
STANDARD_HEADER = re.compile(r"^[a-z_]+$|^(assert|errno|inttypes|stddef|stdint|string|time)\.h$")


class Source:
    """A file of the tree: its path from the root and its lines."""

    def __init__(self, root, path, text):
        self.root = root
        self.path = path
        self.lines = text.splitlines()

    @property
    def is_cpp(self):
        return self.path.endswith((".h", ".cpp"))

    @property
    def is_header(self):
        return self.path.endswith(".h")

    @property
    def is_test(self):
        return self.path.startswith("tests/") or Path(self.path).name.startswith("test_")

    def includes(self):
        for number, line in enumerate(self.lines, 1):
            found = INCLUDE.match(line)
            if found:
                yield number, found[1], found[2]

    def code_lines(self):
        """The lines without what follows // and without string literals."""
        for number, line in enumerate(self.lines, 1):
            code = re.sub(r'"(\\.|[^"\\])*"', '""', line)
            yield number, code.split("//")[0]


def is_standard(header):
    return bool(STANDARD_HEADER.match(header))


def check_layers(source):
    layer = next((layer for layer in LAYERS if source.path.startswith(layer.path)), None)
    if layer is None or not source.is_cpp:
        return
    for number, bracket, header in source.includes():
        if bracket == '"' and not header.startswith(layer.ours):
            yield number, f'{layer.path} may not include "{header}"'
        if bracket == "<" and not is_standard(header) and not header.startswith(layer.others):
            yield number, f"{layer.path} may not include <{header}>"


def check_include_order(source):
    """Own header, standard library, other libraries, ours. That the own header comes first also
    makes sure that it compiles alone."""
    if not source.is_cpp:
        return
    includes = list(source.includes())
    own = source.path.removesuffix(".cpp") + ".h"
    if not source.is_header and (source.root / own).exists():
        if not includes or includes[0][2] != own:
            yield includes[0][0] if includes else 1, f'the first include must be "{own}"'
        includes = includes[1:]
    elif includes and Path(includes[0][2]).name == tested_header(source.path):
        includes = includes[1:]
    last_rank = 0
    for number, bracket, header in includes:
        system = is_standard(header) or header.startswith(POSIX)
        rank = 3 if bracket == '"' else 1 if system else 2
        if rank < last_rank:
            yield number, f"{header} stands too late: own header, standard, libraries, ours"
            return
        last_rank = rank


def tested_header(path):
    """json_test.cpp tests some json.h, which clang-format puts first as it does a file's own."""
    return Path(path).name.replace("_test.cpp", ".h")


def check_header(source):
    if not source.is_header:
        return
    if not source.lines or not source.lines[0].startswith("// "):
        yield 1, "a header begins with a comment: what it is, who calls it, on which thread"
    if "#pragma once" not in source.lines:
        yield 1, "a header needs #pragma once"


CLOCKS_AND_IDS = re.compile(
    r"_clock::now|\bclock_gettime\b|\bgettimeofday\b|\bstd::time\(|\brandom_device\b|\brand\(\)"
    r"|\bgetrandom\b|\bRAND_bytes\b"
)


def check_clocks(source):
    """Times and ids come into api and store with the call, so that tests can choose them."""
    if source.is_cpp and source.path.startswith(("api/", "store/")):
        for number, code in source.code_lines():
            if CLOCKS_AND_IDS.search(code):
                yield number, "api and store read no clock, draw no seed: the call brings both"


AVOIDED = re.compile(r"\bstd::regex\b|\busing namespace std;")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(root|home|work)/")
COMMENT_FILES = (".h", ".cpp", ".py", ".js", ".mjs", ".sh", ".txt", ".cmake", ".md")


def check_words(source):
    if source.is_cpp:
        for number, code in source.code_lines():
            if AVOIDED.search(code):
                yield number, "std::regex overflows the stack; `using namespace std` hides names"
    if source.path.endswith(COMMENT_FILES):
        for number, line in enumerate(source.lines, 1):
            if UNFINISHED.search(line):
                yield number, "finish it, or write down what is missing where users read it"
            if MACHINE_PATH.search(line):
                yield number, "a path of somebody's machine"


SLEEP = re.compile(
    r"\bsleep_for\b|\bsleep_until\b|\bu?sleep\(|\bnanosleep\b|\btime\.sleep\b"
    r"|(^|;)\s*sleep\s|\bsetTimeout\(|timers/promises"
)
# A poll with a deadline pauses between two looks. It is written once for each language, here:
POLLING_FILES = ("tests/support/", "tests/container/container_test.sh")
POLLING_NAME = re.compile(r"(^|/)poll(ing)?\.(py|js|mjs|h|cpp|sh)$")


def check_sleeps(source):
    may_poll = source.path.startswith(POLLING_FILES) or POLLING_NAME.search(source.path)
    if not source.is_test or may_poll or source.path.startswith("tests/lint/"):
        return
    for number, line in enumerate(source.lines, 1):
        if SLEEP.search(line):
            yield number, "no test sleeps: poll with a deadline (see polling.*) or drive the clock"


SKIPPED = re.compile(r"\bDISABLED_|\bGTEST_SKIP\b|pytest\.(mark\.)?(skip|xfail)|\b(test|it)\.skip")


def check_skips(source):
    if source.is_test and not source.path.startswith("tests/lint/"):
        for number, line in enumerate(source.lines, 1):
            if SKIPPED.search(line):
                yield number, "a test that is switched off proves nothing"


def check_columns(source):
    if source.is_cpp or source.path.endswith((".py", ".sh")):
        for number, line in enumerate(source.lines, 1):
            if len(line) > COLUMNS_MAX and "R\"" not in line and "http" not in line:
                yield number, f"{len(line)} columns; {COLUMNS_MAX} are allowed"


def check_file_length(source):
    if source.is_cpp or source.path.endswith(".py"):
        yield from too_long(1, "the file", len(source.lines), FILE_LINES_MENTIONED, FILE_LINES_MAX)


NO_FUNCTION = re.compile(r"^\s*(class|struct|enum|union|namespace|extern|using|return)\b")


def check_function_length(source):
    """Works on the layout that clang-format leaves: a function of a namespace or class opens at
    column 0 or 2, and its body ends at the first brace that stands as far left as its head."""
    if not source.is_cpp:
        return
    start = None
    for number, line in enumerate(source.lines, 1):
        if start is None:
            start = function_start(source.lines, number)
            indent = None if start is None else indentation(source.lines[start - 1])
        elif line.startswith("}") or (indent == 2 and line.startswith("  }")):
            yield from too_long(start, "the function", number - start + 1,
                                FUNCTION_LINES_MENTIONED, FUNCTION_LINES_MAX)
            start = None


def function_start(lines, number):
    """The line where the head begins of the function whose body opens at the end of line `number`;
    None when no body opens there or it is no function's."""
    if not lines[number - 1].endswith("{"):
        return None
    first = number
    while first > 1 and lines[first - 2] and not re.search(r"[;{}:]$|^\s*[/#]", lines[first - 2]):
        first -= 1
    head = lines[first - 1 : number]
    is_function = "(" in "".join(head) and not NO_FUNCTION.match(head[0])
    return first if is_function and indentation(head[0]) in (0, 2) else None


def indentation(line):
    return len(line) - len(line.lstrip(" "))


class Mention(str):
    """An offence that is printed but does not fail."""


def too_long(number, what, lines, mentioned, maximum):
    if lines > maximum:
        yield number, f"{what} has {lines} lines; {maximum} are allowed"
    elif lines > mentioned:
        yield number, Mention(f"{what} has {lines} lines; does it hold one idea?")


CHECKS = (
    check_layers,
    check_include_order,
    check_header,
    check_clocks,
    check_words,
    check_sleeps,
    check_skips,
    check_columns,
    check_file_length,
    check_function_length,
)


def sources(root):
    for folder in SOURCE_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            if not path.is_file() or IGNORED_FOLDERS.intersection(parts):
                continue
            try:
                yield Source(root, "/".join(parts), path.read_text())
            except UnicodeDecodeError:
                continue  # a fuzz corpus or another fixture, not source


def lint(source):
    """All offences of one file, in the order of its lines."""
    found = [(number, text) for check in CHECKS for number, text in check(source)]
    return sorted(found, key=lambda offence: offence[0])


def main(root):
    files = failures = 0
    for source in sources(root):
        files += 1
        for number, text in lint(source):
            mention = isinstance(text, Mention)
            failures += not mention
            print(f"{source.path}:{number}: {'note: ' if mention else ''}{text}")
    print(f"{files} files, {failures} offences")
    return 1 if failures or not files else 0


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[2]
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else here))
