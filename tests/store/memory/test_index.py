"""The contract of every index of vectors, against the real ones."""

import asyncio
import contextlib
import logging
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import psycopg
import pytest

from clara.errors import Misconfigured, Unavailable, UserError
from clara.memory.kinds import Owner
from store.database import Pool
from store.memory import mem0_store, vector_servers
from store.memory.index import Entry, Index, Near
from store.memory.mem0_store import PAGE, Mem0Index
from store.memory.vector_servers import PostgresVectors, QdrantVectors
from tests.loopback import feature_hash
from tests.patience import PATIENCE_S
from tests.ports import free_port

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def entry(owner: Owner, text: str, project: str | None = None, private: bool = True) -> Entry:
    memory_id = str(uuid5(UUID(int=0), f"{owner}/{text}"))
    return Entry(memory_id, text, feature_hash.embed(text), project, private, NOW)


async def found(
    index: Index, owner: Owner, query: str, projects: tuple[str, ...] = (), open_only: bool = False
) -> set[str]:
    near = Near(owner, feature_hash.embed(query), limit=50, projects=projects, open_only=open_only)
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
    assert await found(index, owner, "tea", ("apollo",)) == {own.id, secret.id, apollo.id}
    assert await found(index, owner, "tea", ("apollo",), open_only=True) == {own.id}
    assert await found(index, owner, "tea", ("apollo", "apollo 2")) == {own.id, secret.id, apollo.id, gemini.id}


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
        assert theirs.id not in await found(index, owner, "green tea", (project,))
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


async def test_vectors_of_former_models_are_removed_too(
    index: Index, owner: Owner, stranger: Owner, former: Index
) -> None:
    tea, dog, theirs = entry(owner, "likes green tea"), entry(owner, "has a dog"), entry(stranger, "likes tea")
    for each in (former, index):
        await each.put(owner, [tea, dog])
        await each.put(stranger, [theirs])
    assert await index.remove(owner, [tea.id, theirs.id]) == 2
    assert await found(former, owner, "green tea") == {dog.id}
    assert await index.clear(owner) == 2
    assert await former.count(owner) == 0
    assert await former.count(stranger) == await index.count(stranger) == 1


async def test_as_many_are_cleared_as_there_are(index: Index, owner: Owner) -> None:
    many = [entry(owner, f"fact {number}") for number in range(PAGE + 1)]
    await index.put(owner, many)
    assert await index.count(owner) == PAGE + 1
    assert await index.clear(owner) == PAGE + 1
    assert await index.count(owner) == 0


async def test_mem0_itself_reads_what_was_written(index: Mem0Index, owner: Owner) -> None:
    tea = entry(owner, "likes green tea")
    await index.put(owner, [tea])
    assert os.environ["MEM0_TELEMETRY"] == "False"
    store = index._store(index.name)
    hits = await index._run(lambda: store.search("tea", tea.vector, 5, {"user_id": str(owner)}))
    assert [(str(hit.id), hit.payload["data"]) for hit in hits] == [(tea.id, "likes green tea")]


async def test_mem0_says_nothing_of_what_it_is_given(
    index: Index, owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await index.put(owner, [entry(owner, "likes green tea")])
        await found(index, owner, "tea")
        await index.clear(owner)
    assert [record for record in caplog.records if record.name.startswith("mem0")] == []


async def test_a_writer_that_is_cancelled_leaves_an_index_that_works(index: Index, owner: Owner) -> None:
    many = [entry(owner, f"fact {number}") for number in range(50)]
    for wait in (0, 0.001, 0.02):
        writing = asyncio.create_task(index.put(owner, many))
        await asyncio.sleep(wait)
        writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):  # a fast index may be done before it is cancelled
            await writing
    await index.put(owner, many)
    assert await index.count(owner) == 50


async def test_a_table_of_another_length_says_to_reindex(pgvector: Index, owner: Owner) -> None:
    await pgvector.put(owner, [entry(owner, "likes tea")])
    with pytest.raises(Misconfigured, match="reindex"):
        await pgvector.nearest(Near(owner, [1.0, 0.0, 0.0], 5))


