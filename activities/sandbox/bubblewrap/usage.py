"""How much the files of a box take on the disk, and the end of them.

Both are left to the system's own programs. A box may nest folders deeper than any path can name, close them to their
owner, and put a link where a folder was a moment ago; ``find`` and ``rm`` are made for that.
"""

import os
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

BLOCK = 4096
"""Bytes that an empty file counts as, so that no number of them is free."""

COUNT_S = 60.0
REMOVE_S = 120.0

_OPEN = ("-type", "d", "!", "-perm", "-500", "-execdir", "chmod", "u+rx", "{}", ";")
"""For whoever is not root: a closed folder cannot be looked into."""


def used(folders: Sequence[Path], to_open: bool) -> int:
    """Bytes of all files below these folders; no link is followed. Blocks; TimeoutError where it takes too long.

    ``to_open``: folders that are closed to us, who own them, are opened first.
    """
    told = ("-printf", "%n %D:%i %b\\n")
    tests = ("(", *_OPEN, ",", *told, ")") if to_open else told
    command = ["find", "-P", *map(str, folders), "-xdev", *tests]
    try:
        # Its exit code says no more than that something was deleted meanwhile.
        done = subprocess.run(command, env={"PATH": os.defpath}, capture_output=True, timeout=COUNT_S, check=False)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"counting the files takes longer than {COUNT_S:g} s") from None
    total, known = 0, set[bytes]()
    for line in done.stdout.splitlines():
        links, identity, blocks = line.split()
        if links != b"1":
            if identity in known:
                continue
            known.add(identity)
        total += max(int(blocks) * 512, BLOCK)
    return total


def unlinked(processes: Iterable[psutil.Process], folder: Path) -> int:
    """Bytes of files on the disk of ``folder`` that these processes hold open after they were deleted."""
    found: dict[int, int] = {}
    device = folder.stat().st_dev
    for process in processes:
        descriptors = f"/proc/{process.pid}/fd"
        with suppress(OSError):
            for number in os.listdir(descriptors):
                with suppress(OSError):
                    status = os.stat(f"{descriptors}/{number}")
                    if status.st_nlink == 0 and status.st_dev == device:
                        found[status.st_ino] = status.st_blocks * 512
    return sum(found.values())


def remove(folder: Path) -> None:
    """Delete a folder that a box has filled. Blocks; raises OSError where that fails."""
    if not folder.is_dir():
        return
    try:
        if os.geteuid() != 0:
            _run("chmod", "-R", "u+rwx", "--", str(folder))
        done = _run("rm", "-rf", "--", str(folder))
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"deleting {folder.name} takes longer than {REMOVE_S:g} s") from None
    if done.returncode != 0:
        raise OSError(f"{folder.name} cannot be deleted: {done.stderr.decode(errors='replace').strip()[:200]}")


def _run(*command: str) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": os.defpath}
    return subprocess.run(command, env=environment, timeout=REMOVE_S, capture_output=True, check=False)
