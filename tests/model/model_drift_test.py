"""The committed service model says what the installed botocore says, byte for byte.

When this fails, AWS has changed the service and botocore with it: refresh the files, read the
diff, and decide what the emulator has to learn.
"""

import difflib
import importlib.util
import json
import pathlib
import subprocess
import sys

import botocore
import pytest

MODEL_DIR = pathlib.Path(__file__).resolve().parents[2] / "api" / "model"
IMPORTER = MODEL_DIR / "import_model.py"
REFRESH = f"{sys.executable} {IMPORTER} && python3 api/model/coverage.py"
# Operations of each service at the time of writing; a new one wants a decision, not only a diff.
OPERATION_COUNTS = {"messaging": 51, "identity": 30}
DIFF_LINES_MAX = 60


def load_importer():
    spec = importlib.util.spec_from_file_location("import_model", IMPORTER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


import_model = load_importer()


@pytest.fixture(scope="module", name="installed")
def fixture_installed():
    return import_model.import_all(pathlib.Path(botocore.__file__).parent)


@pytest.mark.parametrize("file_name", ["messaging.json", "identity.json"])
def test_committed_model_is_what_botocore_says(installed, file_name):
    committed = (MODEL_DIR / file_name).read_text(encoding="utf-8")
    if committed == installed[file_name]:
        return
    diff = list(difflib.unified_diff(
        committed.splitlines(), installed[file_name].splitlines(),
        f"committed {file_name}", f"botocore {botocore.__version__}", n=0, lineterm=""))
    shown = "\n".join(diff[:DIFF_LINES_MAX])
    hidden = len(diff) - DIFF_LINES_MAX
    more = f"\n... and {hidden} more lines" if hidden > 0 else ""
    pytest.fail(f"{file_name} has drifted; refresh with\n  {REFRESH}\n{shown}{more}", pytrace=False)


@pytest.mark.parametrize("service", sorted(OPERATION_COUNTS))
def test_every_operation_is_there(service):
    model = json.loads((MODEL_DIR / f"{service}.json").read_text(encoding="utf-8"))
    assert len(model["operations"]) == OPERATION_COUNTS[service]


def test_an_unknown_trait_is_refused():
    source = {"type": "string", "max": 3, "uniqueItems": True}
    with pytest.raises(import_model.ModelError, match="Odd: unknown key uniqueItems"):
        import_model.import_shape("Odd", source)


def test_check_tells_a_stale_file_by_its_exit_code(tmp_path):
    command = [sys.executable, str(IMPORTER), "--out", str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == import_model.EXIT_OK
    check = command + ["--check"]
    assert subprocess.run(check, check=False).returncode == import_model.EXIT_OK
    (tmp_path / "identity.json").write_text("{}\n", encoding="utf-8")
    stale = subprocess.run(check, check=False, capture_output=True, text=True)
    assert stale.returncode == import_model.EXIT_STALE
    assert "identity.json is stale" in stale.stderr


def test_a_folder_without_models_is_bad_input(tmp_path):
    command = [sys.executable, str(IMPORTER), "--botocore", str(tmp_path), "--out", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == import_model.EXIT_BAD_INPUT
    assert "service-2.json" in done.stderr