async def test_before_the_first_memory_there_is_nothing(database_url: str, owner: Owner, tmp_path: Path) -> None:
    empty = Mem0Index(PostgresVectors(database_url), "never_written", 384, tmp_path)
    assert await empty.nearest(Near(owner, [0.0] * 384, 5)) == []
    assert await empty.count(owner) == await empty.clear(owner) == await empty.remove(owner, [str(uuid4())]) == 0
    assert not os.listdir(tmp_path)  # looking does not even import mem0
    await empty.close()


async def test_six_processes_that_begin_at_once_make_one_table(database_url: str, owner: Owner, tmp_path: Path) -> None:
    name = f"begun_{uuid4().hex[:8]}"
    six = [Mem0Index(PostgresVectors(database_url), name, 384, tmp_path) for _ in range(6)]
    try:
        await asyncio.gather(*(each.put(owner, [entry(owner, f"fact {n}")]) for n, each in enumerate(six)))
        assert await six[0].count(owner) == 6
    finally:
        await asyncio.gather(*(each.close() for each in six))


async def test_a_table_that_was_dropped_is_made_again(
    pool: Pool, database_url: str, owner: Owner, tmp_path: Path
) -> None:
    index = Mem0Index(PostgresVectors(database_url), f"dropped_{uuid4().hex[:8]}", 384, tmp_path)
    tea = entry(owner, "likes tea")
    await index.put(owner, [tea])
    async with pool.connection() as connection:
        await connection.execute(f"drop table {index.name}")
    with pytest.raises(Unavailable):
        await index.nearest(Near(owner, tea.vector, 5))
    assert await index.nearest(Near(owner, tea.vector, 5)) == []
    await index.put(owner, [tea])
    assert await found(index, owner, "tea") == {tea.id}
    await index.close()


@pytest.mark.parametrize("server", [PostgresVectors, QdrantVectors])
async def test_a_dead_server_is_unavailable_and_does_not_hang(
    server: type[PostgresVectors] | type[QdrantVectors],
    owner: Owner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vector_servers, "POOL_TIMEOUT_S", 0.3)
    scheme = "postgresql" if server is PostgresVectors else "http"
    index = Mem0Index(server(f"{scheme}://127.0.0.1:{free_port()}"), "dead", 384, tmp_path)
    for work in (
        index.nearest(Near(owner, [0.0] * 384, 5)),
        index.put(owner, [entry(owner, "likes tea")]),
        index.clear(owner),
    ):
        with pytest.raises(Unavailable) as caught:
            await asyncio.wait_for(work, PATIENCE_S)
        assert caught.value.__cause__ is None  # a cause would be told, and may hold what was written
    await index.close()


async def test_a_locked_table_is_unavailable_within_its_bound(pgvector: Index, database_url: str, owner: Owner) -> None:
    tea = entry(owner, "likes tea")
    await pgvector.put(owner, [tea])
    async with await psycopg.AsyncConnection.connect(database_url) as blocker:
        await blocker.execute(f"lock table {pgvector.name} in share mode")  # readers pass, writers wait
        with pytest.raises(Unavailable):
            await pgvector.put(owner, [tea])
    await pgvector.put(owner, [tea])


async def test_an_index_on_the_user_serves_the_search(pgvector: Index, pool: Pool, owner: Owner) -> None:
    await pgvector.put(owner, [entry(owner, "likes tea")])
    async with pool.connection() as connection:
        rows = await (
            await connection.execute("select indexdef from pg_indexes where tablename = %s", (pgvector.name,))
        ).fetchall()
    definitions = " ".join(row["indexdef"] for row in rows)
    assert "'user_id'" in definitions
    assert "hnsw" not in definitions


def test_nothing_private_of_mem0_is_touched() -> None:
    source = Path(mem0_store.__file__).read_text()
    private = re.findall(r"(?:store|found|hit|VectorStoreFactory|VectorStoreConfig)\._\w+", source)
    assert private == []
    others = [p for p in Path(mem0_store.__file__).parents[2].glob("*/**/*.py") if ".venv" not in p.parts]
    users = {p.name for p in others if re.search(r"^\s*(from|import) mem0\b", p.read_text(), re.M)}
    assert users <= {"mem0_store.py", "mem0_people.py"}
