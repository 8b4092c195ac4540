"""The effect ledger: a write is *intended* before it is tried and *committed* after it.

Whoever finds an intention without an outcome must ask the world before trying again, and where the
world cannot tell, the effect is *ambiguous* and is never repeated.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from clara.errors import Unavailable
from store.database import Connection, Pool

State = Literal["intended", "committed", "failed", "ambiguous"]


@dataclass(frozen=True)
class Effect:
    key: str
    turn_id: str
    tool: str
    state: State
    result: str | None


class Ledger:
    """The entry of one effect, held alone by this attempt."""

    def __init__(self, connection: Connection, key: str, turn_id: str, tool: str) -> None:
        self._connection = connection
        self._key = key
        self._turn_id = turn_id
        self._tool = tool

    async def find(self) -> Effect | None:
        row = await (
            await self._connection.execute(
                "select key, turn_id, tool, state, result from effects where key = %s", (self._key,)
            )
        ).fetchone()
        return Effect(**row) if row else None

    async def intend(self, arguments_hash: str) -> None:
        await self._connection.execute(
            "insert into effects (key, turn_id, tool, state, arguments) values (%s, %s, %s, 'intended', %s)"
            " on conflict (key) do update set state = 'intended', updated_at = now()",
            (self._key, self._turn_id, self._tool, arguments_hash),
        )

    async def settle(self, state: State, result: str) -> None:
        await self._connection.execute(
            "update effects set state = %s, result = %s, updated_at = now() where key = %s",
            (state, result, self._key),
        )

    async def forget(self) -> None:
        """Nothing happened: the next attempt starts from nothing."""
        await self._connection.execute("delete from effects where key = %s", (self._key,))


@asynccontextmanager
async def hold(pool: Pool, key: str, turn_id: str, tool: str) -> AsyncIterator[Ledger]:
    """The ledger entry of ``key``, for one attempt alone.

    The lock belongs to the database session: it ends with a killed process, and it outlives an
    attempt that Temporal has given up while its worker is still at it. The next attempt then finds
    the lock taken and fails as Unavailable, to be retried, instead of running beside it.
    """
    async with pool.connection() as connection:
        row = await (
            await connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0)) as held", (key,))
        ).fetchone()
        assert row is not None
        if not row["held"]:
            raise Unavailable("an earlier attempt at this is still running", kind="busy")
        try:
            yield Ledger(connection, key, turn_id, tool)
        finally:
            await connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", (key,))


async def unsettled(pool: Pool, turn_id: str) -> list[Effect]:
    """The effects of a turn whose outcome is unknown: ambiguous ones, and intentions without an end."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select key, turn_id, tool, state, result from effects"
                " where turn_id = %s and state in ('ambiguous', 'intended') order by created_at",
                (turn_id,),
            )
        ).fetchall()
    return [Effect(**row) for row in rows]
