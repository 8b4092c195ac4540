"""Loopback ports that nobody listens on."""

import random
import secrets
import socket
import sys

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


def hidden_address() -> str:
    """One of this machine's 16 million loopback addresses, where there are so many: on Linux.

    What listens there must not be found by a web page's script, which can try all ports of one address
    and not of all of them.
    """
    if sys.platform != "linux":
        return "127.0.0.1"
    return f"127.{secrets.randbelow(253) + 1}.{secrets.randbelow(256)}.{secrets.randbelow(253) + 1}"
