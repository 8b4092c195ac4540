"""The servers that hold vectors: how they are reached, within which bounds, and what their errors mean.

Each connection is made here and handed to mem0, whose configuration takes one ready made. So timeouts, threads
and the end of a connection are Clara's, and nothing has to be reached through mem0.
"""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout

from clara.errors import ClaraError, Misconfigured, Unavailable
from store.database import CONNECT_TIMEOUT_S, FRESH_S

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

WRITE_TIMEOUT_MS = 8_000
LOCK_TIMEOUT_MS = 3_000
POOL_TIMEOUT_S = 5
QDRANT_TIMEOUT_S = 5
"""Of one call."""

MEMORY = ":memory:"
"""In place of Qdrant's address: one in this process, which forgets everything at its end."""

_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
"""A thread cannot be cancelled, so the network itself must notice, within half a minute, that a server has vanished."""

_TABLE_LOCK = 0x434C4D454D  # "CLMEM": six processes that make one table at once get in each other's way


class VectorServer(Protocol):
    """All of it blocks: for threads alone, of which there are at most ``threads``."""

    provider: str
    """mem0's name of it."""
    threads: int

    def connection(self) -> dict[str, Any]:
        """What mem0's configuration needs in order to use it."""
        ...

    def collections(self, family: str) -> list[str]:
        """The collections whose names begin with ``family``."""
        ...

    def create(self, collection: str, make: Callable[[], None]) -> None:
        """Have a collection made by ``make`` unless there is one, also where several processes do so at once."""
        ...

    def meaning(self, error: Exception) -> ClaraError | None:
        """What an error says to whoever must hear it; None for a bug."""
        ...

    def close(self) -> None: ...


class PostgresVectors:
    """A Postgres with pgvector."""

    provider = "pgvector"
    threads = 4

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: ConnectionPool | None = None
        self._checked: WeakKeyDictionary[psycopg.Connection[Any], float] = WeakKeyDictionary()
        self._opening = threading.Lock()

    def connection(self) -> dict[str, Any]:
        # Without mem0's index (HNSW): with a filter by user it loses half of the results at 100,000 rows
        # without a word, while a btree on the user finds all of them in less time.
        return {"connection_pool": self._opened(), "hnsw": False, "diskann": False}

    def _opened(self) -> ConnectionPool:
        with self._opening:
            if self._pool is None:
                # A plan for all users would not use the index on one of them.
                options = {
                    "statement_timeout": WRITE_TIMEOUT_MS,
                    "lock_timeout": LOCK_TIMEOUT_MS,
                    "plan_cache_mode": "force_custom_plan",
                    "application_name": "clara-mem0",
                }
                self._pool = ConnectionPool(
                    self._url,
                    min_size=0,
                    max_size=self.threads + 1,  # making a table takes a second one
                    timeout=POOL_TIMEOUT_S,
                    open=True,
                    kwargs={
                        "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
                        "connect_timeout": CONNECT_TIMEOUT_S,
                        **_KEEPALIVE,
                    },
                    check=self._check,
                )
            return self._pool

    def _check(self, connection: psycopg.Connection[Any]) -> None:
        """As in the pool of the store: each time would be a fourth of what a search or a deletion asks."""
        now = time.monotonic()
        if now - self._checked.get(connection, -FRESH_S) >= FRESH_S:
            ConnectionPool.check_connection(connection)
            self._checked[connection] = now

    def collections(self, family: str) -> list[str]:
        with self._opened().connection() as connection:
            rows = connection.execute(
                "select table_name from information_schema.columns where table_schema = current_schema()"
                " and starts_with(table_name, %s) and column_name = 'vector'",
                (family,),
            ).fetchall()
        return [str(row[0]) for row in rows]

    def create(self, collection: str, make: Callable[[], None]) -> None:
        # Not left to mem0: its check and its creation race between processes, and it has no index on the user.
        with self._opened().connection() as connection, connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", (_TABLE_LOCK,))
            row = connection.execute("select to_regclass(quote_ident(%s)) is null", (collection,)).fetchone()
            if row and row[0]:
                make()
            connection.execute(
                sql.SQL("create index if not exists {} on {} ((payload->>'user_id'), (payload->>'project'))").format(
                    sql.Identifier(f"{collection}_of_user"), sql.Identifier(collection)
                )
            )

    def meaning(self, error: Exception) -> ClaraError | None:
        match error:
            case psycopg.errors.DataException():
                return Misconfigured(
                    "the vectors do not fit the table of memories; "
                    "set EMBEDDINGS_DIMENSIONS and run: clara memory reindex"
                )
            case psycopg.errors.InsufficientPrivilege():
                return Misconfigured(
                    "MEM0_DATABASE_URL: its user must be allowed to create tables, "
                    "and its database must have the extension vector"
                )
            case psycopg.OperationalError() | psycopg.InterfaceError() | PoolTimeout():
                return Unavailable("the database of memories cannot be reached", kind="memory")
            case psycopg.errors.FeatureNotSupported() | psycopg.errors.UndefinedFile():
                return Misconfigured("MEM0_DATABASE_URL: must be a database that has the extension vector (pgvector)")
            case psycopg.errors.UndefinedTable():
                return Unavailable("the table of vectors is missing, and is made again", kind="memory")
        return None

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close(POOL_TIMEOUT_S)
            self._pool = None


class QdrantVectors:
    """A Qdrant server, or one in this process at the address MEMORY."""

    provider = "qdrant"

    def __init__(self, url: str, key: str | None = None) -> None:
        self._url = url
        self._key = key
        self._client: QdrantClient | None = None
        self._opening = threading.Lock()
        self.threads = 1 if url == MEMORY else 4  # the one in this process is not made for several

    def connection(self) -> dict[str, Any]:
        return {"client": self._opened()}

    def _opened(self) -> "QdrantClient":
        from qdrant_client import QdrantClient

        with self._opening:
            if self._client is None:
                if self._url == MEMORY:
                    self._client = QdrantClient(MEMORY)
                else:
                    self._client = QdrantClient(
                        url=self._url, api_key=self._key, timeout=QDRANT_TIMEOUT_S, check_compatibility=False
                    )
            return self._client

    def collections(self, family: str) -> list[str]:
        found = self._opened().get_collections().collections
        return [each.name for each in found if each.name.startswith(family)]

    def create(self, collection: str, make: Callable[[], None]) -> None:
        """mem0 makes it when its store is made."""

    def meaning(self, error: Exception) -> ClaraError | None:
        from qdrant_client.http.exceptions import ApiException, ResponseHandlingException

        if not isinstance(error, ApiException | ResponseHandlingException | OSError):
            return None
        if getattr(error, "status_code", None) in (401, 403):
            return Misconfigured("QDRANT_API_KEY: must be a key that the server at QDRANT_URL accepts")
        return Unavailable("the Qdrant server at QDRANT_URL cannot be reached", kind="memory")

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
