"""Writers that are killed in the middle, again and again: at the end everything is there, once."""

import asyncio
import os
import random
from pathlib import Path

from clara.memory.extraction import Accepted, Quotation
from clara.memory.kinds import Owner
from clara.memory.reconcile import Decision
from store.database import Pool
from store.memory import indexing, lessons
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors
from tests import nursery
from tests.activities.memory.people import clara, message, told
from tests.patience import PATIENCE_S

TURNS = 60
KILLS = 3

IMPORTED = ("qdrant_client", "posthog", "activities.memory.learning", "activities.people.forgetting")
"""What whoever writes memories needs; mem0 imports the former two, and is itself told by the environment what it is."""


async def test_killed_writers_lose_nothing_and_repeat_nothing(
    pool: Pool, database_url: str, owner: Owner, tmp_path: Path
) -> None:
    turn_ids = []
    for number in range(TURNS):
        said = message(owner, f"I like tea number {number}")
        turn_ids.append(await told(pool, said))
        await lessons.learn(pool, said.turn_id, owner, Accepted(quotations=(Quotation(text=said.text),)), "none")
        await lessons.decide(pool, said.turn_id, [Decision(action="add")])
    randomly = random.Random(11)
    writer, arguments = "tests.activities.memory.writer", [database_url, "test_kills_384", str(tmp_path), *turn_ids]
    stored = []
    for attempt in range(KILLS + 1):
        process, said = await nursery.telling(writer, *arguments, env=os.environ, imported=IMPORTED)
        assert await asyncio.wait_for(said.readline(), PATIENCE_S) == b"ready\n"
        if attempt < KILLS:
            for _ in range(randomly.randint(3, 8)):
                await asyncio.wait_for(said.readline(), PATIENCE_S)
            await asyncio.sleep(randomly.uniform(0, 0.01))  # anywhere in the next one
            process.kill()
        await said.read()
        await process.wait()
        stored.append((await indexing.progress(pool, "test_kills_384"))[0])
    assert 0 < stored[0] < TURNS, f"the kills hit nothing: {stored}"
    assert process.returncode == 0
    index = Mem0Index(PostgresVectors(database_url), "test_kills_384", 384, tmp_path)
    async with clara(pool, index) as (she, _):
        texts = await she.texts(owner)
        assert texts == sorted(f"I like tea number {number}" for number in range(TURNS))
        assert await index.count(owner) == TURNS
        ids = [memory["id"] for memory in (await she.do(owner, "list")).data]
        assert await indexing.missing(pool, owner, ids, "test_kills_384") == []
