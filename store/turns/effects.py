"""The effect ledger: a write is *intended* before it is tried and *committed* after it.

The entry is also the lease of the attempt that runs the write. It says which attempt that is and until
when its request may still arrive, by the database's clock. No connection is held meanwhile, and nothing
frees the entry before that time: an attempt that is not heard of may still be at work. Whoever finds an
intention without an outcome must ask the world before trying again, and where the world cannot tell,
the effect is *ambiguous* and is never repeated.
"""

import asyncio
import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import LiteralString

from clara.text import storable
from clara.tools.effects import State
from store.database import Connection, Pool
from store.people.personal import OF_THEIR_TURNS, Personal

PERSONAL = (Personal("effects", "effects", OF_THEIR_TURNS),)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LedgerEntry:
    """An entry as it stood when it was read."""

    key: str
    turn_id: str
    tool: str
    label: str
    """What it was used on, in a word, where that is known."""
    state: State
    result: str | None
    attempt: str
    """Token of the attempt that began the write last."""
    runs: int
    """How often the write was begun."""
    fault: str | None
    """How the attempt ended without an outcome, if it lived to say so."""
    unanswered: int
    """Looks that the service did not answer after the request could no longer arrive."""
    doubted: bool
    """The reply of the turn said that the outcome was not known yet."""
    elapsed: timedelta
    """Since the write was begun."""
    remaining: timedelta
    """Until the request can no longer arrive and show; negative after that."""

    @property
    def name(self) -> str:
        """For people: which of several writes with the same tool it is."""
        return f"{self.tool} ({self.label})" if self.label else self.tool


_COLUMNS: LiteralString = (
    "key, turn_id, tool, label, state, result, attempt, runs, fault, unanswered, doubted,"
    " clock_timestamp() - begun_at as elapsed, arrives_by - clock_timestamp() as remaining"
)


class Ledger:
    """The entry of one effect, for one attempt, which ``attempt`` names."""

    def __init__(self, pool: Pool, key: str, turn_id: str, tool: str, label: str = "") -> None:
        self.attempt = uuid.uuid4().hex
        self._pool = pool
        self._key = key
        self._turn_id = turn_id
        self._tool = tool
        self._label = label

    async def find(self) -> LedgerEntry | None:
        return await get(self._pool, self._key)

    async def begin(self, arguments_hash: str, lasts: timedelta, after: str | None = None) -> float | None:
        """Take the entry: the request may arrive and show within ``lasts`` from now.

        ``after`` is the attempt whose time must be over; without it there must be no entry. Returns
        the event loop's time from before the entry was written, from which the attempt must count
        its own end, or None if another attempt was faster.
        """
        async with self._pool.connection() as connection:
            began = asyncio.get_running_loop().time()
            done = await connection.execute(
                "insert into effects (key, turn_id, tool, label, state, arguments, attempt, begun_at, arrives_by)"
                " values (%(key)s, %(turn)s, %(tool)s, %(label)s, 'intended', %(arguments)s, %(attempt)s,"
                "  clock_timestamp(), clock_timestamp() + %(lasts)s)"
                " on conflict (key) do update set attempt = excluded.attempt, begun_at = excluded.begun_at,"
                "  arrives_by = excluded.arrives_by, runs = effects.runs + 1, fault = null, unanswered = 0,"
                "  updated_at = clock_timestamp()"
                " where effects.state = 'intended' and effects.attempt = %(after)s"
                "  and effects.arrives_by <= clock_timestamp()",
                {
                    "key": self._key,
                    "turn": self._turn_id,
                    "tool": self._tool,
                    "label": storable(self._label),
                    "arguments": arguments_hash,
                    "attempt": self.attempt,
                    "lasts": lasts,
                    "after": after,
                },
            )
        return began if done.rowcount == 1 else None

    async def ended(self, fault: str | None, settles: timedelta) -> LedgerEntry:
        """This attempt has ended without an outcome; what it sent may still show within ``settles``."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "update effects set fault = %s, arrives_by = greatest(arrives_by, clock_timestamp() + %s),"
                " updated_at = clock_timestamp() where key = %s and state = 'intended' and attempt = %s",
                (fault, settles, self._key, self.attempt),
            )
        return await self._found()

    async def withdraw(self) -> None:
        """This attempt has ended before it did anything, and is made again later."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "delete from effects where key = %s and state = 'intended' and attempt = %s", (self._key, self.attempt)
            )

    async def unanswered(self) -> None:
        """A look was not answered, although it came late enough to settle the entry."""
        async with self._pool.connection() as connection:
            await connection.execute("update effects set unanswered = unanswered + 1 where key = %s", (self._key,))

    async def settle(self, state: State, result: str, attempt: str | None = None) -> LedgerEntry:
        """Record the outcome of ``attempt``, by default this one; returns the entry as it then stands.

        An outcome of an attempt that no longer holds the entry changes nothing, except that what
        was done was done, whatever has been recorded since.
        """
        settled = "update effects set state = %s, result = %s, updated_at = clock_timestamp() where key = %s"
        values = (state, storable(result), self._key)
        async with self._pool.connection() as connection:
            done = await connection.execute(
                f"{settled} and state = 'intended' and attempt = %s", (*values, attempt or self.attempt)
            )
            if not done.rowcount and state == "committed":
                late = await connection.execute(f"{settled} and state <> 'committed'", values)
                if late.rowcount:
                    log.warning("turn %s: %s took effect after its time was over", self._turn_id, self._tool)
        return await self._found()

    async def _found(self) -> LedgerEntry:
        entry = await self.find()
        if entry is None:
            raise LookupError(f"the ledger has lost {self._key}")
        return entry


async def get(pool: Pool, key: str) -> LedgerEntry | None:
    async with pool.connection() as connection:
        row = await (await connection.execute(f"select {_COLUMNS} from effects where key = %s", (key,))).fetchone()
    return LedgerEntry(**row) if row else None


async def of_turn(connection: Connection, turn_id: str) -> list[LedgerEntry]:
    """All effects of a turn, in their order."""
    rows = await (
        await connection.execute(f"select {_COLUMNS} from effects where turn_id = %s order by created_at", (turn_id,))
    ).fetchall()
    return [LedgerEntry(**row) for row in rows]


async def doubt(connection: Connection, turn_id: str) -> None:
    """Mark what is open, in the transaction of the reply that says so: it is to be corrected."""
    await connection.execute("update effects set doubted = true where turn_id = %s and state = 'intended'", (turn_id,))


async def doubted(pool: Pool, turn_id: str) -> list[LedgerEntry]:
    """The effects of a turn that were marked so, whatever is known of them by now."""
    async with pool.connection() as connection:
        return [effect for effect in await of_turn(connection, turn_id) if effect.doubted]


async def unsettled(pool: Pool, turn_id: str) -> list[LedgerEntry]:
    """The effects of a turn whose outcome is unknown: ambiguous ones, and intentions without an end."""
    async with pool.connection() as connection:
        found = await of_turn(connection, turn_id)
    return [effect for effect in found if effect.state in ("ambiguous", "intended")]
