"""What standard output can do."""

import sys

from clara.settings import environment


def draws() -> bool:
    """Whether standard output is a terminal that can do more than print."""
    return sys.stdout.isatty() and environment().get("TERM", "dumb") != "dumb"
