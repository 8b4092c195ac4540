"""Learning from messages: once, from the person's own words, whatever fails or is repeated."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from activities.memory.reindexing import reindex
from clara.errors import ClaraError, Unavailable
from clara.memory.kinds import Owner
from clara.memory.requests import ReindexRequest
from store.database import Pool
from store.memory import indexing, lessons
from store.memory.index import Index
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors
from tests.activities.memory.people import clara, message, told
from tests.loopback import memory_model
from tests.loopback.hash_embedder import HashEmbedder
from tests.loopback.models.plan import Plan, Refusal, Reply
from tests.loopback.models.request import Request


async def test_facts_moods_and_their_evidence_are_kept(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        said = message(owner, "Hi! My sister is called Maria. I work at Bosch, and I'm so stressed about the audit.")
        outcome = await she.learn(said)
        assert outcome.added == 2
        listed = (await she.do(owner, "list")).data
        assert {(m["kind"], m["text"]) for m in listed} == {
            ("user", "My sister is called Maria."),
            ("user", "I work at Bosch, and I'm so stressed about the audit."),
            ("emotional", "I work at Bosch, and I'm so stressed about the audit."),
        }
        ana = next(m for m in listed if "Maria" in m["text"])
        assert (ana["turn_id"], ana["conversation"], ana["private"]) == (said.turn_id, said.conversation.id, True)
        assert (ana["quoted"], ana["reading"]) == (True, "has a sister called Maria")
        why = await she.do(owner, "why", ana["id"][:8])
        assert said.text in why.text
        assert "“My sister is called Maria.” [I read: has a sister called Maria]" in why.text
        mood = next(m for m in listed if m["kind"] == "emotional")
        assert mood["valence"] == pytest.approx(-0.6)
        assert mood["reading"] == "seemed stressed"
        assert mood["expires_at"]


async def test_a_change_of_mind_replaces_and_stays_in_the_history(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        await she.learn(message(owner, "I live in Berlin"))
        await she.learn(message(owner, "I like green tea"))
        outcome = await she.learn(message(owner, "Good news, I live in Hamburg"))
        assert (outcome.added, outcome.replaced) == (1, 1)
        assert await she.texts(owner) == ["Good news, I live in Hamburg", "I like green tea"]
        found = (await she.do(owner, "search", "lives in Berlin")).data
        assert all("Berlin" not in each["text"] for each in found)
        hamburg = next(m for m in (await she.do(owner, "list")).data if "Hamburg" in m["text"])
        why = await she.do(owner, "why", hamburg["id"])
        assert [former["text"] for former in why.data["former"]] == ["I live in Berlin"]
        assert await pgvector.count(owner) == 2


async def test_what_is_said_again_is_known_already(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, server):
        for text in ("I like green tea", "I like green tea!", "I LIKE GREEN TEA."):
            await she.learn(message(owner, text))
        assert await she.texts(owner) == ["I like green tea"]
        assert len(server.log) == 3  # the same words need no second opinion


BAD_ANSWERS: dict[str, Plan] = {
    "prose": Reply("I'm sorry, I can't help with that."),
    "empty": Reply(""),
    "list": Reply('["likes tea"]'),
    "wrong key": Reply('{"memory": []}'),
    "nothing that can be read": Reply('{"memories": [{"text": "likes tea"}]}'),
    "truncated": Reply('{"memories": [{"sentences": [1', stop="length"),
    "half": Reply('{"memories": [{"sentences": [1'),
    "broken off": Reply('{"memories": [], "relations": [], "mood": null}', ending="eof", after=2),
    "cut": Reply('{"memories": [], "relations": [], "mood": null}', ending="cut", after=2),
    "refusal": Reply("I", stop="refusal"),
    "429": Refusal(429, "rate_limit_error", "Slow down."),
    "500": Refusal(500, "api_error", "Oops."),
    "401": Refusal(401, "authentication_error", "No."),
}


@pytest.mark.parametrize("kind", BAD_ANSWERS)
async def test_an_answer_that_is_not_what_was_asked_is_an_error(
    pool: Pool, pgvector: Index, owner: Owner, kind: str
) -> None:
    async with clara(pool, pgvector, lambda _: BAD_ANSWERS[kind]) as (she, server):
        turn_id = await told(pool, message(owner, "I like tea a lot"))
        with pytest.raises(ClaraError):
            await she.learner.extract(turn_id)
        assert await lessons.get(pool, turn_id) is None
        assert len(server.log) == 1
        assert await she.texts(owner) == []


async def test_a_model_that_rephrases_itself_is_asked_once(pool: Pool, pgvector: Index, owner: Owner) -> None:
    answers = iter(["likes tea", "is fond of tea", "tea lover"])

    def rephrase(request: Request) -> Plan:
        memories = [{"sentences": [1], "reading": next(answers)}]
        return Reply(json.dumps({"memories": memories, "relations": [], "mood": None}))

    async with clara(pool, pgvector, rephrase) as (she, server):
        said = message(owner, "I like tea a lot")
        for _ in range(3):
            await she.learn(said)
        assert await she.texts(owner) == ["I like tea a lot"]
        assert len(server.log) == 1


async def test_twenty_attempts_at_once_leave_one(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        said = message(owner, "I like green tea. My sister is called Ana.")
        await told(pool, said)
        await asyncio.gather(*(she.learner.extract(said.turn_id) for _ in range(20)))
        await asyncio.gather(*(she.learner.reconcile(said.turn_id) for _ in range(20)))
        outcomes = await asyncio.gather(*(she.learner.store(said.turn_id) for _ in range(20)))
        assert sum(outcome.added for outcome in outcomes) == 2
        assert await she.texts(owner) == ["I like green tea.", "My sister is called Ana."]
        assert await pgvector.count(owner) == 2


async def test_twenty_messages_at_once_that_say_the_same_leave_one(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        said = [message(owner, "I like green tea", channel=f"-{n}") for n in range(20)]
        await asyncio.gather(*(she.learn(each) for each in said))
        assert await she.texts(owner) == ["I like green tea"]
        assert await pgvector.count(owner) == 1


class Dying(Mem0Index):
    """Can be searched, and not written."""

    async def put(self, *_: Any) -> None:
        raise Unavailable("the database of memories cannot be reached", kind="memory")


async def test_an_index_that_is_down_holds_up_no_learning_and_is_made_good_for_later(
    pool: Pool, pgvector: Index, owner: Owner, database_url: str, tmp_path: Path
) -> None:
    dead = Dying(PostgresVectors(database_url), pgvector.name, 384, tmp_path)
    said = message(owner, "I like green tea")
    async with clara(pool, dead, embedder=HashEmbedder()) as (she, _):
        assert (await she.learn(said)).added == 1
        assert await she.texts(owner) == ["I like green tea"]
    await dead.close()
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        assert (await reindex(she.memories, ReindexRequest(collection=pgvector.name))).over
        assert await pgvector.count(owner) == 1


class BrokenEmbedder(HashEmbedder):
    """Down until told otherwise."""

    broken = True

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if self.broken:
            raise Unavailable("the embedding service cannot be reached")
        return await super().embed(texts)


async def test_without_embeddings_nothing_is_lost(pool: Pool, pgvector: Index, owner: Owner) -> None:
    embedder = BrokenEmbedder()
    async with clara(pool, pgvector, embedder=embedder) as (she, server):
        said = message(owner, "I like green tea")
        with pytest.raises(Unavailable):
            await she.learn(said)
        embedder.broken = False
        assert (await she.learn(said)).added == 1
        assert len(server.log) == 1


async def test_what_was_forgotten_is_not_learned_again_by_a_retry(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        said = message(owner, "I like green tea")
        await she.learn(said)
        listed = (await she.do(owner, "list")).data
        await she.do(owner, "forget", listed[0]["id"])
        assert (await she.learner.store(said.turn_id)).added == 0
        assert await she.texts(owner) == []
        assert await pgvector.count(owner) == 0
        await she.learn(message(owner, "I like green tea"))  # but the person may say it again
        assert await she.texts(owner) == ["I like green tea"]


async def test_a_memory_is_forgotten_with_what_it_had_replaced(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        for text in ("I live in Berlin", "Now I live in Hamburg", "Well, I live in Rome"):
            await she.learn(message(owner, text))
        listed = (await she.do(owner, "list")).data
        assert [m["text"] for m in listed] == ["Well, I live in Rome"]
        await she.do(owner, "forget", listed[0]["id"])
        exported = json.dumps((await she.do(owner, "export")).data)
        assert not any(city in exported for city in ("Berlin", "Hamburg", "Rome"))


async def test_what_is_said_again_counts_as_said_last(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, everything_is_new) as (she, _):
        for text in ("I live in Berlin", "I live in Hamburg", "I live in Berlin!"):
            await she.learn(message(owner, text))
        assert [m["text"] for m in (await she.do(owner, "list")).data] == ["I live in Berlin", "I live in Hamburg"]


def everything_is_new(request: Request) -> Plan | None:
    question = json.loads(request.user_text)
    if "new" not in question:
        return memory_model.answer(request)
    decisions = [{"memory": each["memory"], "action": "add", "target": None} for each in question["new"]]
    return Reply(json.dumps({"decisions": decisions}))


def replaces_all(request: Request) -> Plan | None:
    """Takes whatever it is shown for out of date."""
    question = json.loads(request.user_text)
    if "new" not in question:
        return memory_model.answer(request)
    decisions = [
        {"memory": each["memory"], "action": "replace", "target": each["known"][0]["number"]}
        for each in question["new"]
    ]
    return Reply(json.dumps({"decisions": decisions}))


async def test_a_model_that_would_replace_everything_reaches_little_and_nothing_is_lost(
    pool: Pool, pgvector: Index, owner: Owner
) -> None:
    async with clara(pool, pgvector, replaces_all) as (she, server):
        for text in ("I play chess", "I like red wine", "I have two cats", "I speak Danish"):
            await she.do(owner, "add", text)
        await she.do(owner, "add", "I live in Berlin", key=True)
        await she.learn(message(owner, "My cousin is called Otto"))  # shares nothing with any of them
        asked = [json.loads(each.body["messages"][-1]["content"]) for each in server.log]
        assert not any("new" in each for each in asked)
        outcome = await she.learn(message(owner, "I like white wine! I have two dogs! I speak Dutch! I live in Rome!"))
        assert outcome.added == 4
        assert outcome.replaced <= 2
        assert "I live in Berlin" in await she.texts(owner)
        states = {m["text"]: m["state"] for m in (await she.do(owner, "export")).data["memories"]}
        assert len(states) == 10, "what is replaced stays as history"


async def test_key_memories_are_not_replaced_by_a_model(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        await she.do(owner, "add", "lives in Berlin", key=True)
        outcome = await she.learn(message(owner, "Well, I live in Rome"))
        assert (outcome.added, outcome.replaced) == (1, 0)
        assert await she.texts(owner) == ["Well, I live in Rome", "lives in Berlin"]


async def test_small_talk_and_pasted_text_cost_no_model(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, server):
        for text in ("ok", "thanks!", "```\nI live in Paris\n```", "> I live in Paris and love it"):
            assert (await she.learn(message(owner, text))).added == 0
        assert server.log == []


async def test_the_model_reads_the_persons_words_and_nothing_else(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, server):
        await she.do(owner, "add", "collects stamps of Zanzibar")
        await she.learn(message(owner, "I like green tea", name="Mallory Zanzibar"))
        sent = json.dumps(server.log[0].body)
        assert "green tea" in sent
        assert "Zanzibar" not in sent
        assert owner not in sent


async def test_without_a_real_model_nothing_is_extracted(pool: Pool, pgvector: Index, owner: Owner) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, server):
        she.learner._ask = None
        assert (await she.learn(message(owner, "I like green tea"))).added == 0
        assert server.log == []


async def test_an_open_repetition_of_a_private_fact_is_marked_for_the_index(
    pool: Pool, pgvector: Index, owner: Owner
) -> None:
    async with clara(pool, pgvector, embedder=HashEmbedder()) as (she, _):
        await she.do(owner, "add", "likes green tea")
        added = await she.do(owner, "add", "Likes green tea!", shared=True)
        assert added.data["created"] is False
        assert added.data["private"] is False
        assert (await she.do(owner, "search", "green tea", private=False)).data
        done = await indexing.missing(pool, owner, [added.data["id"]], pgvector.name)
        assert done == []
