"""Ending the logins of a person at plugins and services, before what Clara has of them is deleted."""

import asyncio
import logging
from datetime import timedelta

from temporalio.client import Client

from clara.accounts import NAMES, Service, SignInRequest
from clara.memory.kinds import Owner
from clara.plugins.logins import LoginRequest
from store import accounts, logins
from store.database import Pool
from temporal.starting import accounts as connecting
from temporal.starting import logins as asking

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=8)
"""For all of them, at the same time. Their person waits for it."""


async def end_logins(pool: Pool, owner: Owner, client: Client | None) -> tuple[str, ...]:
    """Revoke them at the servers as far as these answer; the names of the plugins and services where one goes on.

    Without a ``client`` no server is told. RPCError where Temporal does not answer.
    """
    connected = await logins.of_person(pool, owner)
    services = [each.service for each in await accounts.of_person(pool, owner)]
    names = [*(name for _, name in connected), *(NAMES[service] for service in services)]
    if client is None:
        return tuple(names)
    ended = await asyncio.gather(
        *(_ended(client, plugin_id, owner) for plugin_id, _ in connected),
        *(_disconnected(client, service, owner) for service in services),
    )
    return tuple(name for name, is_ended in zip(names, ended, strict=True) if not is_ended)


async def _ended(client: Client, plugin_id: str, owner: Owner) -> bool:
    outcome = await asking.end(client, LoginRequest(plugin_id=plugin_id, user_id=owner), PATIENCE)
    return outcome is not None and outcome.done and not outcome.left


async def _disconnected(client: Client, service: Service, owner: Owner) -> bool:
    """A token that was typed cannot be ended from here: only its owner can, at the service."""
    request = SignInRequest(user_id=owner, service=service)
    outcome = await connecting.end(client, request, PATIENCE.total_seconds())
    return outcome is not None and outcome.done and not outcome.left
