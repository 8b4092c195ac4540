"""Writes at services that are slow to show them, while workers, databases and people interfere."""

import asyncio
import signal
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from adapters.door import Door
from clara.conversation import Stop
from store import audit, migrations
from store.database import Pool, open_pool
from store.payloads import PostgresPayloads
from temporal import client as temporal_client
from tests import servers
from tests.chaos.world import World
from tests.loopback.models import ModelServer
from tests.patience import PATIENCE_S
from tests.servers import Server
from tests.workflows.conversations import Conversation, ScriptedModel
from tests.workflows.workers import Workers, worker_processes

pytestmark = pytest.mark.timeout(300)  # processes are started several times, on a machine that may be busy


@pytest.fixture
def talk(client: Client, pool: Pool) -> Conversation:
    return Conversation(Door(client, pool, memory=False), ScriptedModel(lambda prompt: "not asked"))


def thing() -> str:
    return f"thing-{uuid.uuid4().hex[:8]}"


async def test_write_of_a_killed_worker_that_is_still_on_its_way_is_not_repeated(
    world: World, workers: Workers, talk: Conversation
) -> None:
    name = thing()
    world.hold()
    first = await workers.start()
    turn_id = await talk.say(f'use build {{"name": "{name}"}}')
    await talk.until(lambda: world.begun[f"/{name}"] == 1, 60)
    first.kill()
    await workers.start()
    await talk.until(lambda: world.looks[f"/{name}"] >= 1 or world.begun[f"/{name}"] > 1, 60)
    await asyncio.sleep(1)  # what would run again by mistake would have begun by now
    world.release()
    turn = await talk.ended(turn_id, 80)
    assert f"{name} is recorded" in (turn.reply or "")
    assert world.begun[f"/{name}"] == world.effects[f"/{name}"] == 1


async def test_stop_in_the_middle_of_a_slow_write_is_told_now_and_corrected_later(
    world: World, workers: Workers, talk: Conversation
) -> None:
    name = thing()
    world.hold()
    await workers.start()
    turn_id = await talk.say(f'use build {{"name": "{name}"}}')
    await talk.until(lambda: world.begun[f"/{name}"] == 1, 60)
    await talk.door.stop(talk.key, Stop())
    stopped = await talk.ended(turn_id)
    assert stopped.status == "stopped"
    assert f"I do not know yet whether build ({name}) took effect" in (stopped.reply or "")
    world.release()
    async with asyncio.timeout(PATIENCE_S):
        while f"Correction: build ({name}) was done" not in ((await talk.ended(turn_id)).reply or ""):
            await asyncio.sleep(0.1)
    recorded = await talk.door.store(audit.entries, 10, turn_id=turn_id)
    assert [(each.tool, each.outcome) for each in recorded] == [("build", "unknown"), ("build", "ok")]


@asynccontextmanager
async def mortal_stack(world: World, home: Path) -> AsyncIterator[tuple[Conversation, Server, Server]]:
    """Servers of this test alone, which it may kill: Postgres and Temporal, and a worker."""
    with servers.postgres_server() as (url, postgres), servers.mortal_temporal_server() as (address, temporal):
        migrations.upgrade(url)
        async with (
            ModelServer() as models,
            worker_processes(home, url, address, models.url, world.url) as workers,
        ):
            private = await open_pool(url)
            client = await temporal_client.connect({}, address, [PostgresPayloads(private)])
            await workers.start()
            door = Door(client, private, memory=False)
            yield Conversation(door, ScriptedModel(lambda prompt: "not asked")), postgres, temporal
            await private.close()


async def test_write_goes_on_under_a_database_and_a_temporal_that_are_killed(world: World, tmp_path: Path) -> None:
    name = thing()
    async with mortal_stack(world, tmp_path) as (talk, postgres, temporal):
        world.hold()
        turn_id = await talk.say(f'use build {{"name": "{name}"}}')
        await talk.until(lambda: world.begun[f"/{name}"] == 1, 60)
        for server in (postgres, temporal):
            server.end(signal.SIGKILL)
        await asyncio.sleep(4)  # no beat arrives for longer than a silent worker is believed to live
        for server in (postgres, temporal):
            await asyncio.to_thread(server.start)  # in this loop the worker beats
        # Attempts follow one another, unless a beat reached the new server before it missed the earlier ones: then the
        # first attempt goes on.
        with suppress(TimeoutError):
            async with asyncio.timeout(60):
                while await attempts(talk.door._client, turn_id) < 3 and world.begun[f"/{name}"] == 1:
                    await asyncio.sleep(0.2)
        world.release()
        turn = await talk.ended(turn_id, 2 * PATIENCE_S)
    assert f"{name} is recorded" in (turn.reply or "")
    assert world.begun[f"/{name}"] == world.effects[f"/{name}"] == 1


async def test_outcome_that_comes_while_the_database_is_away_is_kept_until_it_is_back(
    world: World, tmp_path: Path
) -> None:
    name = thing()
    async with mortal_stack(world, tmp_path) as (talk, postgres, _):
        world.hold()
        turn_id = await talk.say(f'use shout {{"name": "{name}"}}')  # which cannot be looked up
        await talk.until(lambda: world.begun[f"/{name}"] == 1, 60)
        postgres.end(signal.SIGKILL)
        world.release()
        await talk.until(lambda: world.effects[f"/{name}"] == 1, 60)
        await asyncio.sleep(2)
        postgres.start()
        async with asyncio.timeout(80):
            while True:
                with suppress(psycopg.Error):
                    turn = await talk.ended(turn_id)
                    break
        assert f"{name} is recorded" in (turn.reply or "")
        assert "I do not know" not in (turn.reply or "")
    assert world.begun[f"/{name}"] == 1


async def attempts(client: Client, turn_id: str) -> int:
    """At the activity that a turn waits for; 0 while that cannot be told."""
    try:
        described = await client.get_workflow_handle(turn_id).describe(rpc_timeout=timedelta(seconds=2))
    except RPCError:
        return 0
    return max((each.attempt for each in described.raw_description.pending_activities), default=0)
