"""What ``make setup`` shows while it installs: how far it is in a terminal, and why it failed anywhere."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pexpect
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    """A file that asks for one package, made here, and for one that is for other systems."""
    wheel = tmp_path / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    asked = tmp_path / "asked"
    asked.write_text(
        f"--no-index\n--find-links {tmp_path}\ntiny==1.0 --hash=sha256:{digest}\n"
        f"none==1.0 ; sys_platform == 'nowhere' --hash=sha256:{digest}\n"
    )
    return asked


def environment(requirements: Path) -> dict[str, str]:
    return {**os.environ, "PIP_TARGET": str(requirements.parent / "target"), "PIP_CONFIG_FILE": os.devnull}


def test_a_terminal_sees_how_far_it_is(requirements: Path) -> None:
    command = [str(ROOT / "deploy/install.py"), str(requirements)]
    with pexpect.spawn(sys.executable, command, env=environment(requirements), timeout=60, encoding="utf-8") as shown:
        shown.expect("1 of 1  tiny")
        shown.expect(pexpect.EOF)
    assert (requirements.parent / "target/tiny.py").exists()


def test_elsewhere_only_what_went_wrong_is_printed(requirements: Path) -> None:
    command = [sys.executable, str(ROOT / "deploy/install.py"), str(requirements)]

    def run() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, env=environment(requirements), capture_output=True, text=True, timeout=60, check=False
        )

    ran = run()
    assert (ran.returncode, ran.stdout) == (0, "")
    requirements.write_text(
        requirements.read_text().replace("sha256:", "sha256:0000").replace("tiny==1.0", "tiny==2.0")
    )
    ran = run()
    assert ran.returncode == 1
    assert "tiny==2.0" in ran.stdout
