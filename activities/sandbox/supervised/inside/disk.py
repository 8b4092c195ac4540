"""How much the files of a box take, looked at while a command runs."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LOOK_S = 0.2
GROWTH = 4 << 20
"""Bytes by which the free space of the disk changes before files are counted again."""
NEW_FILES = 500
"""The same for files."""
REST = 10
"""Counting takes one part in so many of the time, however many files there are."""
STEP = 200
"""Files that are looked at in one go."""
SMALLEST = 4096
"""What each file and folder counts at least: a million empty ones fill a disk as well."""

MARK = "/tmp/.full"
"""Says that a command was ended. The next one may go on as long as it does not add to what is there, so that it can
be removed. Who makes it by hand gains nothing, because what is there is counted before the command begins."""


class Watch:
    """Says when ``home`` takes more than ``limit`` bytes."""

    def __init__(self, home: str, limit: int) -> None:
        self._home = home
        self._limit = limit
        self._free = (0, 0)
        self._counting: Iterator[int | None] | None = None
        self._cost = 0.0
        self._next = 0.0
        if os.path.lexists(MARK):
            self._begin_full()

    def exceeded(self) -> bool:
        """To be asked often: a part of the count is done by each call."""
        if self._counting is None:
            if not self._due():
                return False
            self._counting, self._cost = _count(self._home), 0.0
        began = time.process_time()
        try:
            used = next(self._counting)
        except OSError:  # something is hidden
            return self._full()
        self._cost += time.process_time() - began
        if used is None:
            return False
        self._counting = None
        self._next = time.monotonic() + max(LOOK_S, REST * self._cost)
        return used > self._limit and self._full()

    @property
    def busy(self) -> bool:
        """Whether a count is under way, so that it should be asked again at once."""
        return self._counting is not None

    def _due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + LOOK_S
        disk = os.statvfs(self._home)
        space, files = disk.f_bfree * disk.f_frsize, disk.f_ffree
        if abs(space - self._free[0]) < GROWTH and abs(files - self._free[1]) < NEW_FILES:
            return False
        self._free = (space, files)
        return True

    def _full(self) -> bool:
        try:
            os.close(os.open(MARK, os.O_CREAT | os.O_WRONLY, 0o600))
        except OSError:
            pass  # the next command will be ended as well
        return True

    def _begin_full(self) -> None:
        try:
            used = [count for count in _count(self._home) if count is not None][-1]
        except OSError:
            return
        if used > self._limit:
            self._limit = used
        else:
            try:
                os.unlink(MARK)
            except OSError:
                pass


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
            try:
                if entry.is_dir(follow_symlinks=False):
                    look.append(entry.path)
                yield entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # removed meanwhile
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            for number in os.listdir(f"/proc/{pid}/fd"):
                status = os.stat(f"/proc/{pid}/fd/{number}")
                if status.st_nlink == 0 and status.st_dev == device:
                    yield status
        except OSError:
            continue  # of another user, or it ended


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """Nobody hides files by taking the rights of a folder away, or by a path that is too long: that raises OSError."""
    try:
        return list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except PermissionError:
        os.chmod(folder, 0o700)
        return list(os.scandir(folder))
