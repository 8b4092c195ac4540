"""Clara's connections to Postgres: one bounded pool per process."""

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 15_000


async def open_pool(database_url: str, max_size: int = 10) -> Pool:
    """A pool that opens connections when they are needed and checks one before lending it.

    The check matters: after a crash of Postgres all pooled connections are dead, and the first
    query of a turn should not be the one to find out. Waiting for a connection ends after 10 s.
    """
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
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    await pool.open()
    return pool
