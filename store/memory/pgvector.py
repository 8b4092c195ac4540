"""Vectors in Postgres: written through mem0, read by SQL of our own.

mem0's own search would cost its import in every process that answers a turn. Its default index
(HNSW) is not made: with a filter by user it loses half of the results at 100,000 rows without a
word, while a btree on the user finds all of them in less time.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout

from clara.errors import Misconfigured, Unavailable, UserError
from clara.memory.kinds import Owner
from store.database import CONNECT_TIMEOUT_S, Connection, Pool
from store.memory import mem0_import
from store.memory.index import Entry, Hit, Near, check_lengths

WRITE_TIMEOUT_MS = 8_000
LOCK_TIMEOUT_MS = 3_000
_TABLE_LOCK = 0x434C4D454D  # "CLMEM": six processes that make one table at once get in each other's way


class PgVectorIndex:
    """One table ``<collection>``, in mem0's layout. The pool is the caller's, for its whole life.

    Tables of former models begin with ``family`` too.
    """

    def __init__(
        self, pool: Pool, database_url: str, collection: str, dimensions: int, home: Path, family: str | None = None
    ) -> None:
        self._pool = pool
        self._url = database_url
        self._name = collection
        self._family = family or collection
        self._table = sql.Identifier(collection)
        self._dimensions = dimensions
        self._home = home
        self._writes: ConnectionPool | None = None
        self._mem0: Any = None
        self._opening = asyncio.Lock()
        self._made = False

    @property
    def name(self) -> str:
        return self._name

    async def put(self, owner: Owner, entries: Sequence[Entry]) -> None:
        check_lengths(entries, self._dimensions)
        await self._open()
        async with _faults():
            known = await self._owners([entry.id for entry in entries])
            if any(found != owner for found in known.values()):
                raise UserError("That memory is not yours.")
            await asyncio.to_thread(self._write, owner, entries, set(known))

    def _write(self, owner: Owner, entries: Sequence[Entry], known: set[str]) -> None:
        new = [entry for entry in entries if entry.id not in known]
        if new:
            try:
                self._mem0.insert([e.vector for e in new], [e.payload(owner) for e in new], [e.id for e in new])
            except psycopg.errors.UniqueViolation:
                known = known | {entry.id for entry in new}  # another attempt was quicker, with the same
        for entry in entries:
            if entry.id in known:
                self._mem0.update(entry.id, entry.vector, entry.payload(owner))

    async def nearest(self, near: Near) -> list[Hit]:
        query = sql.SQL(
            "select id::text, 1 - (vector <=> %(vector)s::vector) as score from {}"
            " where payload->>'user_id' = %(owner)s and payload->>'project' = any(%(projects)s) "
            "and (not %(open)s or payload->>'private' = 'false') order by vector <=> %(vector)s::vector limit %(limit)s"
        ).format(self._table)
        async with _faults(), self._pool.connection() as connection:
            if not await self._is_there(connection):
                return []
            try:
                found = await connection.execute(
                    query,
                    {
                        "vector": _literal(near.vector),
                        "owner": near.owner,
                        "projects": ["", near.project or ""],
                        "open": near.open_only,
                        "limit": near.limit,
                    },
                )
            except psycopg.errors.UndefinedTable:
                return []
            return [Hit(row["id"], float(row["score"])) for row in await found.fetchall()]

    async def _is_there(self, connection: Connection) -> bool:
        """Whether anything was ever written: asked, because a failed query a turn would fill Postgres's log."""
        if not self._made:
            row = await (
                await connection.execute("select to_regclass(quote_ident(%s)) is not null as made", (self._name,))
            ).fetchone()
            self._made = bool(row and row["made"])
        return self._made

    async def remove(self, owner: Owner, ids: Sequence[str]) -> int:
        return await self._delete(
            "delete from {} where id = any(%s) and payload->>'user_id' = %s", ([UUID(i) for i in ids], owner)
        )

    async def clear(self, owner: Owner) -> int:
        async with _faults(), self._pool.connection() as connection:
            rows = await (
                await connection.execute(
                    "select table_name from information_schema.columns where table_schema = current_schema()"
                    " and starts_with(table_name, %s) and column_name = 'vector'",
                    (self._family,),
                )
            ).fetchall()
        statement: LiteralString = "delete from {} where payload->>'user_id' = %s"
        return sum([await self._delete(statement, (owner,), row["table_name"]) for row in rows])

    async def _delete(self, statement: LiteralString, parameters: tuple[Any, ...], table: str | None = None) -> int:
        async with _faults(), self._pool.connection() as connection:
            try:
                name = sql.Identifier(table or self._name)
                done = await connection.execute(sql.SQL(statement).format(name), parameters)
            except psycopg.errors.UndefinedTable:
                return 0
            return done.rowcount

    async def count(self, owner: Owner) -> int:
        async with _faults(), self._pool.connection() as connection:
            try:
                found = await connection.execute(
                    sql.SQL("select count(*) as n from {} where payload->>'user_id' = %s").format(self._table), (owner,)
                )
            except psycopg.errors.UndefinedTable:
                return 0
            row = await found.fetchone()
            return int(row["n"]) if row else 0

    async def close(self) -> None:
        if self._writes is not None:
            await asyncio.to_thread(self._writes.close, 5)
            self._writes, self._mem0 = None, None

    async def _owners(self, ids: Sequence[str]) -> dict[str, str]:
        async with self._pool.connection() as connection:
            rows = await (
                await connection.execute(
                    sql.SQL("select id::text, payload->>'user_id' as owner from {} where id = any(%s)").format(
                        self._table
                    ),
                    ([UUID(i) for i in ids],),
                )
            ).fetchall()
        return {row["id"]: row["owner"] for row in rows}

    async def _open(self) -> None:
        async with self._opening:
            if self._mem0 is None:
                async with _faults():
                    await self._make_table()
                    self._mem0 = await asyncio.to_thread(self._connect_mem0)

    async def _make_table(self) -> None:
        # Not left to mem0: its check and its creation race between processes, and it lacks the index.
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(%s)", (_TABLE_LOCK,))
            await connection.execute("create extension if not exists vector")
            await connection.execute(
                sql.SQL("create table if not exists {} (id uuid primary key, vector vector({}), payload jsonb)").format(
                    self._table, sql.Literal(self._dimensions)
                )
            )
            await connection.execute(
                sql.SQL("create index if not exists {} on {} ((payload->>'user_id'), (payload->>'project'))").format(
                    sql.Identifier(f"{self._name}_of_user"), self._table
                )
            )

    def _connect_mem0(self) -> Any:
        if self._writes is None:
            options = f"-c statement_timeout={WRITE_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
            self._writes = ConnectionPool(
                self._url,
                min_size=0,
                max_size=2,
                timeout=5,
                open=True,
                kwargs={"options": f"{options} -c application_name=clara-mem0", "connect_timeout": CONNECT_TIMEOUT_S},
                check=ConnectionPool.check_connection,
            )
        made = mem0_import.vector_store(
            self._home,
            "pgvector",
            {
                "connection_pool": self._writes,
                "collection_name": self._name,
                "embedding_model_dims": self._dimensions,
                "hnsw": False,
                "diskann": False,
            },
        )
        made._collection_ensured = True  # made above; private, which is why mem0ai is pinned
        return made


@asynccontextmanager
async def _faults() -> AsyncIterator[None]:
    """psycopg's errors as ours. Their texts may hold a memory's words, so they are not passed on."""
    try:
        yield
    except psycopg.errors.DataException as error:
        raise Misconfigured(
            "the vectors do not fit the table of memories; set EMBEDDINGS_DIMENSIONS and run: clara memory reindex"
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise Misconfigured(
            "MEM0_DATABASE_URL: its user must be allowed to create tables, "
            "and its database must have the extension vector"
        ) from error
    except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
        raise Unavailable("the database of memories cannot be reached", kind="memory") from error


def _literal(vector: Sequence[float]) -> str:
    return "[" + ",".join(map(repr, vector)) + "]"
