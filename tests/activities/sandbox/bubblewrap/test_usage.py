"""How much a box's files take, and the end of them, however a box has laid them out."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from activities.sandbox.bubblewrap.usage import BLOCK, remove, unlinked, used

DEEP = 3000
"""Levels: a path of as many has more bytes than the kernel takes, and more levels than Python calls itself."""

MIB = 2**20

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder with a file of 1 MiB at the bottom of folders in folders."""
    top = tmp_path / "box"
    top.mkdir()
    here = os.open(top, os.O_DIRECTORY)
    for _ in range(DEEP):
        os.mkdir("in", dir_fd=here)
        below = os.open("in", os.O_DIRECTORY, dir_fd=here)
        os.close(here)
        here = below
    file = os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here)
    os.write(file, bytes(MIB))
    os.close(file)
    os.close(here)
    yield top
    remove(top)


def test_nothing_is_too_deep_to_be_counted_and_deleted(deep: Path) -> None:
    assert used([deep], to_open=False) >= MIB + DEEP * BLOCK
    remove(deep)
    assert not deep.exists()


def test_closed_folders_are_counted_and_deleted(tmp_path: Path) -> None:
    closed = tmp_path / "box" / "closed"
    (closed / "in").mkdir(parents=True)
    (closed / "in" / "file").write_bytes(bytes(MIB))
    for each in (closed / "in", closed):
        each.chmod(0)
    assert used([tmp_path / "box"], to_open=True) >= MIB
    for each in (closed / "in", closed):
        each.chmod(0)
    remove(tmp_path / "box")
    assert not (tmp_path / "box").exists()


def test_links_lead_nowhere_and_one_file_counts_once(tmp_path: Path) -> None:
    box, outside = tmp_path / "box", tmp_path / "outside"
    box.mkdir()
    outside.mkdir()
    (outside / "large").write_bytes(bytes(8 * MIB))
    (box / "out").symlink_to(outside)
    (box / "one").write_bytes(bytes(2 * MIB))
    for number in range(5):
        (box / f"again{number}").hardlink_to(box / "one")
    assert 2 * MIB <= used([box], to_open=False) < 3 * MIB
    remove(box)
    assert (outside / "large").exists()


def test_empty_files_are_not_free(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / str(number)).touch()
    assert used([tmp_path], to_open=False) >= 100 * BLOCK


def test_a_file_that_is_deleted_and_still_open_counts(tmp_path: Path) -> None:
    with (tmp_path / "gone").open("wb", buffering=0) as file:
        file.write(bytes(3 * MIB))
        assert unlinked([psutil.Process()], tmp_path) == 0
        (tmp_path / "gone").unlink()
        assert unlinked([psutil.Process()], tmp_path) >= 3 * MIB
    assert unlinked([psutil.Process()], tmp_path) == 0


def test_what_cannot_be_deleted_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "box").mkdir()
    monkeypatch.setattr(os, "defpath", str(_failing(tmp_path)))
    with pytest.raises(OSError, match=r"box cannot be deleted: it is immutable"):
        remove(tmp_path / "box")


def _failing(folder: Path) -> Path:
    """Programs that fail as ``rm`` does at a file that nobody may delete."""
    programs = folder / "bin"
    programs.mkdir()
    for name in ("rm", "chmod"):
        (programs / name).write_text("#!/bin/sh\necho it is immutable >&2\nexit 1\n")
        (programs / name).chmod(0o755)
    return programs
