"""Clara's connections to Postgres: one bounded pool per process."""

import time
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 15_000
FRESH_S = 0.5


async def open_pool(database_url: str, max_size: int = 10) -> Pool:
    """A pool that opens connections when they are needed and checks one before lending it.

    The check matters: after a crash of Postgres all pooled connections are dead, and the first
    query of a turn should not be the one to find out. It is skipped where it was made a moment
    ago, because a turn borrows a connection several times. Waiting for one ends after 10 s.
    """
    checked: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()

    async def check(connection: Connection) -> None:
        now = time.monotonic()
        if now - checked.get(connection, -FRESH_S) >= FRESH_S:
            await AsyncConnectionPool.check_connection(connection)
            checked[connection] = now

    pool: Pool = AsyncConnectionPool(
        database_url,
        connection_class=AsyncConnection[DictRow],
        kwargs={
            "row_factory": dict_row,
            "autocommit": True,
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c application_name=clara",
        },
        min_size=1,
        max_size=max_size,
        timeout=10,
        max_idle=300,
        check=check,
        open=False,
    )
    await pool.open()
    return pool
