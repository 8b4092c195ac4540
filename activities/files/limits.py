"""Limits of a process that reads what strangers made. It sets them itself, before it reads."""

import os
import resource
from contextlib import suppress
from pathlib import Path

CPU_S = 20
MEMORY = 1024**3
"""Bytes of address space. The largest picture that is taken needs two thirds of it."""


def limit() -> None:
    """From here on: bounded memory and time, no files written, and first to go where memory ends."""
    with suppress(OSError):  # this process has to go then, and not the worker
        Path("/proc/self/oom_score_adj").write_text("1000")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)  # turns go on meanwhile
