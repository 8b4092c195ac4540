"""File locks of this home, each wait bounded. A lock is gone when its holder is, however it ended."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.console.progress import Progress
from gateway.errors import StartFailed
from gateway.home import Home

START_S = 150
"""Longer than any start or stop takes."""


@contextmanager
def starting(home: Home, progress: Progress) -> Iterator[None]:
    """Alone with the decision whether this home's processes run."""
    home.create()
    descriptor = _open(home.start_lock)
    try:
        if not _try(descriptor, fcntl.LOCK_EX):
            progress("Waiting for another clara command that starts or stops this home")
            deadline = time.monotonic() + START_S
            while not _try(descriptor, fcntl.LOCK_EX):
                if time.monotonic() > deadline:
                    raise StartFailed(f"another clara command has kept {home.root} locked for {START_S} seconds")
                time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)


class Use:
    """That somebody uses the stack; as many as like at the same time."""

    def __init__(self, home: Home) -> None:
        self._descriptor = _open(home.users_lock)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)  # never waits: nobody keeps it exclusively

    def end(self) -> bool:
        """Stop using it; True if nobody else does. Call it within ``starting``, so that nobody begins to."""
        try:
            return _try(self._descriptor, fcntl.LOCK_EX)
        finally:
            os.close(self._descriptor)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _try(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
