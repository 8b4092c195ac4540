"""What a turn is given: the right memories, of the right person, where they may be said, in bounded time."""

import asyncio
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from psycopg_pool import PoolTimeout

from activities.memory.memories import Memories
from activities.memory.recalling import recall_and_keep, recall_for
from clara.errors import Unavailable, UserError
from clara.memory.kinds import Owner, scope
from clara.memory.recall import RecallRequest, render
from store.database import Pool, open_pool
from store.memory import lessons, records
from store.memory.index import Index
from store.memory.search import Place
from store.memory.writing import Draft
from tests.activities.memory.people import Clara, clara, message
from tests.loopback import feature_hash
from tests.loopback.hash_embedder import HashEmbedder
from tests.ports import free_port


async def recalled(she: Clara, owner: str, query: str, private: bool = True, project: str | None = None) -> list[str]:
    said = message(Owner(owner), query, private=private, project=project)
    items, notice = await recall_for(she.memories, RecallRequest.of(said), 1_000, timeout=60)
    assert notice == ""
    return [item.text for item in items]


async def test_key_memories_come_first_and_always(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.do(owner, "add", "likes green tea")
        await she.do(owner, "add", "is allergic to nuts", key=True)
        await she.do(owner, "add", "is called Max", key=True)
        assert await recalled(she, owner, "which tea?") == ["is called Max", "is allergic to nuts", "likes green tea"]
        await she.do(owner, "add", "has a bicycle")
        asked = await recalled(she, owner, "which tea?")
        assert asked == ["is called Max", "is allergic to nuts", "likes green tea", "has a bicycle"]
        tea = (await she.do(owner, "search", "tea")).data[0]
        await she.do(owner, "key", tea["id"][:6])
        assert "likes green tea" in await recalled(she, owner, "quantum physics")


async def test_there_is_a_limit_to_key_memories(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        for number in range(25):
            await she.do(owner, "add", f"key fact number {number}", key=True)
        with pytest.raises(UserError, match="25 is the limit"):
            await she.do(owner, "add", "one more", key=True)


async def test_project_memories_surface_in_their_project_alone(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.do(owner, "add", "the launch is in May", project="Apollo")
        await she.do(owner, "add", "the launch is in June", project="Gemini")
        assert await recalled(she, owner, "when is the launch?") == []
        assert await recalled(she, owner, "when is the launch?", project="apollo") == ["the launch is in May"]
        assert [m["text"] for m in (await she.do(owner, "list", project="GEMINI")).data] == ["the launch is in June"]


async def test_what_was_told_in_private_stays_private_unless_allowed(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.learn(message(owner, "I like green tea", private=True))
        await she.learn(message(owner, "I play tea ceremonies", private=False))
        await she.learn(message(owner, "I am so sad about the tea", private=True))
        await she.do(owner, "add", "has a secret tea house", key=True)
        assert await recalled(she, owner, "tea", private=False) == ["I play tea ceremonies"]
        assert [m["text"] for m in (await she.do(owner, "list", private=False)).data] == ["I play tea ceremonies"]
        assert set(await recalled(she, owner, "tea")) == {
            "has a secret tea house",
            "I like green tea",
            "I play tea ceremonies",
            "I am so sad about the tea",
        }
        await she.do(owner, "sharing", "on")
        assert "I like green tea" in await recalled(she, owner, "tea", private=False)
        await she.do(owner, "sharing", "off")
        assert await recalled(she, owner, "tea", private=False) == ["I play tea ceremonies"]


async def test_moods_expire(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.learn(message(owner, "I am so sad about the exam"))
        assert await recalled(she, owner, "hello") == ["I am so sad about the exam"]
        async with pool.connection() as connection:
            await connection.execute("update memories set expires_at = now() where user_id = %s", (owner,))
        assert await recalled(she, owner, "hello") == []
        await she.learn(message(owner, "I like green tea"))
        assert (await she.do(owner, "export")).data["memories"][0]["text"] == "I like green tea"  # tidied away


async def test_nobody_is_given_another_persons_memories(
    pool: Pool, pgvector: Index, owner: Owner, stranger: Owner
) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.learn(message(owner, "I like green tea, I am so sad about it"))
        await she.do(owner, "add", "drinks green tea daily", key=True)
        assert await recalled(she, stranger, "green tea") == []
        for hostile in ("*", "cli:*", "%", "", "cli:me,cli:you"):
            with pytest.raises(UserError):
                await recall_for(
                    she.memories,
                    RecallRequest(turn_id="t", user_id=hostile, query="green tea", private=True),
                    1_000,
                    timeout=60,
                )
        shown = message(owner, "x", private=False)
        assert shown.user.id == owner


class Slow(HashEmbedder):
    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        await asyncio.sleep(60)
        raise AssertionError("nobody waits so long")


class Down(HashEmbedder):
    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise Unavailable("the embedding service cannot be reached")


async def test_what_has_no_vector_yet_is_kept_and_given_all_the_same(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=Down()) as (she, _):
        for text, options in (("likes green tea", {}), ("the launch is in May", {"project": "apollo"})):
            await she.do(owner, "add", text, **options)
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        assert await recalled(she, owner, "quantum physics") == ["likes green tea"]
        assert await recalled(she, owner, "quantum physics", private=False) == []
        assert len(await recalled(she, owner, "quantum physics", project="Apollo")) == 2


@pytest.mark.parametrize("embedder", [Slow(), Down()])
async def test_a_turn_goes_on_without_what_is_slow_or_down_and_says_so(
    pool: Pool, pgvector: Index, owner: Owner, embedder: HashEmbedder
) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.do(owner, "add", "likes green tea")
        await she.do(owner, "add", "is called Max", key=True)
    async with clara(pool, pgvector, embedder=embedder) as (she, _):
        said = message(owner, "which tea?")
        started = time.monotonic()
        outcome = await recall_and_keep(she.memories, RecallRequest.of(said), 1_000, timeout=0.3)
        assert time.monotonic() - started < 3
        assert outcome.count == 2
        assert "similar memories could not be searched" in outcome.notice
        items, notice = await lessons.recall_of(pool, said.turn_id)
        assert [item.text for item in items] == ["is called Max", "likes green tea"]  # by its words
        assert notice == outcome.notice


async def test_a_database_that_is_down_is_an_error_within_bounds(pgvector: Index, owner: Owner) -> None:
    dead = await open_pool(f"postgresql://clara@127.0.0.1:{free_port()}/postgres", max_size=1)
    dead.timeout = 0.3
    try:
        with pytest.raises(PoolTimeout):
            await recall_for(
                Memories(dead, pgvector, HashEmbedder()),
                RecallRequest(turn_id="t", user_id=owner, query="tea", private=True),
                1_000,
                timeout=0.3,
            )
    finally:
        await dead.close()


async def test_all_steps_of_a_turn_read_the_same(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.do(owner, "add", "likes green tea")
        request = RecallRequest.of(message(owner, "which tea?"))
        first = await recall_and_keep(she.memories, request, 1_000, timeout=60)
        await she.do(owner, "add", "likes black tea")
        assert await recall_and_keep(she.memories, request, 1_000, timeout=60) == first
        items, _ = await lessons.recall_of(pool, request.turn_id)
        today = datetime.now(UTC).date().isoformat()
        assert f"- “likes green tea” ({today}, entered by command)" in render(items)


WORDS = [f"{a}{b}" for a in ("tea", "dog", "car", "sun", "map", "ink", "oak") for b in ("ra", "lo", "mi", "ne", "du")]


async def test_the_ten_nearest_of_every_user_are_found(pool: Pool, pgvector: Index) -> None:
    """The recall that mem0's default index loses: exact, whoever else is in the table."""
    randomly = random.Random(7)
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        texts = {
            scope(f"cli:crowd-{user}"): [
                f"{' '.join(randomly.sample(WORDS, 5))} {number}" for number in range(randomly.choice((3, 30, 120)))
            ]
            for user in range(12)
        }
        now = datetime.now(UTC)
        for user, own in texts.items():
            drafts = [Draft(t, t, "import", created_at=now - timedelta(minutes=n)) for n, t in enumerate(own)]
            await she.memories.add(user, drafts)
        for user, own in texts.items():
            query = feature_hash.embed(" ".join(randomly.sample(WORDS, 3)))
            exact = sorted((-sum(map(float.__mul__, query, feature_hash.embed(text))), text) for text in own)[:10]
            assert she.memories.space
            found = await she.memories.nearest(she.memories.space, Place(user), query, 10)
            above = [text for score, text in exact if -score >= feature_hash.FLOOR + 1e-6]
            assert {memory.text for memory, _ in found} >= set(above)


async def test_the_book_has_the_last_word(pool: Pool, pgvector: Index, owner: Owner, stranger: Owner) -> None:
    """Whatever an index answers, foreign and forgotten memories fall out."""
    async with clara(pool, pgvector) as (she, _):
        mine = (await she.do(owner, "add", "likes green tea")).data["id"]
        assert await records.chosen(pool, stranger, [mine]) == []
        async with pool.connection() as connection:
            await connection.execute("update memories set state = 'forgotten', text = '' where id = %s", (mine,))
        assert await recalled(she, owner, "green tea") == []
