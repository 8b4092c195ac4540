"""The token of a login as it is needed: renewed before it ends, by one worker at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

import psycopg

from activities.oauth import tokens
from activities.oauth.login import Login
from activities.oauth.server import asking
from activities.oauth.tokens import Given, Rejected
from clara.errors import ClaraError, ToolFailed, Unavailable
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


@dataclass(frozen=True)
class Held:
    """A login as it is kept."""

    sealed: bytes
    version: int
    expires_at: datetime | None
    lost: bool
    """It is of no use any more: the person has to connect again."""


class Place(Protocol):
    """Where the login of one person at one service is kept."""

    @property
    def who(self) -> str:
        """The service, where errors speak of it."""
        ...

    @property
    def label(self) -> str:
        """Whose login at what it is, for logs."""
        ...

    async def read(self) -> Held | None:
        """None where there is none."""
        ...

    def opened(self, sealed: bytes) -> Login: ...

    async def claim(self, version: int, lease: timedelta) -> bool:
        """Become the one who gets a new token in place of this version; False while another one does or has."""
        ...

    async def extend(self, version: int, lease: timedelta) -> None:
        """Stay the one who gets it."""
        ...

    async def replace(self, version: int, given: Given) -> None:
        """Keep a new token in place of this version, if it is still there."""
        ...

    async def give_up(self, version: int, code: str = "") -> None:
        """Let others try; ``code`` is OAuth's word for why it is of no use."""
        ...

    def needs_login(self, code: str = "") -> ToolFailed:
        """What to do where the login is over; ``code`` as above."""
        ...


class Renewing:
    """``trusted`` as for ``Client``."""

    def __init__(self, trusted: Collection[str]) -> None:
        self._trusted = trusted
        self._running: set[asyncio.Task[None]] = set()

    async def token(self, place: Place, refused: int | None = None) -> Token | None:
        """The token that is of use now, and not of the version that was ``refused``; None without a login.

        Raises what ``place.needs_login`` makes where the person has to connect again, and Unavailable where it cannot
        be renewed for now.
        """
        held = await place.read()
        if held is None:
            return None
        if held.lost:
            raise place.needs_login()
        now = datetime.now(UTC)
        left = held.expires_at - now if held.expires_at is not None else EARLY
        if held.version == refused or left <= timedelta() or (left < EARLY and place.opened(held.sealed).refresh_token):
            try:
                held = await self._renewed(place, held)
            except Unavailable:
                if held.version == refused or left <= timedelta():
                    raise
        return Token(place.opened(held.sealed).access_token, held.version)

    async def close(self) -> None:
        """Returns when no token is being renewed any more, after ``END_S`` at the latest."""
        if self._running:
            await asyncio.wait(self._running, timeout=END_S)

    async def _renewed(self, place: Place, old: Held) -> Held:
        """A newer version than ``old``: gotten here, or by another worker, which is waited for."""
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    held = await place.read()
                    if held is None or held.lost:
                        raise place.needs_login()
                    if held.version != old.version:
                        return held
                    if await place.claim(old.version, LEASE):
                        # In a task of its own: cancelled half-way, the new token would be lost with its answer.
                        task = asyncio.create_task(self._refresh(place, held), name=f"login of {place.label}")
                        self._running.add(task)
                        task.add_done_callback(self._running.discard)
                        await asyncio.shield(task)
                    else:
                        await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise Unavailable(f"{place.who} did not answer in time.", "timeout") from None

    async def _refresh(self, place: Place, held: Held) -> None:
        async with _extended(place, held.version):
            try:
                given = await self._given(place, held)
            except Rejected as error:
                log.info("the login of %s is over: %s", place.label, error.code)
                await place.give_up(held.version, error.code)
                raise place.needs_login(error.code) from None
            except ClaraError:
                await place.give_up(held.version)
                raise
            for left in reversed(range(TRIES)):  # the server has forgotten the old token: this one must not be lost
                try:
                    await place.replace(held.version, given)
                    return
                except psycopg.OperationalError:
                    if not left:
                        raise
                    await asyncio.sleep(1)

    async def _given(self, place: Place, held: Held) -> Given:
        login = place.opened(held.sealed)
        if not login.refresh_token:
            raise Rejected(place.who, "expired")
        async with asking(place.who, self._trusted) as client:
            return await tokens.refresh(client, place.who, login)


@asynccontextmanager
async def _extended(place: Place, version: int) -> AsyncIterator[None]:
    """The lease is extended within the block."""

    async def extend() -> None:
        while True:
            await asyncio.sleep(EXTENDED_S)
            try:
                await place.extend(version, LEASE)
            except psycopg.OperationalError as error:
                log.warning("the lease of the login of %s is not extended: %s", place.label, type(error).__name__)

    extending = asyncio.create_task(extend(), name=f"lease of the login of {place.label}")
    try:
        yield
    finally:
        await end(extending)
