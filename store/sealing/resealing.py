"""Sealing everything anew with the newest key.

Sealed secrets stand in columns called ``sealed``, whatever the table. So none can be forgotten here.
"""

from typing import LiteralString

from psycopg import sql

from store.database import Pool
from store.sealing.sealer import Sealer

STATEMENT_TIMEOUT = "120s"

TABLES: LiteralString = (
    "select table_name from information_schema.columns where table_schema = current_schema()"
    " and column_name = 'sealed' and data_type = 'bytea' order by table_name"
)
"""With secrets."""


async def reseal_all(pool: Pool, sealer: Sealer) -> dict[str, int]:
    """Seal every secret anew; returns how many there are, by table.

    One transaction over all: Misconfigured for one that cannot be unsealed leaves everything as it was.
    """
    done: dict[str, int] = {}
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(sql.SQL("set local statement_timeout = {}").format(sql.Literal(STATEMENT_TIMEOUT)))
        tables = await (await connection.execute(TABLES)).fetchall()
        for row in tables:
            table = sql.Identifier(row["table_name"])
            found = await (
                await connection.execute(sql.SQL("select ctid, sealed from {} for update").format(table))
            ).fetchall()
            for each in found:
                await connection.execute(
                    sql.SQL("update {} set sealed = %s where ctid = %s").format(table),
                    (sealer.reseal(bytes(each["sealed"])), each["ctid"]),
                )
            done[row["table_name"]] = len(found)
    return done
