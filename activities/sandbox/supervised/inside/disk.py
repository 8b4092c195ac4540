"""How much the files of a box take, looked at while a command runs."""

from __future__ import annotations

import os
import stat
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

LONG = 2000
"""Bytes of a path from which on it is found from a folder on its way: the kernel takes 4,096, and folders may be nested
deeper than that."""

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW

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
    look = [(_Folder(os.open(home, _DIRECTORY)), ".")]
    while look:
        base, path = look.pop()
        if len(os.fsencode(path)) > LONG:
            try:
                base, path = _Folder(os.open(path, _DIRECTORY, dir_fd=base.fd)), "."
            except (FileNotFoundError, NotADirectoryError):
                continue  # removed meanwhile
        for name, status in _entries(base.fd, path):
            if stat.S_ISDIR(status.st_mode):
                look.append((base, f"{path}/{name}"))
            yield status
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            for number in os.listdir(f"/proc/{pid}/fd"):
                status = os.stat(f"/proc/{pid}/fd/{number}")
                if status.st_nlink == 0 and status.st_dev == device:
                    yield status
        except OSError:
            continue  # of another user, or it ended


class _Folder:
    """A folder that is held open as long as something below it is to be looked at."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def __del__(self) -> None:
        os.close(self.fd)


def _entries(base: int, path: str) -> list[tuple[str, os.stat_result]]:
    """Nobody hides files by taking the rights of a folder away: that raises OSError."""
    try:
        folder = os.open(path, _DIRECTORY, dir_fd=base)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except PermissionError:
        os.chmod(path, 0o700, dir_fd=base)
        folder = os.open(path, _DIRECTORY, dir_fd=base)
    found = []
    try:
        for entry in os.scandir(folder):
            try:
                found.append((entry.name, entry.stat(follow_symlinks=False)))
            except FileNotFoundError:
                continue  # removed meanwhile
    finally:
        os.close(folder)
    return found
