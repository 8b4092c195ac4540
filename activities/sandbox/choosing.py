"""Which back end this installation has: the one that is named, or the best that answers."""

import logging
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from activities.sandbox.backend import Backend, Limits
from clara.errors import Misconfigured
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


def bubblewrap_root(home: Path) -> Path:
    """The folder with the files of bubblewrap's boxes, a folder for each."""
    return home / "sandbox" / "bubblewrap"


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

    return BubblewrapBackend(bubblewrap_root(home), limits(settings), ways(home))


def _docker(settings: SandboxSettings, home: Path) -> Backend:
    from activities.sandbox.docker import DockerBackend

    return DockerBackend(
        installation(home),
        settings.docker_image,
        limits(settings),
        settings.docker_host or "",
        settings.docker_certificates,
        ways(home),
    )


def _incus(settings: SandboxSettings, home: Path) -> Backend:
    from activities.sandbox.incus import IncusBackend

    own = replace(limits(settings), memory_mib=mebibytes(settings.incus_memory), cpus=settings.incus_cpus)
    return IncusBackend(
        installation(home), settings.incus_image, own, settings.incus_type, settings.incus_remote, Path.home()
    )


def installation(home: Path) -> str:
    """The name of this home among those that use the same daemon: made once, and kept in it."""
    file = home / "sandbox" / "installation"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError), file.open("x") as made:
        made.write(uuid.uuid4().hex[:8])
    return file.read_text().strip()


BACKENDS: Mapping[str, Callable[[SandboxSettings, Path], Backend]] = {
    "docker": _docker,
    "incus": _incus,
    "bubblewrap": _bubblewrap,
}
"""By the names of SANDBOX_MODE, the best first. What each needs is loaded when it is looked at."""


async def choose(settings: SandboxSettings, home: Path) -> Chosen:
    """Look what is there; takes some seconds at most for each."""
    if settings.mode == "off":
        return Chosen(None, OFF)
    reasons: list[str] = []
    for name in BACKENDS if settings.mode == "auto" else (settings.mode,):
        if name not in BACKENDS:
            return Chosen(None, f"{name} is not a part of this release")
        try:
            backend = BACKENDS[name](settings, home)
        except Misconfigured as error:
            reasons.append(_reason(name, str(error)))
            continue
        probe = await backend.probe()
        if probe.usable:
            passed_over = f" ({'; '.join(reasons)})" if reasons else ""
            return Chosen(backend, f"{name}: {probe.about}{passed_over}")
        await backend.close()
        reasons.append(_reason(name, probe.about))
    return Chosen(None, "; ".join(reasons))


def _reason(name: str, sentence: str) -> str:
    """As a part of a sentence."""
    return f"{name}: {sentence.rstrip('.')}"


def idle_s(settings: SandboxSettings, backend: Backend) -> int:
    """After so many seconds without use a box is stopped."""
    return settings.incus_timeout if backend.name == "incus" else settings.docker_timeout
