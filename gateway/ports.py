"""Loopback ports that nobody listens on."""

import random
import socket

_RANGE = range(20_000, 32_000)
"""Below the ports that systems hand out to outgoing connections, which could be taken at any restart."""


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` now. Connections that linger after their end do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A random one, so that homes set up at the same moment hardly ever choose alike."""
    return next(port for port in random.sample(_RANGE, len(_RANGE)) if is_free(port))
