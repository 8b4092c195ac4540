"""Loopback ports for the servers of tests, which several processes of tests choose at the same time.

A server is told its port before it listens, and until then anybody could take a port that was merely free. So
each is reserved by a locked file until the process that asked for it ends, whichever way. The range is one from
which neither the system (for outgoing connections) nor Clara (``gateway.ports``) chooses.
"""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

RANGE = range(12_000, 20_000)

_RESERVED: list[int] = []
"""Descriptors of the locked files: open until the process ends."""


def free_port() -> int:
    """A port that nobody listens on, and that no other process of tests is given."""
    folder = Path(tempfile.gettempdir()) / f"clara-test-ports-{os.geteuid()}"
    folder.mkdir(exist_ok=True)
    return next(port for port in random.sample(RANGE, len(RANGE)) if _reserve(folder / str(port)) and _is_free(port))


def _reserve(file: Path) -> bool:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _RESERVED.append(descriptor)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
