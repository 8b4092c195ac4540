"""How long finding takes, beside plain SQL on the same data in the same run."""

import random
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from activities.memory.memories import Memories
from activities.memory.recalling import recall_for
from benchmarks.figures import Spread
from benchmarks.memory.crowd import EACH, LIFE, fill, owner_of, vectors
from clara.memory.kinds import scope
from clara.memory.recall import RecallRequest
from store.database import Pool, open_pool
from store.memory.index import Index, Near
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors
from store.memory.writing import Draft
from tests.loopback.hash_embedder import HashEmbedder

TOP = 10
ROUNDS = 200

Work = Callable[[str, list[float]], Awaitable[None]]


class Given(HashEmbedder):
    """Gives a vector that was made beforehand: the embedding call is not what is measured."""

    floor = -1.0

    def __init__(self) -> None:
        self.vector: list[float] = []

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [self.vector for _ in texts]


@dataclass(frozen=True)
class Speed:
    """At one size: milliseconds, and the share of the exact top ten that was found, least of all users."""

    memories: int
    users: int
    dimensions: int
    recall_ms: Spread
    nearest_ms: Spread
    plain_sql_ms: Spread
    least_found: float
    add_ms: Spread


async def measure(
    database_url: str, home: Path, count: int, dimensions: int = 384, rounds: int = ROUNDS, each: int = EACH
) -> Speed:
    """Fill an empty, migrated database with ``count`` memories and search it one query at a time."""
    pool = await open_pool(database_url, max_size=6)
    index = Mem0Index(PostgresVectors(database_url), f"bench_{count}", dimensions, home)
    try:
        await fill(pool, index, count, dimensions, each)
        return await _measured(pool, index, count, dimensions, rounds, each)
    finally:
        await index.close()
        await pool.close()


async def _measured(pool: Pool, index: Index, count: int, dimensions: int, rounds: int, each: int) -> Speed:
    users = max(1, count // each)
    embedder = Given()
    memories = Memories(pool, index, embedder)
    randomly = random.Random(3)
    queries = [
        (owner_of(randomly.randrange(users) * each, each), vector) for vector in vectors(rounds, dimensions, seed=9)
    ]

    async def recall(user: str, vector: list[float]) -> None:
        embedder.vector = vector
        question = randomly.choice(LIFE).question
        request = RecallRequest(turn_id="bench", user_id=user, query=question, private=True)
        await recall_for(memories, request, 1_200, timeout=30)

    async def nearest(user: str, vector: list[float]) -> None:
        await index.nearest(Near(scope(user), vector, 20))

    async def plain(user: str, vector: list[float]) -> None:
        await _plain(pool, user, vector, 20)

    found = [
        await _found(pool, index, user * each, each, vector)
        for user, vector in enumerate(vectors(users, dimensions, seed=11))
    ]
    return Speed(
        memories=count,
        users=users,
        dimensions=dimensions,
        recall_ms=await _timed(recall, queries),
        nearest_ms=await _timed(nearest, queries),
        plain_sql_ms=await _timed(plain, queries),
        least_found=min(found),
        add_ms=await _adding(memories, embedder, vectors(rounds // 4, dimensions, seed=5)),
    )


async def _timed(work: Work, queries: Sequence[tuple[str, list[float]]]) -> Spread:
    for user, vector in queries[:5]:
        await work(user, vector)
    taken = []
    for user, vector in queries:
        started = time.perf_counter()
        await work(user, vector)
        taken.append((time.perf_counter() - started) * 1_000)
    return Spread.of(taken)


async def _plain(pool: Pool, user: str, vector: list[float], limit: int) -> list[str]:
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select id::text, text from plain where user_id = %s and kind = 'user' order by vector <=> %s::vector"
                " limit %s",
                (user, str(vector), limit),
            )
        ).fetchall()
    return [row["id"] for row in rows]


async def _found(pool: Pool, index: Index, number: int, each: int, vector: list[float]) -> float:
    """The share of the exact top ten, which a whole scan of the person's rows gives."""
    user = owner_of(number, each)
    exact = set(await _plain(pool, user, vector, TOP))
    hits = await index.nearest(Near(scope(user), vector, TOP))
    return len(exact & {hit.id for hit in hits}) / len(exact)


async def _adding(memories: Memories, embedder: Given, new: Iterable[list[float]]) -> Spread:
    owner = scope("cli:newcomer")
    taken = []
    for number, vector in enumerate(new):
        embedder.vector = vector
        started = time.perf_counter()
        await memories.add(owner, [Draft(f"new fact {number}", f"bench {number}", "import")])
        taken.append((time.perf_counter() - started) * 1_000)
    return Spread.of(taken)
