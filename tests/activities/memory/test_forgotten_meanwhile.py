"""Somebody is forgotten while Clara learns from what they said: nothing of it comes back, whatever was under way."""

import asyncio
import json
import random
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest

from activities.memory.graph import Graph
from activities.memory.memories import Memories, Space
from activities.people.forgetting import forget_person
from clara.errors import UserError
from clara.memory.kinds import Owner
from clara.memory.recall import RecallRequest
from store import typed
from store.database import Pool
from store.memory import lessons
from store.memory.index import Index
from store.memory.writing import Draft
from store.people import people
from tests.activities.memory.people import Clara, clara, message, told
from tests.loopback.hash_embedder import HashEmbedder
from tests.patience import PATIENCE_S

TIMES = 10

WORDS = "I live in Tristan. I like Tristan tea. My sister is called Ana."


class Delayed:
    """A part of the memory that is slow in one of its methods, and says when it is in it."""

    def __init__(self, part: Any, method: str) -> None:
        self._part = part
        self._method = method
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if name != self._method:
            return found

        async def slowly(*args: Any, **options: Any) -> Any:
            self.reached.set()
            await self.go_on.wait()
            return await found(*args, **options)

        return slowly


class Relations:
    """A graph in memory, as far as this test goes."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Any]] = {}

    async def write(self, owner: Owner, relations: Any, source: str, project: str | None, private: bool) -> None:
        self.kept.setdefault(owner, []).extend(relations)

    async def clear(self, owner: Owner) -> int:
        return len(self.kept.pop(owner, []))

    async def close(self) -> None: ...


async def held(pool: Pool, owner: Owner) -> dict[str, Any]:
    """What the store has of somebody."""
    return {subject: rows for subject, rows in (await people.export(pool, owner)).items() if rows and subject != "user"}


async def _learn(she: Clara, turn_id: str) -> None:
    await she.learner.extract(turn_id)
    await she.learner.reconcile(turn_id)
    await she.learner.store(turn_id)


@pytest.mark.parametrize("question", ["sentences", "new"], ids=["while it extracts", "while it reconciles"])
async def test_while_the_model_is_at_it(pool: Pool, pgvector: Index, owner: Owner, question: str) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        honest = she.learner._ask
        assert honest is not None

        async def ask(turn_id: str, instruction: str, text: str) -> str:
            answer = await honest(turn_id, instruction, text)
            if question in json.loads(text):
                await forget_person(she.memories, owner, None)
            return answer

        for _ in range(TIMES):
            await she.learn(message(owner, "I live in Oslo"))
            she.learner._ask = ask
            turn_id = await told(pool, message(owner, "Well, I live in Tristan"))
            await _learn(she, turn_id)
            she.learner._ask = honest
            assert await held(pool, owner) == {}
            assert await pgvector.count(owner) == 0


async def _meanwhile(pool: Pool, owner: Owner, delayed: Delayed, work: Awaitable[Any], memories: Memories) -> None:
    """Forget the person while ``work`` is where it was delayed."""
    working = asyncio.ensure_future(work)
    await asyncio.wait_for(delayed.reached.wait(), PATIENCE_S)
    forgetting = asyncio.ensure_future(forget_person(memories, owner, None))
    await asyncio.wait([forgetting], timeout=0.2)  # it may have to wait for what is being written
    delayed.go_on.set()
    await asyncio.gather(working, forgetting)


@pytest.mark.parametrize("method", ["put", "remove"])
async def test_while_vectors_are_written(pool: Pool, pgvector: Index, owner: Owner, method: str) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        await she.learn(message(owner, "I live in Oslo"))
        turn_id = await told(pool, message(owner, "Well, I live in Tristan"))
        await she.learner.extract(turn_id)
        await she.learner.reconcile(turn_id)
        delayed = Delayed(pgvector, method)
        she.memories.use(Space(HashEmbedder(), delayed))  # type: ignore[arg-type]
        plain = Memories(pool, pgvector, HashEmbedder())
        await _meanwhile(pool, owner, delayed, she.learner.store(turn_id), plain)
        assert await held(pool, owner) == {}
        assert await pgvector.count(owner) == 0


async def test_while_relations_are_written(pool: Pool, pgvector: Index, owner: Owner) -> None:
    graph = Relations()
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        turn_id = await told(pool, message(owner, WORDS))
        await she.learner.extract(turn_id)
        await she.learner.reconcile(turn_id)
        delayed = Delayed(graph, "write")
        she.memories.graph = delayed  # type: ignore[assignment]
        plain = Memories(pool, pgvector, HashEmbedder(), _as_graph(graph))
        await _meanwhile(pool, owner, delayed, she.learner.store(turn_id), plain)
        assert graph.kept == {}
        assert await held(pool, owner) == {}


def _as_graph(relations: Relations) -> Graph:
    return relations  # type: ignore[return-value]


async def test_at_any_moment(pool: Pool, pgvector: Index, owner: Owner, stranger: Owner) -> None:
    randomly = random.Random(7)
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        await she.learn(message(stranger, "I like black tea"))
        for number in range(3 * TIMES):
            turn_id = await told(pool, message(owner, WORDS))
            learning = asyncio.ensure_future(_learn(she, turn_id))
            await asyncio.sleep(randomly.uniform(0, 0.06))
            await forget_person(she.memories, owner, None)
            await learning
            assert await held(pool, owner) == {}, f"round {number}"
            assert await pgvector.count(owner) == 0
        assert await she.texts(stranger) == ["I like black tea"]


async def test_two_who_forget_at_once(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        for _ in range(TIMES):
            await she.learn(message(owner, WORDS))
            await asyncio.gather(*(forget_person(she.memories, owner, None) for _ in range(4)))
            assert await held(pool, owner) == {}
            assert await pgvector.count(owner) == 0


async def test_a_recall_that_began_before_brings_nothing_back(pool: Pool, pgvector: Index, owner: Owner) -> None:
    from activities.memory.recalling import recall_for

    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        await she.learn(message(owner, WORDS))
        request = RecallRequest.of(message(owner, "what do I like in Tristan?"))
        items, _ = await recall_for(she.memories, request, 1_000, 5)
        assert items
        await forget_person(she.memories, owner, None)
        outcome = await lessons.keep_recall(pool, request.turn_id, owner, items, "")
        assert outcome.count == 0
        assert "Tristan" not in str(await held(pool, owner))


async def test_a_lesson_keeps_no_words_when_it_is_stored(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, server):
        turn_id = await told(pool, message(owner, WORDS))
        await _learn(she, turn_id)
        asked = len(server.log)
        lesson = await lessons.get(pool, turn_id)
        assert lesson is not None
        assert "Tristan" not in str(lesson)
        await _learn(she, turn_id)  # a retry that comes late asks nobody and changes nothing
        assert len(server.log) == asked
        assert len(await she.texts(owner)) == 3


async def test_a_tool_does_not_remember_for_somebody_who_is_gone(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        said = message(owner, "please remember that my sister is called Ana")
        await told(pool, said)
        await forget_person(she.memories, owner, None)
        draft = Draft("has a sister called Ana", "tool x", "tool", turn_id=said.turn_id)
        with pytest.raises(UserError, match="forgotten meanwhile"):
            await she.memories.add(owner, [draft])
        assert await held(pool, owner) == {}


class _Killed(BaseException):
    """As if the process had been killed there."""


@pytest.mark.parametrize("where", ["vectors", "typed", "second wipe"])
async def test_killed_in_the_middle_it_is_repeated(
    pool: Pool, pgvector: Index, owner: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        she.memories.home = tmp_path
        await she.learn(message(owner, WORDS))
        path = typed.path(tmp_path, owner)
        path.parent.mkdir()
        path.write_text("+Tristan")

        def die(*_: Any) -> Any:
            raise _Killed

        with monkeypatch.context() as patch:
            if where == "vectors":
                patch.setattr(pgvector, "clear", die)
            elif where == "typed":
                patch.setattr(typed, "wipe", die)
            else:
                wiping = iter([people.wipe, die])
                patch.setattr(people, "wipe", lambda *given: next(wiping)(*given))
            with pytest.raises(_Killed):
                await forget_person(she.memories, owner, None)
        assert await held(pool, owner) == {}, "the database goes first, and as a whole"
        await forget_person(she.memories, owner, None)
        assert await pgvector.count(owner) == 0
        assert not path.exists()


async def test_killed_before_its_commit_it_has_done_nothing(
    pool: Pool, pgvector: Index, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        await she.learn(message(owner, WORDS))
        before = await held(pool, owner)
        wipe = people.wipe

        async def cut(*given: Any) -> dict[str, int]:
            await wipe(*given)
            raise _Killed

        with monkeypatch.context() as patch:
            patch.setattr(people, "wipe", cut)
            with pytest.raises(_Killed):
                await forget_person(she.memories, owner, None)
        assert await held(pool, owner) == before
