"""Runs inside supervisord: counts restarts, which it does not, and holds the supervisor's claim.

Both use its documented extension point, an additional RPC interface.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from supervisor import events
from supervisor.states import ProcessStates

from gateway.home import Home
from gateway.supervision import claim


class Restarts:
    """The RPC interface ``clara``: its public methods can be called from outside."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        events.subscribe(events.ProcessStateStartingEvent, self._starting)

    def counts(self) -> dict[str, int]:
        """How often each process was started again without having been asked to stop."""
        return dict(self._counts)

    def _starting(self, event: Any) -> None:
        if event.from_state in (ProcessStates.EXITED, ProcessStates.BACKOFF):
            self._counts[event.process.config.name] += 1


def make(supervisord: Any) -> Restarts:
    """Called by supervisord when it starts; an error here ends it."""
    claim.take(Home(Path.cwd()), "supervisor")
    return Restarts()
