"""What the checks are given: the settings, the home, and what the supervisor says, each asked for once."""

import asyncio
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from clara.errors import ClaraError, Misconfigured
from clara.settings import Settings
from clara.sources.stackfile import read_stack
from gateway.errors import NotRunning
from gateway.home import Home
from gateway.supervision.supervisord import Process, attach


@dataclass(frozen=True)
class Supervision:
    """What runs under this home's supervisor, as it says itself."""

    running: bool
    processes: tuple[Process, ...] = ()
    error: str = ""
    """Why a supervisor that exists could not be asked."""

    def of(self, group: str) -> list[Process]:
        return [process for process in self.processes if process.group == group]


@dataclass(frozen=True)
class Facts:
    settings: Settings
    variables: Mapping[str, str]
    """The environment with the .env file in it, as the settings were read from it."""
    supervision: Supervision = Supervision(False)

    @property
    def home(self) -> Home:
        return Home(self.settings.runtime.home)

    @property
    def is_embedded(self) -> bool:
        """Whether some server of hers runs in this home, so that she is down where nothing runs in it."""
        return self.settings.runtime.embedded_database or self.settings.runtime.embedded_temporal

    @cached_property
    def record(self) -> dict[str, str] | None:
        """stack.json; empty before the first start, None where it cannot be read."""
        try:
            return read_stack(self.settings.runtime.home)
        except Misconfigured:
            return None

    @property
    def database_url(self) -> str | None:
        """None where it is not set up, or where stack.json cannot be read, which is a finding of its own."""
        if self.settings.runtime.embedded_database:
            return (self.record or {}).get("database_url") or None
        return self.settings.runtime.database_url

    @property
    def can_ask_database(self) -> bool:
        return self.database_url is not None and (
            not self.settings.runtime.embedded_database or self.supervision.running
        )

    @property
    def can_ask_temporal(self) -> bool:
        if not self.settings.runtime.embedded_temporal:
            return True
        return self.supervision.running and bool((self.record or {}).get("temporal_address"))


async def gather(settings: Settings, variables: Mapping[str, str]) -> Facts:
    """Ask the supervisor, which takes ten seconds where it hangs."""
    return Facts(settings, variables, await asyncio.to_thread(_supervision, Home(settings.runtime.home)))


def _supervision(home: Home) -> Supervision:
    try:
        supervisor = attach(home)
        return Supervision(supervisor is not None, tuple(supervisor.processes()) if supervisor else ())
    except NotRunning:
        return Supervision(True, error="the supervisor does not answer")
    except xmlrpc.client.Fault:
        return Supervision(True, error="Clara is being started or stopped at this moment")
    except (ClaraError, OSError, ValueError, TypeError):
        # A home or a stack.json that cannot be read; checks of their own name them.
        return Supervision(False)
