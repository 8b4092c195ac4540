"""``forget ID``: its words go everywhere but from the conversation, and that is said."""

import asyncio
from typing import Any

import pytest

from clara.errors import UserError
from clara.llm.models import Usage
from clara.memory.extraction import Accepted, Quotation, Relation
from clara.memory.kinds import Owner
from clara.memory.recall import RecallRequest
from clara.memory.reconcile import Decision
from clara.messages import Incoming, TextPart, ToolCallPart
from store.database import Pool
from store.files import blobs
from store.memory import lessons
from store.memory.index import Index
from store.memory.writing import Draft
from store.turns import steps
from store.turns.steps import Step, ToolResult
from tests.activities.memory.people import Clara, clara, message, told
from tests.loopback.hash_embedder import HashEmbedder
from tests.traces import tables_with

QUETZAL = "I like Quetzal tea"
TABLES = ("memories", "memory_lessons", "memory_recalls", "memory_requests", "steps", "tool_results", "blobs")


async def called(pool: Pool, said: Incoming, step: int, name: str, arguments: dict[str, Any], result: str) -> None:
    """A call of the answering model, with its result."""
    turn_id = said.turn_id
    part = ToolCallPart(id=f"c{step}", name=name, arguments=arguments)
    usage = Usage(input_tokens=1, output_tokens=1)
    async with pool.connection() as connection:
        await steps.save(connection, Step(turn_id, step, (TextPart(text="Let me see."), part), "p", "m", 0, usage))
        whole = await blobs.put(connection, said.user.id, "output.txt", "text/plain", result.encode())
        size = len(result)
        await steps.save_result(
            connection, ToolResult(turn_id, step, f"c{step}", name, result, False, False, size, whole)
        )


async def _idof(she: Clara, owner: Owner, words: str) -> str:
    return next(str(m["id"]) for m in (await she.do(owner, "list")).data if words in m["text"])


async def test_its_words_are_gone_beside_the_conversation(
    pool: Pool, pgvector: Index, owner: Owner, stranger: Owner
) -> None:
    async with clara(pool, pgvector) as (she, _):
        said = message(owner, f"{QUETZAL} a lot")
        await she.learn(said)
        await she.learn(message(owner, "My sister is called Ana"))
        memory_id = await _idof(she, owner, "Quetzal")
        asked = message(owner, "what about tea, and my sister?")
        await told(pool, asked)
        shown = f"- {memory_id[:8]}: {QUETZAL} a lot (told 2026-01-01)\n- 00000000: My sister is called Ana"
        await called(pool, asked, 0, "recall", {"query": "tea"}, shown)
        await called(pool, asked, 1, "recall", {"query": "sister"}, "- 00000000: My sister is called Ana")
        await called(pool, said, 0, "remember", {"words": "Quetzal tea"}, "Remembered.")
        from activities.memory.recalling import recall_and_keep

        await recall_and_keep(she.memories, RecallRequest.of(asked), 1_000, 5)
        others = message(stranger, "I like Quetzal spice")
        await she.learn(others)
        await called(pool, others, 0, "recall", {"query": "x"}, f"- 1: {QUETZAL} a lot")

        reply = await she.do(owner, "forget", memory_id[:8])
        assert f"{said.sent_at:%Y-%m-%d %H:%M} in {said.conversation.id} still holds it" in reply.text
        assert "forget-me" in reply.text
        async with pool.connection() as connection:
            await connection.execute("delete from memories where user_id = %s", (stranger,))
            rows = await (
                await connection.execute(
                    "select t.user_id, s.parts::text || r.preview as all from steps s join turns t on t.id = s.turn_id"
                    " join tool_results r using (turn_id, step)"
                )
            ).fetchall()
        mine = "".join(row["all"] for row in rows if row["user_id"] == owner)
        assert "Quetzal" not in mine
        assert "My sister is called Ana" in mine, "another memory stays where it was"
        assert "Quetzal" in "".join(row["all"] for row in rows if row["user_id"] == stranger), "not theirs"
        items, _ = await lessons.recall_of(pool, asked.turn_id)
        assert [item.text for item in items] == ["My sister is called Ana"]
        async with pool.connection() as connection:
            await connection.execute("delete from turns where user_id = %s", (stranger,))
            await connection.execute("delete from blobs where owner = %s", (stranger,))
        assert await tables_with(pool, "Quetzal", among=TABLES) == set()
        texts = [
            part.text
            for s in (await steps.of_turns(pool, [asked.turn_id]))[asked.turn_id]
            for part in s.parts
            if isinstance(part, TextPart)
        ]
        assert texts == ["Let me see."] * 2


