"""No process that speaks to Temporal takes the interpreter down, where threads of the SDK may crash it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENTRIES = {
    "gateway": ["--version"],
    "workers": [],
    "adapters.cli": ["--message", "Hello"],
    "adapters.discord": [],
    "deploy/migrate.py": [],
}
TOLD = """
import atexit, runpy, sys
atexit.register(print, "taken down", file=sys.stderr)
entry = sys.argv.pop(1)
run = runpy.run_path if entry.endswith(".py") else runpy.run_module
run(entry, run_name="__main__")
"""


@pytest.mark.parametrize("entry", ENTRIES)
def test_ends_at_once_with_all_that_was_printed(entry: str, tmp_path: Path) -> None:
    # One wrong setting is the quickest end that all of them have.
    ran = subprocess.run(
        [sys.executable, "-c", TOLD, entry, *ENTRIES[entry]],
        cwd=ROOT,
        env={**os.environ, "CLARA_HOME": str(tmp_path), "LLM_PROVIDER": "nobody", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "taken down" not in ran.stderr
    if entry == "gateway":
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout
    else:
        assert ran.returncode in (1, 2), ran.stderr
        assert "LLM_PROVIDER" in ran.stderr
