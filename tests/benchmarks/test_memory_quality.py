"""The quality harness, with the honest stand-in and with models that are worse."""

import json
from pathlib import Path

from benchmarks.memory import quality
from benchmarks.memory.scripts import SCRIPTS
from benchmarks.memory.speed import measure
from clara.memory.speech import worth_reading
from store import migrations
from store.database import Pool
from store.memory.index import Index
from tests import servers
from tests.activities.memory.people import clara
from tests.loopback import memory_model
from tests.loopback.models.plan import Plan, Reply
from tests.loopback.models.request import Request


async def test_an_honest_model_keeps_what_counts_and_nothing_else(pool: Pool, pgvector: Index) -> None:
    async with clara(pool, pgvector) as (she, _):
        account = await quality.measure(she.memories, she.learner, "honest")
    percent = account.percent()
    assert percent == percent | {"recall": 100.0, "duplicates": 0.0, "failed messages": 0.0}
    assert percent["stale"] <= 15  # "I live in Berlin" shares no word with "I moved to Hamburg"; both have their dates
    assert percent["junk"] <= 15  # "does not like green tea any more" is true, and no script asks for it
    assert percent["found by its words"] >= 75


async def test_a_model_that_remembers_everything_is_seen_to_write_junk(pool: Pool, pgvector: Index) -> None:
    def everything(request: Request) -> Plan | None:
        question = json.loads(request.user_text)
        if "sentences" not in question:
            return memory_model.answer(request)
        memories = [{"sentences": [each["number"]]} for each in question["sentences"]]
        return Reply(json.dumps({"memories": memories, "relations": [], "mood": None}))

    async with clara(pool, pgvector, everything) as (she, _):
        percent = (await quality.measure(she.memories, she.learner, "hoarder")).percent()
    assert percent["junk"] > 10  # questions are never kept
    assert percent["stale"] > 0


async def test_a_model_that_answers_nonsense_is_seen_to_fail(pool: Pool, pgvector: Index) -> None:
    async with clara(pool, pgvector, lambda _: Reply("I'd rather not.")) as (she, _):
        percent = (await quality.measure(she.memories, she.learner, "mute", SCRIPTS[:1])).percent()
    readable = sum(worth_reading(text) for text in SCRIPTS[0].said)
    assert percent == percent | {"recall": 0.0, "failed messages": float(readable)}


async def test_everybody_finds_their_ten_nearest_among_ten_thousand(tmp_path: Path) -> None:
    """With 384 numbers each. What time it takes is for the benchmark."""
    with servers.postgres() as url:
        migrations.upgrade(url)
        speed = await measure(url, tmp_path, 10_000, rounds=10, each=1_000)
    assert (speed.users, speed.least_found) == (10, 1.0)
