"""Logins at plugins that end in a browser: what the web service shows of them, and how it hands over the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client

from clara.plugins.logins import LoginOutcome
from store import logins
from store.database import Pool
from temporal.starting import logins as asking

PATIENCE = timedelta(seconds=40)
"""A browser waits so long."""

USED = "This login was used already, or it is older than ten minutes. If you need it, ask for a new one."
SLOW = (
    "Your answer is kept, but nobody has dealt with it yet. Ask me in a few minutes whether the plugin is connected; "
    "if it is not, begin again."
)


@dataclass(frozen=True)
class WaitingLogin:
    plugin: str
    person: str
    """The name of who began it, with the platform's id."""


async def waiting(pool: Pool, login_id: str) -> WaitingLogin | None:
    """A login that waits for the browser; None for one that is over, or never was."""
    pending = await logins.pending(pool, login_id)
    if pending is None:
        return None
    name = await logins.name_of(pool, pending.user_id)
    return WaitingLogin(pending.plugin, f"{name} ({pending.user_id})" if name else pending.user_id)


async def finish(client: Client, pool: Pool, login_id: str, answer: Mapping[str, str]) -> LoginOutcome:
    """Hand over what the browser came back with, once; what came of it, in words for the person."""
    if not await logins.bring(pool, login_id, answer):
        return LoginOutcome(done=False, text=USED)
    outcome = await asking.finish(client, login_id, PATIENCE)
    return outcome or LoginOutcome(done=False, text=SLOW)
