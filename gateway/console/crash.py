"""A mistake in Clara's own command: the details go to a file, the person gets a sentence."""

import sys
import traceback
from datetime import UTC, datetime

from clara.errors import ClaraError
from clara.settings import load
from gateway.home import Home

LOG_BYTES = 1_000_000


def report() -> str:
    """Write down the exception that is being handled; returns what to tell."""
    kind = sys.exc_info()[0]
    name = kind.__name__ if kind else "error"
    try:
        home = Home(load().runtime.home)
        home.create()
        path = home.log("command")
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        with path.open("a") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {' '.join(sys.argv)}\n{traceback.format_exc()}\n")
    except (ClaraError, OSError):
        return f"something broke on my side ({name})\n{traceback.format_exc()}"
    return f"something broke on my side ({name}); the details are in {path}"
