"""The first process of a box: it keeps the box warm, and ends what has lost its supervisor.

Supervisors are started from outside, so they descend from nobody here. What becomes a child of the first process was
left by a supervisor that somebody killed. The kernel lets nobody in the box kill or stop the first process itself.
"""

import os
import sys
import time
from _signal import SIGCONT

from . import tree

LOOK_S = 0.5


def main() -> None:
    """Until nothing has been run for so many seconds as the first argument says."""
    idle = float(sys.argv[1])
    tree.adopt()
    used = time.monotonic()
    while time.monotonic() - used < idle:
        time.sleep(LOOK_S)
        tree.reap()
        if tree.descendants():
            tree.end()
        for pid, (state, parent) in tree.processes().items():
            if parent == 0 and pid != 1:
                used = time.monotonic()
                if state == "T":
                    _resume(pid)


def _resume(pid: int) -> None:
    """A supervisor stops for nobody."""
    try:
        os.kill(pid, SIGCONT)
    except ProcessLookupError:
        pass
