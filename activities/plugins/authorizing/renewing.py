"""The token of a login as it is needed: renewed before it ends, by one worker at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import psycopg

from activities.plugins.authorizing import tokens
from activities.plugins.authorizing.server import asking, login_of
from activities.plugins.authorizing.tokens import Given, Rejected
from activities.plugins.authorizing.vault import Vault
from activities.plugins.needs_login import NeedsLogin
from clara.errors import ClaraError, Unavailable
from clara.plugins.plugin import Plugin
from store import logins
from store.logins import KeptLogin
from temporal.processes.ending import end

log = logging.getLogger(__name__)

EARLY = timedelta(seconds=60)
"""A token that ends within this is renewed before it is used."""

LEASE = timedelta(seconds=10)
"""Of a worker that renews a token, which it extends while it lives. If it is killed, the server may have replaced the
token already, and another worker tries the old one soon, because many servers take it for some seconds more."""

EXTENDED_S = 2.0

WAIT_S = 45.0
"""Longer than a request may take, and the lease of a worker that was killed meanwhile."""

END_S = 5.0
"""For renewals that are under way when the worker ends: what the server has replaced must be kept."""

TRIES = 30
"""To keep a new token, a second apart, while the database is away."""

LOOK_S = 0.1
"""Between looks whether another worker has renewed a token."""


class Token(NamedTuple):
    value: str
    version: int


class Renewing:
    def __init__(self, vault: Vault, trusted: Collection[str]) -> None:
        self._vault = vault
        self._pool = vault.pool
        self._trusted = trusted
        self._running: set[asyncio.Task[None]] = set()

    async def token(self, plugin: Plugin, user_id: str, refused: int | None = None) -> Token | None:
        """The token that is of use now, and not of the version that was ``refused``; None without a login.

        Raises NeedsLogin where the person has to connect again, and Unavailable where it cannot be renewed for now.
        """
        kept = await logins.get(self._pool, plugin.id, user_id)
        if kept is None:
            return None
        if kept.lost_at:
            raise NeedsLogin(plugin, lost=True)
        now = datetime.now(UTC)
        left = kept.expires_at - now if kept.expires_at is not None else EARLY
        if kept.version == refused or left <= timedelta() or (left < EARLY and self._vault.opened(kept).refresh_token):
            try:
                kept = await self._renewed(plugin, kept)
            except Unavailable:
                if kept.version == refused or left <= timedelta():
                    raise
        return Token(self._vault.opened(kept).access_token, kept.version)

    async def close(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=END_S)

    async def _renewed(self, plugin: Plugin, old: KeptLogin) -> KeptLogin:
        """A newer version than ``old``: gotten here, or by another worker, which is waited for."""
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    kept = await logins.get(self._pool, plugin.id, old.user_id)
                    if kept is None or kept.lost_at:
                        raise NeedsLogin(plugin, lost=kept is not None)
                    if kept.version != old.version:
                        return kept
                    if await logins.claim_refresh(self._pool, plugin.id, old.user_id, old.version, LEASE):
                        # In a task of its own: cancelled half-way, the new token would be lost with its answer.
                        task = asyncio.create_task(self._refresh(plugin, kept), name=f"login at {plugin.id}")
                        self._running.add(task)
                        task.add_done_callback(self._running.discard)
                        await asyncio.shield(task)
                    else:
                        await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise Unavailable(f"{login_of(plugin.name)} did not answer in time.", "timeout") from None

    async def _refresh(self, plugin: Plugin, kept: KeptLogin) -> None:
        place = (plugin.id, kept.user_id, kept.version)
        async with self._held(place):
            try:
                given = await self._given(plugin, kept)
            except Rejected as error:
                log.info("the login of %s at the plugin %s is over: %s", kept.user_id, plugin.id, error.code)
                await logins.give_up_refresh(self._pool, *place, lost=True)
                raise NeedsLogin(plugin, lost=True) from None
            except ClaraError:
                await logins.give_up_refresh(self._pool, *place, lost=False)
                raise
            sealed = self._vault.sealed(plugin.id, kept.user_id, given.login)
            for left in reversed(range(TRIES)):  # the server has forgotten the old token: this one must not be lost
                try:
                    await logins.refreshed(self._pool, *place, sealed, given.expires_at)
                    return
                except psycopg.OperationalError:
                    if not left:
                        raise
                    await asyncio.sleep(1)

    async def _given(self, plugin: Plugin, kept: KeptLogin) -> Given:
        who, login = login_of(plugin.name), self._vault.opened(kept)
        if not login.refresh_token:
            raise Rejected(who, "expired")
        async with asking(who, self._trusted) as client:
            return await tokens.refresh(client, who, login)

    @asynccontextmanager
    async def _held(self, place: tuple[str, str, int]) -> AsyncIterator[None]:
        """The lease is extended within the block."""

        async def extend() -> None:
            while True:
                await asyncio.sleep(EXTENDED_S)
                try:
                    await logins.extend_refresh(self._pool, *place, LEASE)
                except psycopg.OperationalError as error:
                    log.warning("the lease of a login is not extended: %s", type(error).__name__)

        extending = asyncio.create_task(extend(), name=f"lease of a login at {place[0]}")
        try:
            yield
        finally:
            await end(extending)
