"""Taking this home's processes down. It loads little, because it has little to do."""

import signal
import xmlrpc.client

from clara.errors import Misconfigured
from gateway.console.progress import Progress
from gateway.errors import NotRunning
from gateway.home import Home
from gateway.stack.locks import starting
from gateway.supervision import claim
from gateway.supervision.programs import POSTGRES, TEMPORAL
from gateway.supervision.supervisord import attach

SHUTDOWN_S = 50
"""The sum of the times that supervisord gives its processes to end, and some more."""


def stop(home: Home, progress: Progress) -> bool:
    """End everything that runs in this home, whoever uses it; False if nothing did."""
    home.check()
    if not home.run.exists():
        return False
    with starting(home, progress):
        home.permanent.unlink(missing_ok=True)
        return take_down(home, progress)


def take_down(home: Home, progress: Progress) -> bool:
    """End all processes of this home, in order; by force those that do not end. False if there were none.

    Callers hold ``locks.starting``.
    """
    supervised = claim.holder(home, "supervisor") is not None
    if not supervised and not _leftovers(home):
        return False
    progress("Stopping")
    home.ready.unlink(missing_ok=True)
    if supervised:
        _end_supervisor(home)
    clear(home)
    return True


def _end_supervisor(home: Home) -> None:
    patience_s = 15.0
    try:
        supervisor = attach(home)
        if supervisor is not None:
            supervisor.shutdown()
            claim.wait_gone(home, "supervisor", SHUTDOWN_S)
    except (NotRunning, xmlrpc.client.Fault):
        pass  # it does not answer, so it will hardly end in good order
    except Misconfigured:  # the record that says where to ask it is damaged; a signal asks for the same
        patience_s = SHUTDOWN_S
    claim.end(home, "supervisor", signal.SIGTERM, patience_s)


def clear(home: Home) -> None:
    """End what an earlier run left behind."""
    for name in _leftovers(home):
        claim.end(home, name, signal.SIGINT if name == POSTGRES.name else signal.SIGTERM)


def _leftovers(home: Home) -> list[str]:
    """Living processes of this home, without the supervisor; the servers that others need come last."""
    servers = [TEMPORAL.name, POSTGRES.name]
    names = [path.stem for path in home.run.glob("*.pid") if path.stem not in ("supervisor", *servers)]
    return [name for name in sorted(names) + servers if claim.holder(home, name) is not None]
