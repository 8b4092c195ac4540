"""Steps back: what was kept last is taken back, and what it had replaced counts again."""

import asyncio

from activities.memory import commands
from clara.memory.kinds import Owner
from clara.memory.requests import MemoryCommand
from store.database import Pool
from store.memory import requests
from store.memory.index import Index
from tests.activities.memory.people import clara, message


async def test_a_replacement_is_taken_back_and_then_what_was_before(
    pool: Pool, pgvector: Index, owner: Owner, stranger: Owner
) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.learn(message(stranger, "I live in Rome"))
        await she.do(owner, "add", "My cat is called Tom")
        await she.learn(message(owner, "I live in Berlin"))
        await she.learn(message(owner, "Well, I live in Hamburg"))
        texts = await she.texts(owner)
        assert not any("Berlin" in text for text in texts)
        hamburg = next(m["id"] for m in (await she.do(owner, "list")).data if "Hamburg" in m["text"])
        undone = await she.do(owner, "undo")
        assert "Taken back: Well, I live in Hamburg" in undone.text
        assert "I remember again: I live in Berlin" in undone.text
        assert sorted(await she.texts(owner)) == ["I live in Berlin", "My cat is called Tom"]
        assert "Berlin" in (await she.do(owner, "search", "where do I live")).text
        assert "Hamburg" not in (await she.do(owner, "search", "live in Hamburg")).text
        berlin = next(m["id"] for m in (await she.do(owner, "list")).data if "Berlin" in m["text"])
        why = await she.do(owner, "why", berlin)
        assert "Taken back on" in why.text
        assert "Hamburg" in why.text
        assert "Taken back on" in (await she.do(owner, "why", hamburg)).text
        assert "Taken back: I live in Berlin" in (await she.do(owner, "undo")).text
        assert "Taken back: My cat is called Tom" in (await she.do(owner, "undo")).text
        assert (await she.do(owner, "undo")).text == "There is nothing left to take back."
        assert await she.texts(owner) == []
        assert await pgvector.count(owner) == 0
        assert await she.texts(stranger) == ["I live in Rome"]


async def test_what_was_taken_back_may_be_told_again(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.learn(message(owner, "I live in Berlin"))
        said = message(owner, "Well, I live in Hamburg")
        await she.learn(said)
        await she.do(owner, "undo")
        await she.learner.store(said.turn_id)  # a late retry changes nothing
        assert await she.texts(owner) == ["I live in Berlin"]
        await she.learn(message(owner, "Well, I live in Hamburg"))
        assert await she.texts(owner) == ["Well, I live in Hamburg"]


async def test_the_same_words_told_again_meanwhile_stay_one(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.learn(message(owner, "I live in Berlin"))
        await she.learn(message(owner, "Well, I live in Hamburg"))
        await she.do(owner, "add", "I live in Berlin")
        assert "Taken back: I live in Berlin" in (await she.do(owner, "undo")).text
        await she.do(owner, "add", "I live in Berlin")
        # The newest is undone first; to reach the replacement with the words there, it has to be the newest.
        async with pool.connection() as connection:
            await connection.execute(
                "update memories set kept_at = now() + interval '1 minute'"
                " where user_id = %s and text like '%%Hamburg%%'",
                (owner,),
            )
        await she.do(owner, "undo")
        assert await she.texts(owner) == ["I live in Berlin"]


async def test_two_at_once_are_two_steps(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        for number in range(6):
            await she.do(owner, "add", f"I have {number} boats")
        done = await asyncio.gather(*(she.do(owner, "undo") for _ in range(4)))
        assert {reply.data["taken_back"]["text"] for reply in done} == {f"I have {n} boats" for n in (2, 3, 4, 5)}
        assert await she.texts(owner) == ["I have 0 boats", "I have 1 boats"]


async def test_a_retry_of_the_same_command_is_one_step(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.do(owner, "add", "I like green tea")
        await she.do(owner, "add", "I like black tea")
        command = MemoryCommand(user_id=owner, name="undo", reference=f"memory/{owner}/1")
        await requests.keep(pool, f"memory/{owner}/1", owner, "")
        await asyncio.gather(*(commands.run_kept(she.memories, command) for _ in range(3)))
        assert await she.texts(owner) == ["I like green tea"]
        reply = await requests.take(pool, f"memory/{owner}/1", owner)
        assert reply is not None
        assert "I like black tea" in reply.text


async def test_a_taken_back_memory_is_wiped_with_what_counts_again(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.learn(message(owner, "I live in Berlin"))
        await she.learn(message(owner, "Well, I live in Hamburg"))
        await she.do(owner, "undo")
        berlin = (await she.do(owner, "list")).data[0]["id"]
        await she.do(owner, "forget", berlin)
        exported = (await she.do(owner, "export")).data["memories"]
        assert exported == []
