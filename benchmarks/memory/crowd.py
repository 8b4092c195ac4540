"""Many memories of many people, written as mem0 and the book of record hold them, in bulk."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from benchmarks.memory.questions.life import life
from clara.memory.kinds import fingerprint, scope
from store.database import Pool
from store.memory.index import Entry, Index

EACH = 100
"""Memories of one person."""

LIFE = life()


def owner_of(number: int, each: int = EACH) -> str:
    return f"cli:crowd-{number // each}"


def vectors(count: int, dimensions: int, seed: int = 1) -> Iterator[list[float]]:
    """Random directions: nearer to each other than real texts are, which is the harder case."""
    randomly = random.Random(seed)
    for _ in range(count):
        yield [float(byte - 128) for byte in randomly.randbytes(dimensions)]


async def fill(pool: Pool, index: Index, count: int, dimensions: int, each: int = EACH) -> None:
    """Write ``count`` memories and their vectors, and the same once more as one typed table, ``plain``."""
    now = datetime.now(UTC)
    first = Entry(str(UUID(int=0)), "makes the table", next(vectors(1, dimensions)), None, True, now)
    await index.put(scope("cli:nobody"), [first])
    await index.clear(scope("cli:nobody"))
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("set local statement_timeout = 0")
        await connection.execute(
            f"create table plain (id uuid primary key, user_id text, kind text, text text, vector vector({dimensions}))"
        )
        async with connection.cursor() as cursor:
            async with cursor.copy(f"copy {index.name} (id, vector, payload) from stdin") as copy:
                for number, vector in enumerate(vectors(count, dimensions)):
                    owner = scope(owner_of(number, each))
                    entry = Entry(str(UUID(int=number + 1)), f"fact {number}", vector, None, True, now)
                    literal = "[" + ",".join(f"{x:.0f}" for x in vector) + "]"
                    await copy.write_row((entry.id, literal, Jsonb(entry.payload(owner))))
            async with cursor.copy(
                "copy memories (id, user_id, kind, text, fingerprint, private, quoted, origin, dedupe_key, collection)"
                " from stdin"
            ) as copy:
                for number in range(count):
                    text = f"{LIFE[number % len(LIFE)].said} ({number})"  # nobody has the same words twice
                    owner = scope(owner_of(number, each))
                    row = (
                        UUID(int=number + 1),
                        owner,
                        "user",
                        text,
                        fingerprint(text),
                        True,
                        True,
                        "import",
                        str(number),
                        index.name,
                    )
                    await copy.write_row(row)
        await connection.execute(
            f"insert into plain select id, payload->>'user_id', 'user', payload->>'data', vector from {index.name}"
        )
        await connection.execute("create index plain_of_user on plain (user_id, kind)")
    async with pool.connection() as connection:
        await connection.execute("set statement_timeout = 0")
        for table in ("memories", "plain", index.name):
            await connection.execute(f"vacuum analyze {table}")
        await connection.execute("reset statement_timeout")
