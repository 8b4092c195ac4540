"""Where in Clara's database a word still stands: the tests of forgetting search everything that is kept."""

from collections.abc import Collection

from psycopg import sql

from store.database import Pool

# Other tests of the same process may have left much in these tables.
SCAN_TIMEOUT = "120s"


async def tables_with(pool: Pool, *words: str, among: Collection[str] | None = None) -> set[str]:
    """The tables (of `among`, or all) that hold one of the words, whatever its case, as text or as bytes."""
    found = set()
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(sql.SQL("set local statement_timeout = {}").format(SCAN_TIMEOUT))
        rows = await (
            await connection.execute(
                "select table_schema as schema, table_name as name from information_schema.tables"
                " where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'"
            )
        ).fetchall()
        for row in rows:
            if among is not None and row["name"] not in among:
                continue
            # Bytes are shown as hexadecimal in the text of a row.
            patterns = [f"%{form}%" for word in words for form in (word, word.encode().hex())]
            held = await (
                await connection.execute(
                    sql.SQL("select exists (select from {} t where t::text ilike any (%s)) as held").format(
                        sql.Identifier(row["schema"], row["name"])
                    ),
                    (patterns,),
                )
            ).fetchone()
            if held and held["held"]:
                found.add(row["name"])
    return found
