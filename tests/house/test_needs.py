"""What tests need of the system: installed where that is possible, and never in the way of the tests."""

import os
import time
from pathlib import Path

import pytest

from tests import needs
from tests.needs import Need

ABSENT = Need("oven", "no-such-oven", "oven-server", "bread")
PRESENT = Need("shell", "sh", "dash", "everything")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root installs packages")


def apt(folder: Path, does: str) -> str:
    """An apt-get that writes down what it was asked for, and then does this."""
    path = folder / "apt-get"
    path.write_text(f'#!/bin/sh\necho "$@" >> {folder}/asked\n{does}\n')
    path.chmod(0o755)
    return str(path)


def asked(folder: Path) -> list[str]:
    """The verb and what follows it, of each time."""
    lines = (folder / "asked").read_text().splitlines() if (folder / "asked").exists() else []
    return [line.split("Timeout=20 ")[1] for line in lines]


def test_what_is_there_is_not_installed(tmp_path: Path) -> None:
    assert needs.install([PRESENT], apt(tmp_path, "exit 0")) == []
    assert asked(tmp_path) == []
    assert needs.report([PRESENT]) == []


@as_root
def test_what_is_missing_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "SEARCHED", str(tmp_path))
    made = f"printf '#!/bin/sh' > {tmp_path}/no-such-oven; chmod +x {tmp_path}/no-such-oven"
    assert needs.install([ABSENT], apt(tmp_path, made)) == []
    assert asked(tmp_path) == ["install --yes --no-install-recommends oven-server"]


@as_root
def test_old_lists_of_packages_are_renewed(tmp_path: Path) -> None:
    once = f'test "$(wc -l < {tmp_path}/asked)" -gt 1'
    needs.install([ABSENT], apt(tmp_path, once))
    assert [line.split()[0] for line in asked(tmp_path)] == ["install", "update", "install"]


@as_root
def test_a_mirror_that_hangs_takes_no_longer_than_it_may(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun = time.monotonic()
    assert needs.install([ABSENT], apt(tmp_path, "sleep 600"), limit_s=0.5) == [ABSENT]
    assert time.monotonic() - begun < 300
    assert "did not work" in capsys.readouterr().out


def test_without_root_the_run_ends_with_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert needs.install([ABSENT, PRESENT], apt(tmp_path, "exit 0")) == [ABSENT]
    assert asked(tmp_path) == []
    assert needs.report([ABSENT, PRESENT]) == [
        "skipped without oven: bread",
        "To run them too: sudo apt-get install oven-server",
    ]
