"""What pyproject.toml tells uv keeps it from installing no lock: else pip does it, which takes ten times as long."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_uv_takes_a_lock_with_hashes(lock: str) -> None:
    arguments = ["uv", "pip", "install", "--dry-run", "--offline", "--require-hashes", "--python", sys.executable]
    asked = subprocess.run(
        [Path(sys.executable).with_name("uv"), *arguments[1:], "-r", lock],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
