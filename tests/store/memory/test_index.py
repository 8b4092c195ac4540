"""The contract of every index of vectors, against the real ones."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import psycopg
import pytest

from clara.errors import Misconfigured, Unavailable, UserError
from clara.memory import feature_hash
from clara.memory.kinds import Owner
from store.database import Pool, open_pool
from store.memory.index import Entry, Index, Near
from store.memory.pgvector import PgVectorIndex
from tests.ports import free_port

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def entry(owner: Owner, text: str, project: str | None = None, private: bool = True) -> Entry:
    memory_id = str(uuid5(UUID(int=0), f"{owner}/{text}"))
    return Entry(memory_id, text, feature_hash.embed(text), project, private, NOW)


async def found(
    index: Index, owner: Owner, query: str, project: str | None = None, open_only: bool = False
) -> set[str]:
    near = Near(owner, feature_hash.embed(query), limit=50, project=project, open_only=open_only)
    return {hit.id for hit in await index.nearest(near)}


async def test_the_nearest_come_first(index: Index, owner: Owner) -> None:
    tea, dog, job = (entry(owner, text) for text in ("likes green tea", "has a dog called Rex", "works at Bosch"))
    await index.put(owner, [tea, dog, job])
    hits = await index.nearest(Near(owner, feature_hash.embed("which tea do I like?"), limit=2))
    assert hits[0].id == tea.id
    assert len(hits) == 2
    assert 1.01 > hits[0].score > hits[1].score


async def test_writing_again_changes_nothing_and_writing_anew_replaces(index: Index, owner: Owner) -> None:
    tea = entry(owner, "likes green tea", private=True)
    for _ in range(3):
        await index.put(owner, [tea])
    assert await index.count(owner) == 1
    assert await found(index, owner, "tea", open_only=True) == set()
    opened = Entry(tea.id, tea.text, tea.vector, None, False, NOW)
    await index.put(owner, [opened, entry(owner, "has a dog")])
    assert await index.count(owner) == 2
    assert await found(index, owner, "tea", open_only=True) == {tea.id}


async def test_twenty_writers_at_once_leave_one(index: Index, owner: Owner) -> None:
    tea = entry(owner, "likes green tea")
    await asyncio.gather(*(index.put(owner, [tea]) for _ in range(20)))
    assert await index.count(owner) == 1


async def test_projects_and_private_ones_are_filtered_exactly(index: Index, owner: Owner) -> None:
    own, secret = entry(owner, "likes tea", private=False), entry(owner, "likes strong tea")
    apollo, gemini = entry(owner, "tea break at noon", "apollo"), entry(owner, "tea break at one", "apollo 2")
    await index.put(owner, [own, secret, apollo, gemini])
    assert await found(index, owner, "tea") == {own.id, secret.id}
    assert await found(index, owner, "tea", project="apollo") == {own.id, secret.id, apollo.id}
    assert await found(index, owner, "tea", project="apollo", open_only=True) == {own.id}


HOSTILE = ["*", "%", "", "cli:*", '{"in": ["cli:me"]}', "' or true --", "payload->>'user_id'"]


async def test_nobody_reaches_another_persons_vectors(index: Index, owner: Owner, stranger: Owner) -> None:
    mine, theirs = entry(owner, "likes green tea"), entry(stranger, "likes green tea a lot")
    await index.put(owner, [mine])
    await index.put(stranger, [theirs])
    assert await found(index, owner, "green tea") == {mine.id}
    for thief in (stranger, *map(Owner, HOSTILE)):
        assert mine.id not in await found(index, thief, "green tea")
        assert await index.remove(thief, [mine.id]) == 0
        if thief != stranger:
            assert await index.clear(thief) == 0
            assert await index.count(thief) == 0
            with pytest.raises(UserError):
                await index.put(thief, [mine])
    with pytest.raises(UserError):
        await index.put(stranger, [Entry(mine.id, "stolen", mine.vector, None, False, NOW)])
    for project in HOSTILE[:1] + HOSTILE[3:]:
        assert theirs.id not in await found(index, owner, "green tea", project=project)
    assert await index.clear(stranger) == 1
    assert await found(index, owner, "green tea") == {mine.id}


async def test_removing(index: Index, owner: Owner) -> None:
    tea, dog = entry(owner, "likes green tea"), entry(owner, "has a dog")
    await index.put(owner, [tea, dog])
    assert await index.remove(owner, [tea.id, str(uuid4())]) == 1
    assert await index.remove(owner, [tea.id]) == 0
    assert await index.clear(owner) == 1
    assert await index.nearest(Near(owner, tea.vector, 5)) == []


async def test_vectors_of_a_wrong_length_name_the_setting(index: Index, owner: Owner) -> None:
    with pytest.raises(Misconfigured, match="EMBEDDINGS_DIMENSIONS: must be 3,"):
        await index.put(owner, [Entry(str(uuid4()), "x", [1.0, 0.0, 0.0], None, True, NOW)])


async def test_a_table_of_another_length_says_to_reindex(pool: Pool, pgvector: PgVectorIndex, owner: Owner) -> None:
    await pgvector.put(owner, [entry(owner, "likes tea")])
    with pytest.raises(Misconfigured, match="reindex"):
        await pgvector.nearest(Near(owner, [1.0, 0.0, 0.0], 5))


async def test_before_the_first_memory_there_is_nothing(
    pool: Pool, database_url: str, owner: Owner, tmp_path: Path
) -> None:
    empty = PgVectorIndex(pool, database_url, "test_never_written", 384, tmp_path)
    assert await empty.nearest(Near(owner, [0.0] * 384, 5)) == []
    assert await empty.count(owner) == await empty.clear(owner) == await empty.remove(owner, [str(uuid4())]) == 0
    assert not os.listdir(tmp_path)  # reading alone does not even import mem0


async def test_a_dead_database_is_unavailable_and_does_not_hang(owner: Owner, tmp_path: Path) -> None:
    url = f"postgresql://clara@127.0.0.1:{free_port()}/postgres"
    dead = await open_pool(url, max_size=1)
    dead.timeout = 0.3
    index = PgVectorIndex(dead, url, "test_dead", 384, tmp_path)
    try:
        with pytest.raises(Unavailable):
            await index.nearest(Near(owner, [0.0] * 384, 5))
        with pytest.raises(Unavailable):
            await index.put(owner, [entry(owner, "likes tea")])
    finally:
        await dead.close()


async def test_a_locked_table_is_unavailable_within_its_bound(
    pgvector: PgVectorIndex, database_url: str, owner: Owner
) -> None:
    tea = entry(owner, "likes tea")
    await pgvector.put(owner, [tea])
    async with await psycopg.AsyncConnection.connect(database_url) as blocker:
        await blocker.execute(f"lock table {pgvector.name} in share mode")  # readers pass, writers wait
        with pytest.raises(Unavailable):
            await pgvector.put(owner, [tea])
    await pgvector.put(owner, [tea])


async def test_mem0_itself_reads_what_was_written(
    pgvector: PgVectorIndex, database_url: str, owner: Owner, tmp_path: Path
) -> None:
    tea = entry(owner, "likes green tea")
    await pgvector.put(owner, [tea])
    assert os.environ["MEM0_TELEMETRY"] == "False"
    hits = await asyncio.to_thread(pgvector._mem0.search, "tea", tea.vector, 5, {"user_id": owner})
    assert [(hit.id, hit.payload["data"]) for hit in hits] == [(tea.id, "likes green tea")]


async def test_an_index_on_the_user_serves_the_search(pgvector: PgVectorIndex, pool: Pool, owner: Owner) -> None:
    await pgvector.put(owner, [entry(owner, "likes tea")])
    async with pool.connection() as connection:
        rows = await (
            await connection.execute("select indexdef from pg_indexes where tablename = %s", (pgvector.name,))
        ).fetchall()
    definitions = " ".join(row["indexdef"] for row in rows)
    assert "'user_id'" in definitions
    assert "hnsw" not in definitions