async def test_a_lesson_that_is_not_stored_yet_teaches_no_forgotten_words(
    pool: Pool, pgvector: Index, owner: Owner
) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.learn(message(owner, QUETZAL))
        memory_id = await _idof(she, owner, "Quetzal")
        for decided in (False, True):
            said = message(owner, f"{QUETZAL}. My sister is called Ana {decided}")
            await told(pool, said)
            quoted = tuple(Quotation(text=text) for text in (QUETZAL, f"My sister is called Ana {decided}"))
            found = Accepted(
                quotations=quoted, relations=(Relation(subject="user", predicate="likes", object="Quetzal tea"),)
            )
            await lessons.learn(pool, said.turn_id, owner, found, "m")
            if decided:
                await lessons.decide(pool, said.turn_id, [Decision(action="add"), Decision(action="add")])
            if memory_id:
                await she.do(owner, "forget", memory_id)
            assert "Quetzal" not in str(await lessons.get(pool, said.turn_id))
            await she.learner.reconcile(said.turn_id)
            await she.learner.store(said.turn_id)
            assert not any("Quetzal" in text for text in await she.texts(owner))
            assert f"My sister is called Ana {decided}" in await she.texts(owner)
            await she.do(owner, "add", QUETZAL)
            memory_id = await _idof(she, owner, "Quetzal")


async def test_while_a_replacement_is_stored(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        for number in range(10):
            await she.learn(message(owner, f"I live in Bornholm {number}"))
            memory_id = await _idof(she, owner, f"Bornholm {number}")
            said = message(owner, f"Well, now I live in Heligoland {number}")
            await told(pool, said)
            await she.learner.extract(said.turn_id)
            await she.learner.reconcile(said.turn_id)
            await asyncio.gather(she.learner.store(said.turn_id), she.do(owner, "forget", memory_id))
            assert await tables_with(pool, f"Bornholm {number}", among=TABLES) == set()
            assert [text for text in await she.texts(owner) if f"Heligoland {number}" in text]
            assert await pgvector.count(owner) == len(await she.texts(owner))
            await she.do(owner, "forget", await _idof(she, owner, f"Heligoland {number}"))


async def test_what_was_replaced_goes_with_it_and_alone(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.learn(message(owner, "I live in Bornholm"))
        old = await _idof(she, owner, "Bornholm")
        await she.learn(message(owner, "Well, now I live in Heligoland"))
        await she.do(owner, "forget", old)  # history can be forgotten by its own id
        assert await tables_with(pool, "Bornholm", among=TABLES) == set()
        assert len(await she.texts(owner)) == 1
        assert (await she.do(owner, "forget", old)).text == "That memory is forgotten.", "as whoever repeats it is told"


async def test_two_who_forget_the_same_at_once(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.learn(message(owner, "I like Wombat tea"))
        memory_id = await _idof(she, owner, "Wombat")
        done = await asyncio.gather(*(she.do(owner, "forget", memory_id) for _ in range(5)), return_exceptions=True)
        assert all(not isinstance(each, BaseException) or isinstance(each, UserError) for each in done)
        assert await tables_with(pool, "Wombat", among=TABLES) == set()


@pytest.mark.parametrize("how", ["forget", "undo"])
async def test_what_a_tool_remembered_and_its_person_took_back_is_not_learned_from_the_same_message(
    pool: Pool, pgvector: Index, owner: Owner, how: str
) -> None:
    async with clara(pool, pgvector) as (she, _):
        said = message(owner, "I like Numbat tea")
        await told(pool, said)
        draft = Draft("I like Numbat tea", f"tool {said.turn_id}/0/c1", "tool", turn_id=said.turn_id)
        kept = (await she.memories.add(owner, [draft]))[0]
        await she.learner.extract(said.turn_id)
        await she.learner.reconcile(said.turn_id)
        await she.do(owner, how, kept.id if how == "forget" else "")
        await she.learner.store(said.turn_id)
        assert await she.texts(owner) == []
        await she.learn(message(owner, "I like Numbat tea"))  # said again, it is another matter
        assert await she.texts(owner) == ["I like Numbat tea"]


async def test_a_short_memory_is_not_taken_for_a_part_of_other_words(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        short = (await she.do(owner, "add", "Ana")).data["id"]
        asked = message(owner, "what do I eat?")
        await told(pool, asked)
        await called(pool, asked, 0, "recall", {"query": "food"}, "I like banana bread")
        await she.do(owner, "forget", short)
        assert "tool_results" in await tables_with(pool, "banana bread", among=TABLES)
