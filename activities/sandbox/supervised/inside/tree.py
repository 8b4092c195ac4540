"""Processes that descend from this one, and their end.

This process is made a reaper of orphans, so a command cannot leave its tree by forking twice or by a session of its
own: whoever loses a parent becomes a child of this process.
"""

from __future__ import annotations

import ctypes
import os
import time
from _signal import SIGKILL, SIGSTOP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38

_LIBC = ctypes.CDLL(None, use_errno=True)

PAUSE_S = 0.005
FREEZE_S = 1.0
END_S = 3.0


def adopt() -> None:
    """Become the parent of orphans, and untouchable by a debugger of the same user."""
    for option, value in ((_PR_SET_CHILD_SUBREAPER, 1), (_PR_SET_DUMPABLE, 0), (_PR_SET_NO_NEW_PRIVS, 1)):
        _set(option, value)


def expose() -> None:
    """For a child: a process as others are."""
    _set(_PR_SET_DUMPABLE, 1)


def _set(option: int, value: int) -> None:
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def processes() -> dict[int, tuple[str, int]]:
    """All of the box: their states, as /proc has them, and parents."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    state, parent = file.read().rpartition(b")")[2].split()[:2]
            except OSError:
                continue  # it ended meanwhile
            found[int(name)] = (state.decode(), int(parent))
    return found


def descendants() -> dict[int, tuple[str, int]]:
    everything = processes()
    children: dict[int, list[int]] = {}
    for pid, (_, parent) in everything.items():
        children.setdefault(parent, []).append(pid)
    found, look = {}, [os.getpid()]
    while look:
        for pid in children.get(look.pop(), ()):
            found[pid] = everything[pid]
            look.append(pid)
    return found


def reap() -> dict[int, int]:
    """The exit codes of children that have ended."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def end() -> dict[int, int]:
    """End all descendants, also those that fork as fast as they can; the exit codes of the children among them.

    They are frozen first: frozen processes fork no more but still count for the limit of the box, so each round
    leaves fewer that run. Where that does not do, and this process may touch none but the user's, all of these end.
    """
    began = time.monotonic()
    while time.monotonic() - began < FREEZE_S:
        moving = [pid for pid, (state, _) in descendants().items() if state not in "TZX"]
        if not moving:
            break
        _signal(moving, SIGSTOP)
    ended: dict[int, int] = {}
    while time.monotonic() - began < FREEZE_S + END_S:
        left = descendants()
        _signal(left, SIGKILL)
        ended.update(reap())
        if not left:
            break
        time.sleep(PAUSE_S)
    else:
        if os.getuid() != 0:
            _signal([-1], SIGKILL)
            ended.update(reap())
    return ended


def _signal(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            pass
