"""Forgetting that is killed in the middle: whoever repeats it is told that it is done, and nothing is left."""

import asyncio
import os
import random
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from activities.memory.memories import Memories
from clara.errors import Unavailable, UserError
from clara.memory.kinds import Owner, scope
from store.database import Pool
from store.memory import removals
from store.memory.index import Entry
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors
from store.memory.writing import Draft
from tests import nursery
from tests.activities.memory.people import clara
from tests.activities.memory.test_kills import IMPORTED
from tests.loopback import feature_hash
from tests.loopback.hash_embedder import HashEmbedder
from tests.patience import PATIENCE_S

MEMORIES = 40
KILLS = 2
WORD = "Quetzal"


@pytest.fixture
def index(database_url: str, tmp_path: Path) -> Mem0Index:
    name = f"killed_{uuid4().hex[:8]}_384"
    return Mem0Index(PostgresVectors(database_url), name, 384, tmp_path, name)


async def filled(memories: Memories, owner: Owner) -> list[str]:
    drafts = [Draft(f"{WORD} number {n}", f"{owner} {n}", "import") for n in range(MEMORIES)]
    return [written.id for written in await memories.add(owner, drafts)]


async def left(pool: Pool, index: Mem0Index) -> int:
    """Rows of the index in which the words stand."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                f'select count(*) as n from "{index.name}" t where t::text like %s',  # type: ignore[arg-type]
                (f"%{WORD}%",),
            )
        ).fetchone()
    assert row is not None
    return int(row["n"])


async def until_killed(
    database_url: str, index: Mem0Index, home: Path, owner: Owner, ids: list[str], after: int
) -> int:
    """How many were forgotten by a process that is killed after so many, anywhere in the next one."""
    arguments = [database_url, index.name, str(home), owner, *ids]
    forgetter = "tests.activities.memory.forgetter"
    process, said = await nursery.telling(forgetter, *arguments, env=os.environ, imported=IMPORTED)
    assert await asyncio.wait_for(said.readline(), PATIENCE_S) == b"ready\n"
    for _ in range(after):
        assert await asyncio.wait_for(said.readline(), PATIENCE_S) == b"forgot\n"
    await asyncio.sleep(random.uniform(0, 0.02))
    process.kill()
    rest = await said.read()
    await process.wait()
    return after + rest.count(b"forgot")


async def test_what_was_broken_off_is_finished_by_whoever_repeats_it(
    pool: Pool, database_url: str, owner: Owner, tmp_path: Path, index: Mem0Index
) -> None:
    async with clara(pool, index, embedder=HashEmbedder()) as (she, _):
        ids = await filled(she.memories, owner)
        assert await left(pool, index) == MEMORIES
        waiting = list(ids)
        for _ in range(KILLS):
            forgotten = await until_killed(database_url, index, tmp_path, owner, waiting, random.randint(1, 5))
            waiting = waiting[forgotten:]
            # Temporal tries the one again that was under way: its person is told that it is done.
            reply = await she.do(owner, "forget", waiting.pop(0))
            assert reply.text.startswith(("Forgotten: ", "That memory is forgotten."))
        assert await she.texts(owner) == sorted(f"{WORD} number {ids.index(each)}" for each in waiting)
        assert await left(pool, index) == len(waiting)


async def test_a_worker_finishes_what_nobody_repeats(
    pool: Pool, owner: Owner, index: Mem0Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> int:
        raise Unavailable("the vectors cannot be reached")

    async with clara(pool, index, embedder=HashEmbedder()) as (she, _):
        memory_id, *others = await filled(she.memories, owner)
        with monkeypatch.context() as broken:
            broken.setattr(index, "remove", dies)
            with pytest.raises(Unavailable):
                await she.memories.forget(owner, memory_id)
        assert await left(pool, index) == MEMORIES
        assert await removals.due(pool) == [], "not while the attempt may be at it"
        async with pool.connection() as connection:
            await connection.execute("update memory_removals set due_at = now() where user_id = %s", (owner,))
        mine = [each for each in await removals.due(pool) if each.owner == owner]
        await she.memories.remove(mine)
        assert [each.memory_id for each in mine] == [memory_id]
        assert await left(pool, index) == len(others)


async def test_a_vector_that_was_on_its_way_is_removed_later(pool: Pool, owner: Owner, index: Mem0Index) -> None:
    async with clara(pool, index, embedder=HashEmbedder()) as (she, _):
        memory_id, *others = await filled(she.memories, owner)
        [memory] = [each for each in (await she.do(owner, "export")).data["memories"] if each["id"] == memory_id]
        await she.memories.forget(owner, memory_id)
        late = Entry(memory_id, memory["text"], feature_hash.embed(memory["text"]), None, True, datetime.now(UTC))
        await index.put(owner, [late])  # and its writer is killed before it looks again
        async with pool.connection() as connection:
            await connection.execute("update memory_removals set due_at = now() where user_id = %s", (owner,))
        await she.memories.remove([each for each in await removals.due(pool) if each.owner == owner])
        assert await left(pool, index) == len(others)
        assert await removals.of(pool, owner, memory_id.replace("-", "")) == [], "there is nothing left to be done"
        with pytest.raises(UserError, match="no memory with that id"):
            await she.do(owner, "forget", memory_id)


async def test_nobody_finishes_for_another_person(pool: Pool, owner: Owner, stranger: Owner, index: Mem0Index) -> None:
    async with clara(pool, index, embedder=HashEmbedder()) as (she, _):
        memory_id, *_ = await filled(she.memories, owner)
        await she.memories.forget(owner, memory_id)
        with pytest.raises(UserError, match="no memory with that id"):
            await she.do(stranger, "forget", memory_id)


async def test_a_person_is_forgotten_whole_by_whoever_repeats_it(
    pool: Pool, database_url: str, owner: Owner, tmp_path: Path, index: Mem0Index
) -> None:
    async with clara(pool, index, embedder=HashEmbedder()) as (she, _):
        for _ in range(KILLS):
            await filled(she.memories, owner)
            await until_killed(database_url, index, tmp_path, owner, [], 0)
            reply = await she.do(scope(owner), "forget-me", confirmed=True)
            assert reply.text.startswith("I have forgotten you.")
            assert await left(pool, index) == 0
            assert await she.texts(owner) == []
