"""People who come over from mem0 and MyPalClara, and those who leave: with the real mem0 on both sides."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from activities.memory import moving
from activities.memory.moving import Moved, Survey
from activities.memory.sources import export_file, table
from activities.memory.sources.source import Source, source
from clara.errors import ClaraError, Unavailable, UserError
from clara.memory import mem0
from clara.memory.kinds import KEY_LIMIT, Memory, Owner
from store.database import Pool
from store.memory import records
from store.memory.index import Index
from store.memory.writing import Draft
from tests.activities.memory.mem0_people import mem0_memory
from tests.activities.memory.people import Clara, clara
from tests.ports import free_port


async def brought(she: Clara, chosen: Source, **people: Owner) -> Moved:
    named: moving.People = {**people}
    states = [moved async for moved in moving.bring(she.memories, chosen, named)]
    return states[-1] if states else Moved()


async def remembered(pool: Pool, owner: Owner) -> list[Memory]:
    return [memory async for memory in records.lasting(pool, owner)]


def written(folder: Path, data: Any, name: str = "memories.json") -> str:
    file = folder / name
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return str(file)


def rows(*texts: str, user: str = "alice") -> list[dict[str, Any]]:
    return [{"id": str(n), "memory": text, "user_id": user} for n, text in enumerate(texts)]


@pytest.mark.parametrize("shape", ["{}", '{{"results": {}}}', '{{"memories": {}, "exported_at": "x"}}', "\ufeff {}"])
async def test_a_file_in_any_of_the_forms(
    pool: Pool, pgvector: Index, owner: Owner, tmp_path: Path, shape: str
) -> None:
    where = written(tmp_path, shape.format(json.dumps(rows("Likes tea", "Has a dog"))))
    async with clara(pool, pgvector) as (she, _):
        moved = await brought(she, source(where), alice=owner)
    assert (moved.new, moved.known) == (2, 0)
    found = await remembered(pool, owner)
    assert {(m.text, m.kind, m.origin, m.quoted, m.private) for m in found} == {
        (text, "user", "import", False, True) for text in ("Likes tea", "Has a dog")
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json at all", "is no JSON"),
        ("", "is no JSON"),
        ('{"results": ', "is no JSON"),
        ('{"name": "x", "others": [1, 2]}', "has no list of memories"),
        ('[{"memory": "Likes tea", "user_id": "alice"}, {"memory": "Has a d', "after its memory 1: it is cut off"),
        ('[{"memory": "Likes tea", "user_id": "alice"}', "after its memory 1: it is cut off"),
    ],
)
async def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        await moving.survey(source(written(tmp_path, content)), {})


async def test_a_file_that_is_no_text_says_so(tmp_path: Path) -> None:
    (tmp_path / "vectors.bin").write_bytes(bytes(range(256)))
    (tmp_path / "latin.json").write_bytes('[{"memory": "mag Käse"}]'.encode("latin-1"))
    for name in ("vectors.bin", "latin.json"):
        with pytest.raises(UserError, match="JSON in UTF-8"):
            await moving.survey(source(str(tmp_path / name)), {})


@pytest.mark.parametrize("where", ["nowhere.json", "ftp://x/y", "mysql://x"])
def test_a_source_that_is_none_says_what_it_may_be(where: str) -> None:
    with pytest.raises(UserError, match="There is no file"):
        source(where)


async def test_a_file_is_not_read_as_a_whole(tmp_path: Path) -> None:
    where = tmp_path / "endless.json"
    where.write_text("[" + ",".join(json.dumps(each) for each in rows(*["Likes tea"] * 20_000)))  # and no end
    async with aclosing(export_file.items(where)) as items:
        assert (await anext(items))["memory"] == "Likes tea"  # the error at the end was not met yet


async def test_halves_of_characters_and_hidden_ones_do_no_harm(
    pool: Pool, pgvector: Index, owner: Owner, tmp_path: Path
) -> None:
    odd = r'[{"memory": "Likes \ud800 tea\u0000 and\u202e cake", "user_id": "alice"},'
    odd += r' {"memory": "x", "user_id": "\ud800"}]'
    async with clara(pool, pgvector) as (she, _):
        await brought(she, source(written(tmp_path, odd)), alice=owner)
    assert [m.text for m in await remembered(pool, owner)] == ["Likes ? tea and cake"]


async def test_the_same_source_twice_is_once_and_what_was_forgotten_stays_so(
    pool: Pool, pgvector: Index, owner: Owner, tmp_path: Path
) -> None:
    where = written(tmp_path, rows("Likes tea", "likes  TEA!", "Has a dog"))
    async with clara(pool, pgvector) as (she, _):
        assert (await brought(she, source(where), alice=owner)).new == 2
        dog = next(m for m in await remembered(pool, owner) if m.text == "Has a dog")
        await she.do(owner, "forget", dog.id)
        again = await brought(she, source(where), alice=owner)
    assert (again.new, again.known) == (0, 3)
    assert [m.text for m in await remembered(pool, owner)] == ["Likes tea"]


async def test_what_the_person_said_themselves_stays_said(
    pool: Pool, pgvector: Index, owner: Owner, tmp_path: Path
) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.do(owner, "add", "I like tea.")
        moved = await brought(she, source(written(tmp_path, rows("i like tea"))), alice=owner)
        assert (moved.new, moved.known) == (0, 1)
        assert [(m.text, m.quoted) for m in await remembered(pool, owner)] == [("I like tea.", True)]


async def test_two_imports_at_once_leave_one_of_each(pool: Pool, pgvector: Index, owner: Owner, tmp_path: Path) -> None:
    keys = [{**each, "is_key": True} for each in rows(*(f"Key fact {n}" for n in range(KEY_LIMIT + 5)))]
    where = written(tmp_path, [*rows(*(f"Fact {n}" for n in range(250))), *keys])
    async with clara(pool, pgvector) as (she, _):
        both = await asyncio.gather(*(brought(she, source(where), alice=owner) for _ in range(2)))
        assert sum(moved.new for moved in both) == 250 + KEY_LIMIT + 5
        found = await remembered(pool, owner)
        assert len(found) == 250 + KEY_LIMIT + 5
        assert sum(memory.kind == "key" for memory in found) == KEY_LIMIT
        third = await brought(she, source(where), alice=owner)
    assert (third.new, third.demoted) == (0, KEY_LIMIT + 5)  # known ones among them: they stay what they are
    assert sum(memory.kind == "key" for memory in await remembered(pool, owner)) == KEY_LIMIT


async def test_an_import_that_is_cancelled_goes_on_where_it_was(
    pool: Pool, pgvector: Index, owner: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "BATCH", 10)
    where = written(tmp_path, rows(*(f"Fact {n}" for n in range(100))))
    async with clara(pool, pgvector) as (she, _):
        begun = asyncio.Event()

        async def watched() -> None:
            async for _ in moving.bring(she.memories, source(where), {"alice": owner}):
                begun.set()

        work = asyncio.create_task(watched())
        await begun.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert 10 <= len(await remembered(pool, owner)) < 100
        await brought(she, source(where), alice=owner)
    assert len(await remembered(pool, owner)) == 100


async def test_those_who_are_not_named_stay_away(
    pool: Pool, pgvector: Index, owner: Owner, stranger: Owner, tmp_path: Path
) -> None:
    everybody = [
        *rows("Likes tea"),
        *rows("Likes coffee", user="bob"),
        *rows("Everybody likes cake", user="*"),
        *rows("An id of Clara's is nothing special", user=str(stranger)),
        {"memory": "Nobody's"},
    ]
    where = written(tmp_path, everybody)
    async with clara(pool, pgvector) as (she, _):
        seen = await moving.survey(source(where), {"alice": owner})
        assert seen.people == {"alice": 1, "bob": 1, "*": 1, str(stranger): 1, None: 1}
        assert set(seen.strangers({"alice": owner})) == {"bob", "*", str(stranger), None}
        assert seen.missing({"alice": owner, "carol": owner}) == ["carol"]
        await brought(she, source(where), alice=owner)
        assert await remembered(pool, stranger) == []
    assert [m.text for m in await remembered(pool, owner)] == ["Likes tea"]


async def test_secrets_and_what_is_no_fact_are_counted(tmp_path: Path) -> None:
    data = [*rows("Likes tea", "My password is hunter2", "x" * 5_000), {"memory": 5}, "text", None]
    seen = await moving.survey(source(written(tmp_path, data)), {})
    assert (seen.people, seen.refused) == ({"alice": 1}, {"secret": 1, "too long": 1, "unreadable": 3})
    assert isinstance(seen, Survey)


ALICE = ("Likes green tea", "Moved to Hamburg in May", "Hat einen Hund namens Rex")


@pytest.fixture(params=["pgvector", "qdrant"])
async def mem0_of_others(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> AsyncIterator[tuple[Source, Any]]:
    """What mem0 itself has stored, without a model, for two people; and its Memory while it is open."""
    name = f"mem0_{request.node.name[:12]}".lower().replace("[", "_")
    if request.param == "pgvector":
        given = {"connection_string": database_url, "collection_name": name}
        chosen = source(database_url, name)
    else:
        given = {"path": str(tmp_path / "qdrant"), "collection_name": name}
        chosen = Source("", lambda: source(str(tmp_path / "qdrant"), name).items())
    with mem0_memory(tmp_path, request.param, **given) as memory:
        for text in ALICE:
            memory.add(text, user_id="alice", infer=False, metadata={"created_at": "2024-02-03T04:05:06+00:00"})
        memory.add([{"role": "assistant", "content": "I am an assistant"}], user_id="alice", infer=False)
        memory.add("Likes coffee", user_id="bob", infer=False)
    yield chosen, name
    if request.param == "pgvector":
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
            await connection.execute(f"drop table {name}")


async def test_what_mem0_stored_comes_over(
    pool: Pool, pgvector: Index, owner: Owner, mem0_of_others: tuple[Source, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "PAGE", 2)
    chosen, _ = mem0_of_others
    seen = await moving.survey(chosen, {"alice": owner})
    assert (seen.people, seen.refused) == ({"alice": 3, "bob": 1}, {"not the person's": 1})
    async with clara(pool, pgvector) as (she, _):
        assert (await brought(she, chosen, alice=owner)).new == 3
        assert (await brought(she, chosen, alice=owner)).new == 0
    found = await remembered(pool, owner)
    assert {m.text for m in found} == set(ALICE)
    assert {m.created_at for m in found} == {datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)}


async def test_out_to_mem0_and_back_again(
    pool: Pool, pgvector: Index, owner: Owner, stranger: Owner, database_url: str, tmp_path: Path
) -> None:
    old = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    drafts = [
        Draft("I like tea.", "a", "command", private=False, created_at=old),
        Draft("I'm allergic to nuts.", "b", "command", kind="key"),
        Draft("Standup is at nine.", "c", "command", kind="project", project="apollo"),
        Draft("has a dog", "d", "import", quoted=False),
        Draft("I feel awful.", "e", "conversation", kind="emotional", emotion="sad", valence=-0.9),
    ]
    async with clara(pool, pgvector) as (she, _):
        await she.memories.add(owner, drafts)
        exported = json.loads(json.dumps([each async for each in moving.exported(she.memories, owner)]))
        assert len(exported) == 4
        with mem0_memory(tmp_path, "pgvector", connection_string=database_url, collection_name="mem0_out") as mem0_:
            for each in exported:
                mem0_.add(each["memory"], user_id=each["user_id"], metadata=each["metadata"], infer=False)
            listed = mem0_.get_all(filters={"user_id": str(owner)}, top_k=100)["results"]
            assert sorted(each["memory"] for each in listed) == sorted(each["memory"] for each in exported)
        file = source(written(tmp_path, {"results": listed}))
        for chosen, back in ((source(database_url, "mem0_out"), stranger), (file, Owner(f"{stranger}-2"))):
            moved = await brought(she, chosen, **{str(owner): back})
            assert (moved.new, moved.known) == (4, 0)
            came = {(m.text, m.kind, m.project, m.private, m.created_at) for m in await remembered(pool, back)}
            went = {(m.text, m.kind, m.project, m.private, m.created_at) for m in await remembered(pool, owner)}
            assert came == went
            assert not any(memory.quoted for memory in await remembered(pool, back))


def test_what_leaves_is_what_mypalclara_takes_in() -> None:
    memory = Memory(id="m", user_id="cli:me", kind="key", text="x", origin="command", created_at=datetime.now(UTC))
    item = mem0.leaving(memory)
    assert (item["content"], item["is_key"]) == ("x", True)
    assert isinstance(item["metadata"], dict)


async def gone(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'clara-import'"
        )


async def test_a_database_that_goes_away_in_the_middle_is_said_and_the_rest_comes_later(
    pool: Pool, pgvector: Index, owner: Owner, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "PAGE", 10)
    monkeypatch.setattr(moving, "BATCH", 10)
    async with pool.connection() as connection:
        await connection.execute("create table mem0_gone (id uuid primary key, payload jsonb)")
        await connection.execute(
            "insert into mem0_gone select gen_random_uuid(),"
            " jsonb_build_object('data', 'Fact ' || n, 'user_id', 'alice') from generate_series(1, 95) n"
        )
    chosen = source(database_url, "mem0_gone")
    async with clara(pool, pgvector) as (she, _):

        async def interrupted() -> None:
            async for _ in moving.bring(she.memories, chosen, {"alice": owner}):
                await gone(database_url)

        with pytest.raises(Unavailable, match="goes on with the rest") as caught:
            await interrupted()
        assert "clara@" not in str(caught.value)
        assert len(await remembered(pool, owner)) == 10
        await brought(she, chosen, alice=owner)
    assert len(await remembered(pool, owner)) == 95


@pytest.mark.parametrize(
    ("table_name", "words"),
    [
        ("nowhere", "has no table nowhere"),
        ("turns", "none of mem0's"),
        ("x; drop table turns", "has no table"),
        ('"; drop table turns --', "has no table"),
    ],
)
async def test_a_table_that_is_none_is_told(pool: Pool, database_url: str, table_name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        await moving.survey(source(database_url, table_name), {})


async def test_addresses_where_nothing_answers(tmp_path: Path) -> None:
    port = free_port()
    for where in (f"postgresql://me:hidden@127.0.0.1:{port}/x", f"http://127.0.0.1:{port}"):
        with pytest.raises(Unavailable) as caught:
            await moving.survey(source(where), {})
        assert "hidden" not in str(caught.value)
    with pytest.raises(ClaraError, match="no address of a Postgres"):
        await moving.survey(source("postgresql://[::1"), {})
    with pytest.raises(UserError, match="no folder of a Qdrant"):
        await moving.survey(source(str(tmp_path)), {})


async def test_a_qdrant_without_that_collection_names_those_it_has(
    mem0_of_others: tuple[Source, str], tmp_path: Path
) -> None:
    if not (tmp_path / "qdrant").exists():
        return
    with pytest.raises(UserError, match=f"no collection other. It has .*{mem0_of_others[1]}"):
        await moving.survey(source(str(tmp_path / "qdrant"), "other"), {})
