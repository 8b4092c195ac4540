"""Starts a command: with pipes, limits and nothing else of its supervisor."""

from __future__ import annotations

import os
import resource
from _signal import SIG_DFL, SIGPIPE, SIGTERM, SIGXFSZ, signal

from . import frames, tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

HOME = "/home/user"
NICER = 5
"""A supervisor must get its turn among processes that take all they can."""
EXPENDABLE = 500
"""What the kernel ends first when memory runs out: commands, never a supervisor."""
NOT_FOUND = 127
NOT_STARTED = 126


class Started:
    """A command that was started."""

    def __init__(self, pid: int, stdin: int, out: int, err: int) -> None:
        self.pid = pid
        self.input: int | None = stdin
        self.streams = {out: frames.OUT, err: frames.ERR}
        for descriptor in (stdin, out, err):
            os.set_blocking(descriptor, False)


def start(order: frames.Order) -> Started:
    """A command that cannot be started says why as a shell would."""
    theirs_in, ours_in = os.pipe()
    ours_out, theirs_out = os.pipe()
    ours_err, theirs_err = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _become(order, theirs_in, theirs_out, theirs_err)
        finally:
            os._exit(NOT_STARTED)
    for descriptor in (theirs_in, theirs_out, theirs_err):
        os.close(descriptor)
    return Started(pid, ours_in, ours_out, ours_err)


def _become(order: frames.Order, *streams: int) -> NoReturn:
    os.setsid()
    for target, descriptor in enumerate(streams):
        os.dup2(descriptor, target)
    try:
        tree.expose()
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(str(EXPENDABLE))
        os.nice(NICER)
        if order.user is not None:
            os.setgroups([])
            os.setgid(order.user)
            os.setuid(order.user)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.disk, order.disk))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for number in (SIGPIPE, SIGTERM, SIGXFSZ):
            signal(number, SIG_DFL)
        os.chdir(HOME)
        os.execvpe(order.arguments[0], order.arguments, order.environment)
    except OSError as error:
        os.write(2, f"{order.arguments[0]}: {error.strerror}\n".encode())
        os._exit(NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_STARTED)
