"""How much the files of a box take, looked at while a command runs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress

LOOK_S = 0.2
GROWTH = 4 << 20
"""Bytes by which the free space of the disk shrinks before files are counted again."""
REST = 10
"""Counting takes one part in so many of the time, however many files there are."""
STEP = 200
"""Files that are looked at in one go."""
SMALLEST = 4096
"""What each file and folder counts at least: a million empty ones fill a disk as well."""


class Watch:
    """Says when ``home`` takes more than ``limit`` bytes.

    A command that begins above it may go on, to remove something, as long as it does not add to it.
    """

    def __init__(self, home: str, limit: int) -> None:
        self._home = home
        self._limit = limit
        self._free_at_start = self._free_at_count = _free(home)
        self._counting: Iterator[int | None] | None = None
        self._began = 0.0
        self._next = 0.0
        self._counted = False

    def exceeded(self) -> bool:
        """To be asked often: a part of the count is done by each call."""
        now = time.monotonic()
        if self._counting is None:
            if now < self._next:
                return False
            self._next = now + LOOK_S
            free = _free(self._home)
            if self._counted and abs(self._free_at_count - free) < GROWTH:
                return False
            self._free_at_count, self._began = free, now
            self._counting = _count(self._home)
        try:
            used = next(self._counting)
        except OSError:
            return True
        if used is None:
            return False
        self._counting = None
        self._next = now + max(LOOK_S, REST * (now - self._began))
        if not self._counted:
            self._counted = True
            self._limit = max(self._limit, used - max(0, self._free_at_start - _free(self._home)))
        return used > self._limit

    @property
    def busy(self) -> bool:
        """Whether a count is under way, so that it should be asked again at once."""
        return self._counting is not None


def _free(home: str) -> int:
    disk = os.statvfs(home)
    return disk.f_bfree * disk.f_frsize


def _count(home: str) -> Iterator[int | None]:
    """Nothing while it counts, bytes at the end. Files that were removed while they are open take space too."""
    used, seen = 0, 0
    known: set[tuple[int, int]] = set()
    device = os.stat(home).st_dev
    for status in _all(home, device):
        identity = (status.st_dev, status.st_ino)
        if status.st_nlink != 1:
            if identity in known:
                continue
            known.add(identity)
        used += max(SMALLEST, status.st_blocks * 512)
        seen += 1
        if seen % STEP == 0:
            yield None
    yield used


def _all(home: str, device: int) -> Iterator[os.stat_result]:
    look = [home]
    while look:
        for entry in _entries(look.pop()):
            with suppress(FileNotFoundError):  # removed meanwhile
                if entry.is_dir(follow_symlinks=False):
                    look.append(entry.path)
                yield entry.stat(follow_symlinks=False)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):  # of another user, or it ended
            for number in os.listdir(f"/proc/{pid}/fd"):
                status = os.stat(f"/proc/{pid}/fd/{number}")
                if status.st_nlink == 0 and status.st_dev == device:
                    yield status


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """Nobody hides files by taking the rights of a folder away, or by a path that is too long: that raises OSError."""
    try:
        return list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except PermissionError:
        os.chmod(folder, 0o700)
        return list(os.scandir(folder))
