"""A command as it is started in a box, so that it finds the way out."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path


def through(arguments: Sequence[str], socket: str) -> list[str]:
    """The arguments that run ``arguments`` with a proxy on 127.0.0.1, which leads to ``socket``, a path in the box."""
    # Isolated and without site: what lies in the box or its environment must not change what runs here.
    return ["python3", "-I", "-S", "-c", _forwarder(), socket, *arguments]


@cache
def _forwarder() -> str:
    return Path(__file__).with_name("forwarder.py").read_text()
