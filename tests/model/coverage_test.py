"""docs/coverage.md is what the model and its overlay say."""

import pathlib
import subprocess
import sys

COVERAGE = pathlib.Path(__file__).resolve().parents[2] / "api" / "model" / "coverage.py"


def run(*arguments):
    command = [sys.executable, str(COVERAGE), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_the_published_table_is_current():
    done = run("--check")
    assert done.returncode == 0, done.stderr


def test_a_stale_table_fails_and_names_the_refreshing_command(tmp_path):
    table = tmp_path / "coverage.md"
    assert run("--out", str(table)).returncode == 0
    table.write_text(table.read_text(encoding="utf-8").replace("planned", "done", 1),
                     encoding="utf-8")
    done = run("--out", str(table), "--check")
    assert done.returncode == 1
    assert "python3 api/model/coverage.py" in done.stderr
