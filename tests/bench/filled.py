"""Directories with data to measure on: made once by bench_fill and kept, never written to again."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from processes import BenchError

ROOT = Path(__file__).resolve().parents[2]
# What decides what such a directory holds.
SOURCES = ("store/migrations.cpp", "tests/bench/filled_database.cpp",
           "tests/bench/filled_database.h", "tests/bench/fill.cpp")


def filled_directory(programs, data, name, *counts):
    """The directory of that name below `data`, filled with so many messages, members, channels."""
    digest = hashlib.sha256()
    for path in SOURCES:
        digest.update((ROOT / path).read_bytes())
    directory = data / f"{name}-{digest.hexdigest()[:12]}"
    if directory.exists():
        return directory
    for old in data.glob(f"{name}-*"):
        shutil.rmtree(old)
    print(f"filling {name} (once)", file=sys.stderr, flush=True)
    unfinished = Path(tempfile.mkdtemp(prefix="filling-", dir=data))
    done = subprocess.run(
        [str(programs.tools / "bench_fill"), str(unfinished), *map(str, counts)],
        capture_output=True, text=True, timeout=1800, check=False)
    if done.returncode:
        shutil.rmtree(unfinished)
        raise BenchError(done.stderr)
    (unfinished / "filled.json").write_text(done.stdout)
    unfinished.rename(directory)
    return directory
