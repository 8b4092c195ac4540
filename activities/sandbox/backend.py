"""What a back end of the sandbox does: it gives each person a box, and runs processes in it.

In every box, ``HOME`` is where processes begin, and the only place whose files are kept.

Everything else is made of that: files are read and written by a process inside the box, so a path or a link that leads
out of it leads nowhere. Time and output are bounded by whoever runs a process; what a back end bounds itself stands
in ``Limits``.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from clara.sandbox.paths import HOME

__all__ = ["HOME", "WAY_OUT", "Backend", "Command", "Limits", "Probe", "Process", "Stream"]

WAY_OUT = "/run/clara"
"""In a box, for commands with network: the folder with the proxy's socket."""

Stream = Literal["out", "err"]


@dataclass(frozen=True)
class Limits:
    """Of one box, all of its processes together."""

    memory_mib: int
    cpus: float
    processes: int
    disk_mib: int
    """Of what lies in ``HOME``. A back end that cannot set it beforehand ends what goes beyond it."""


@dataclass(frozen=True)
class Probe:
    """Whether a back end can be used here."""

    usable: bool
    about: str
    """A sentence for operators: its version, or why it cannot be used and what to do about it."""


@dataclass(frozen=True)
class Command:
    """A process to be started in a box."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside what a box has by itself; nothing of the host's environment."""
    network: bool = False
    """Whether it reaches the proxy, and through it the hosts that are allowed. Otherwise it reaches nothing."""


class Process(Protocol):
    """A running process. Whoever starts one must end with ``kill``, which does nothing to one that has ended."""

    @property
    def verdict(self) -> str:
        """Why the back end ended it, such as for want of memory: a sentence for the model; empty where it did not."""

    async def write(self, data: bytes) -> None:
        """Give it input; waits while it does not read. Raises BrokenPipeError once it reads no more."""

    async def close_input(self) -> None:
        """It reads the end of its input."""

    def output(self) -> AsyncGenerator[tuple[Stream, bytes], None]:
        """What it writes, as it comes, until nobody holds its streams any more. To be iterated once, and closed.

        Backpressure: what is not read is not taken from the process.
        """

    async def wait(self) -> int:
        """Its exit code, 128 + the signal for one that was ended by a signal."""

    async def kill(self) -> None:
        """End it with all that it started, at once; returns when nothing of it runs any more."""


class Backend(Protocol):
    """Boxes are named by ids of Clara's making, ``[a-z0-9]{8,40}``. Raises Unavailable for faults that pass.

    Whatever runs in a box ends within seconds of the death of the worker that started it.
    """

    @property
    def name(self) -> str:
        """As SANDBOX_MODE calls it."""

    async def probe(self) -> Probe:
        """Look whether it can be used; never raises, takes 10 s at most."""

    async def start(self, box: str) -> None:
        """Have a box ready, with the files that it had; nothing happens where it is ready."""

    async def spawn(self, box: str, command: Command) -> Process:
        """Start a process in a box that was started."""

    async def stop(self, box: str) -> None:
        """End whatever runs in a box and free what it holds; its files stay."""

    async def wipe(self, box: str) -> None:
        """``stop``, and its files are gone as well; nothing happens where there is no such box."""

    async def boxes(self) -> Sequence[str]:
        """Those of this installation that hold processes or files."""

    async def close(self) -> None:
        """Free connections; boxes stay as they are."""
