"""How a supervised process begins: it claims its name, binds its life to the supervisor's, becomes the program.

``python -m gateway.supervision.child NAME MODULE`` runs one of Clara's own processes.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from gateway.errors import StartFailed
from gateway.home import Home
from gateway.home.record import Record
from gateway.supervision import claim

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Child:
    """A process of this home that is about to become its program."""

    home: Home
    supervisor: int | None

    def become(self, argv: list[str], environment: Mapping[str, str] | None, farewell: signal.Signals) -> NoReturn:
        """Replace this process by ``argv``; ``farewell`` is what it is sent should the supervisor die.

        Without an ``environment`` of its own the program inherits this one. Call it with the final
        user id: changing that resets the farewell.
        """
        bind_life(farewell)
        if os.getppid() != self.supervisor:
            raise StartFailed("the supervisor is gone")  # it died before the farewell was arranged
        if environment is None:
            os.execv(argv[0], argv)
        os.execve(argv[0], argv, environment)


def begin(name: str) -> Child:
    """Claim ``name`` in the home, which is the directory that the supervisor starts its children in."""
    home = Home(Path.cwd())
    claim.take(home, name)
    return Child(home, claim.holder(home, "supervisor"))


def bind_life(farewell: signal.Signals) -> None:
    """Ask the kernel for ``farewell`` at the parent's death. Where it cannot, the next start ends what is left."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(farewell), 0, 0, 0)


def main(name: str, module: str) -> None:
    child = begin(name)
    directory = Path(Record.read(child.home).directory)
    if directory.is_dir():
        os.chdir(directory)
    # -P: a file of the current directory must not pass for one of Clara's or Python's modules.
    child.become([sys.executable, "-P", "-m", module], None, signal.SIGTERM)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except StartFailed as error:
        sys.exit(str(error))
