"""Which back end this installation has: the one that is named, or the best that answers."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from activities.sandbox.backend import Backend, Limits
from clara.settings.sandbox import SandboxSettings, mebibytes

log = logging.getLogger(__name__)

OFF = "switched off (SANDBOX_MODE=off)"


@dataclass(frozen=True)
class Chosen:
    """``backend`` is None where no code can be run; ``about`` tells operators which was taken, or why there is none."""

    backend: Backend | None
    about: str


def ways(home: Path) -> Path:
    """The folder with a folder for each box, in which the socket of its proxy is."""
    return home / "sandbox" / "ways"


def limits(settings: SandboxSettings) -> Limits:
    """Those of Docker and bubblewrap; Incus has its own memory and processors."""
    return Limits(
        memory_mib=mebibytes(settings.docker_memory),
        cpus=settings.docker_cpus,
        processes=settings.processes,
        disk_mib=mebibytes(settings.disk),
    )


def _bubblewrap(settings: SandboxSettings, home: Path) -> Backend:
    from activities.sandbox.bubblewrap import BubblewrapBackend

    return BubblewrapBackend(home / "sandbox" / "bubblewrap", limits(settings), ways(home))


BACKENDS: Mapping[str, Callable[[SandboxSettings, Path], Backend]] = {"bubblewrap": _bubblewrap}
"""By the names of SANDBOX_MODE, the best first. What each needs is loaded when it is looked at."""


async def choose(settings: SandboxSettings, home: Path) -> Chosen:
    """Look what is there; takes some seconds at most for each."""
    if settings.mode == "off":
        return Chosen(None, OFF)
    reasons: list[str] = []
    for name in BACKENDS if settings.mode == "auto" else (settings.mode,):
        if name not in BACKENDS:
            return Chosen(None, f"{name} is not a part of this release")
        backend = BACKENDS[name](settings, home)
        probe = await backend.probe()
        if probe.usable:
            passed_over = f" ({'; '.join(reasons)})" if reasons else ""
            return Chosen(backend, f"{name}: {probe.about}{passed_over}")
        await backend.close()
        reasons.append(f"{name}: {probe.about}")
    return Chosen(None, "; ".join(reasons))


def idle_s(settings: SandboxSettings, backend: Backend) -> int:
    """After so many seconds without use a box is stopped."""
    return settings.incus_timeout if backend.name == "incus" else settings.docker_timeout
