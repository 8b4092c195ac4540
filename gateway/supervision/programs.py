"""Which processes run, and what supervisord is told about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clara.settings import Settings


@dataclass(frozen=True)
class Program:
    """One kind of process."""

    name: str
    command: str
    """Arguments of Python; ``{process}`` stands for the name of the process."""
    priority: int
    """Started from low to high, stopped the other way round, one after the other."""
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    """Time to end in good order before it is killed."""
    autostart: bool = False
    """Else it is started once the servers are ready."""
    copies: int = 1

    @property
    def processes(self) -> list[str]:
        return [self.name] if self.copies == 1 else [f"{self.name}_{i}" for i in range(self.copies)]


POSTGRES = Program(
    "postgres", "-m gateway.embedded.postgres", priority=10, stop_signal="INT", stop_seconds=15, autostart=True
)
TEMPORAL = Program("temporal", "-m gateway.embedded.temporal_server", priority=20, autostart=True)
PAGES = Program("pages", "-m gateway.embedded.temporal_pages", priority=25, autostart=True)
"""The filter in front of the Temporal Web UI."""
WORKER = Program("worker", "-m gateway.supervision.child {process} workers", priority=30)

ADAPTERS = {"discord": ("DISCORD_BOT_TOKEN", "adapters.discord"), "web": ("WEB_PORT", "adapters.web")}
"""Adapters that run as processes of their own: the variable that says whether each does, and its module."""


def programs(settings: "Settings", environment: Mapping[str, str]) -> list[Program]:
    """The processes of this configuration, in their order of starting."""
    chosen = [POSTGRES] if settings.runtime.embedded_database else []
    if settings.runtime.embedded_temporal:
        chosen += [TEMPORAL, PAGES]
    chosen.append(Program(WORKER.name, WORKER.command, WORKER.priority, copies=settings.runtime.workers))
    for name, (variable, module) in ADAPTERS.items():
        wanted = settings.service.port != 0 if name == "web" else bool(environment.get(variable, "").strip())
        if wanted and find_spec(module):
            chosen.append(Program(name, f"-m gateway.supervision.child {{process}} {module}", priority=40))
    return chosen
