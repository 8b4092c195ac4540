"""The end of a process that has spoken to Temporal.

Threads of the SDK may still be handing over a result when the interpreter takes itself down, which aborts
one of seven short commands (temporalio/sdk-python issue 300, open at 1.35). So every command, worker and
adapter ends here, without that last step. Nothing relies on being tidied up at exit.
"""

import os
import sys
from contextlib import suppress
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """Write out what was printed, and end the process with this exit code."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
