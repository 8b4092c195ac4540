"""One process of a name per home, known by a lock that dies with it.

A pid in a file may belong to anybody by now; a file lock cannot outlive its holder. The lock is
inherited by children, so a Postgres whose postmaster was killed counts as alive until its last
backend is gone, and is not started a second time on the same data.
"""

import fcntl
import os
import signal
import time
from contextlib import suppress

from gateway.errors import StartFailed
from gateway.home import Home

PATIENCE_S = 30
"""For the predecessor of a process that is being restarted to be gone."""


def take(home: Home, name: str) -> int:
    """Become the process ``name`` of this home, or raise StartFailed; returns the inheritable descriptor."""
    descriptor = os.open(home.claim(name), os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + PATIENCE_S
    while not _lock(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            raise StartFailed(f"{name} is still running as process {_recorded(descriptor)}")
        time.sleep(0.05)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    os.set_inheritable(descriptor, True)
    return descriptor


def holder(home: Home, name: str) -> int | None:
    """The pid of the living process ``name``; None if there is none. 0 if only children of it live."""
    try:
        descriptor = os.open(home.claim(name), os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        return None if _lock(descriptor, fcntl.LOCK_SH) else _recorded(descriptor)
    finally:
        os.close(descriptor)


def end(home: Home, name: str, stop: signal.Signals, patience_s: float = 15) -> None:
    """End the process ``name`` that an earlier run left behind: politely, then by force."""
    pid = holder(home, name)
    if pid is None:
        return
    for number, seconds in ((stop, patience_s), (signal.SIGKILL, 5.0)):
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if wait_gone(home, name, seconds):
            return
    raise StartFailed(f"{name} of an earlier run does not end; please end process {pid} yourself")


def wait_gone(home: Home, name: str, seconds: float) -> bool:
    """Wait for the process ``name`` to end; False if it still lives."""
    deadline = time.monotonic() + seconds
    while holder(home, name) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _lock(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _recorded(descriptor: int) -> int:
    text = os.pread(descriptor, 20, 0)
    return int(text) if text.isdigit() else 0
