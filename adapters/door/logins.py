"""Logins that end in a browser, at plugins and services: what the web service shows, how it hands over the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client

from clara.accounts import NAMES
from clara.plugins.logins import LoginOutcome
from store import logins, sign_ins
from store.database import Pool
from temporal.starting import accounts as connecting
from temporal.starting import logins as asking

PATIENCE = timedelta(seconds=40)
"""A browser waits so long."""

USED = "This login was used already, or it is older than ten minutes. If you need it, ask for a new one."
SLOW = (
    "Your answer is kept, but nobody has dealt with it yet. Ask me in a few minutes whether you are connected; "
    "if not, begin again."
)


@dataclass(frozen=True)
class WaitingLogin:
    name: str
    """Of the plugin or service."""
    person: str
    """The name of who began it, with the platform's id."""


async def waiting(pool: Pool, login_id: str) -> WaitingLogin | None:
    """A login that waits for the browser; None for one that is over, or never was."""
    if (at_plugin := await logins.pending(pool, login_id)) is not None:
        service, user_id = at_plugin.plugin, at_plugin.user_id
    elif (at_service := await sign_ins.pending(pool, login_id)) is not None:
        service, user_id = NAMES[at_service.service], at_service.user_id
    else:
        return None
    name = await logins.name_of(pool, user_id)
    return WaitingLogin(service, f"{name} ({user_id})" if name else user_id)


async def finish(client: Client, pool: Pool, login_id: str, answer: Mapping[str, str], by_hand: bool) -> LoginOutcome:
    """Hand over what the browser came back with, once; what came of it, in words for the person."""
    if user_id := await logins.bring(pool, login_id, answer, by_hand):
        return await asking.finish(client, login_id, user_id, PATIENCE) or LoginOutcome(done=False, text=SLOW)
    if person := await sign_ins.bring(pool, login_id, answer):
        signed_in = await connecting.finish(client, login_id, person, PATIENCE.total_seconds())
        return LoginOutcome(done=bool(signed_in and signed_in.done), text=signed_in.text if signed_in else SLOW)
    return LoginOutcome(done=False, text=USED)
