"""The memories in a table of mem0's or MyPalClara's in Postgres: ``(id uuid, vector, payload jsonb)``.

Nothing is written there, and the vectors stay: they belong to another model.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.conninfo import conninfo_to_dict

from clara.errors import Unavailable, UserError

PAGE = 500
TIMEOUT_MS = 20_000
"""Of a page."""
CONNECT_S = 10


async def items(url: str, table: str) -> AsyncGenerator[Any, None]:
    """The payloads, with the ids, page by page and without a transaction over all of them.

    Raises UserError where there is no such table, Unavailable where the database is away, also in the middle.
    """
    async with _connected(url) as connection:
        await _check(connection, table)
        statement = sql.SQL(
            "select id::text, payload from {} where %(after)s::uuid is null or id > %(after)s"
            " order by id limit %(page)s"
        ).format(sql.Identifier(*table.split(".")))
        after: str | None = None
        while True:
            rows = await (await connection.execute(statement, {"after": after, "page": PAGE})).fetchall()
            for memory_id, payload in rows:
                yield {**payload, "id": memory_id} if isinstance(payload, dict) else payload
            if len(rows) < PAGE:
                return
            after = rows[-1][0]


async def _check(connection: AsyncConnection[Any], table: str) -> None:
    names = sql.Identifier(*table.split(".")).as_string(connection)
    rows = await connection.execute(
        "select attname, format_type(atttypid, null) from pg_attribute"
        " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
        (names,),
    )
    columns = {name: kind for name, kind in await rows.fetchall()}
    if not columns:
        raise UserError(f"That database has no table {table}. Please name it with --table; mem0's own is called mem0.")
    if columns.get("id") != "uuid" or columns.get("payload") != "jsonb":
        raise UserError(f"The table {table} is none of mem0's: those have the columns id, vector and payload.")


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[AsyncConnection[Any]]:
    try:
        server = conninfo_to_dict(url).get("host") or "this machine"
    except psycopg.ProgrammingError:
        raise UserError("That is no address of a Postgres: postgresql://user:password@host:5432/name") from None
    options = f"-c statement_timeout={TIMEOUT_MS} -c default_transaction_read_only=on -c application_name=clara-import"
    try:
        async with await AsyncConnection.connect(
            url, autocommit=True, connect_timeout=CONNECT_S, options=options
        ) as connection:
            yield connection
    except psycopg.errors.InsufficientPrivilege:
        raise UserError(f"The user of that address may not read the table, on {server}.") from None
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        why = "it takes too long" if isinstance(error, psycopg.errors.QueryCanceled) else "it does not answer"
        raise Unavailable(
            f"The database on {server} cannot be read: {why}. What has come so far stays; "
            "the same command goes on with the rest.",
            kind="connection",
        ) from None
