"""Words that a person leaves in every place that there is, and a search for them after they are forgotten.

The database is searched column by column, Temporal's file and CLARA_HOME byte by byte. What this finds that
docs/memory.md does not name is a fault.
"""

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.memory.activities import MemoryActivities
from activities.memory.memories import Memories
from activities.memory.tools import tools
from activities.people.forgetting import forget_person
from activities.tools.toolset import fixed
from adapters.cli.chat.history import open_history
from clara.llm.models import Prompt
from clara.memory.kinds import Owner, scope
from clara.messages import Attachment, Person, Quoted
from clara.notices import Notice
from clara.settings import load
from store import discord, migrations, notices
from store.database import Pool, open_pool
from store.files import blobs
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors
from store.payloads import PostgresPayloads
from store.people import people
from temporal import client as temporal_client
from temporal import queues
from tests.loopback.hash_embedder import HashEmbedder
from tests.servers import mortal_temporal_server
from tests.traces import tables_with
from tests.watched import watched
from tests.workflows.conversations import Conversation, call, conversation, last_text, results
from workers.options import worker_options
from workers.roles import WORKFLOWS

CANARY = "Quokka"
"""Begins each word that is searched for; what follows says where it was left."""


PATIENCE_S = 200
"""The first vector of a process waits for a large import, on a busy machine for long."""

OTHER = "Parrot"
"""Begins those of somebody else, who stays."""


def answer(prompt: Prompt) -> Any:
    """A model that calls the tools of memory and notes with the person's words, and repeats them."""
    if results(prompt):
        return "Done."
    said = last_text(prompt).splitlines()[-1]
    if "tools" not in said:
        return f"I see: {said}"
    word = CANARY if CANARY in said else OTHER
    return (
        *call("remember", "a", words=said, reading=f"has a {word}reading"),
        *call("recall", "b", query=f"{word}query"),
        *call("save_note", "c", title=f"{word}title", text=f"{word}note"),
    )


async def choose(turn_id: str, instruction: str, question: str) -> str:
    """A model that chooses every sentence."""
    asked = json.loads(question)
    if "sentences" not in asked:
        return json.dumps({"decisions": [{"fact": n, "action": "add"} for n in range(len(asked["new"]))]})
    word = CANARY if CANARY in question else OTHER
    chosen = [{"sentences": [each["number"]], "reading": f"has a {word}reading"} for each in asked["sentences"]]
    return json.dumps({"memories": chosen, "relations": [], "mood": None})


class World:
    """A database, a Temporal with its file, and a home, of this test alone."""

    def __init__(self, pool: Pool, client: Client, temporal: Path, home: Path, memories: Memories) -> None:
        self.pool = pool
        self.client = client
        self.temporal = temporal
        self.home = home
        self.memories = memories

    async def in_tables(self, word: str = CANARY) -> set[str]:
        return await tables_with(self.pool, word)

    async def in_files(self, folder: Path) -> set[str]:
        return await asyncio.to_thread(_searched, folder)


def _searched(folder: Path) -> set[str]:
    words = (CANARY.encode(), CANARY.casefold().encode(), CANARY.encode("utf-16-le"))
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name for path in files if any(word in path.read_bytes() for word in words)}


@contextmanager
def _logging_to(home: Path) -> Iterator[None]:
    """As the worker's process logs."""
    handler = logging.FileHandler(home / "worker.log")
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
        root.setLevel(before)


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    name = f"canary_{uuid4().hex[:8]}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"create database \"{name}\" encoding 'UTF8' template template0")
    url = urlsplit(database_url)._replace(path=f"/{name}").geturl()
    migrations.upgrade(url)
    pool = await open_pool(url)
    index = Mem0Index(PostgresVectors(url), "canary_384", 384, tmp_path, "canary_")
    with mortal_temporal_server() as (address, server), _logging_to(tmp_path):
        client = await temporal_client.connect({}, address, [PostgresPayloads(pool)])
        yield World(pool, client, server.folder, tmp_path, Memories(pool, index, HashEmbedder(), None, tmp_path))
    await index.close()
    await pool.close()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')


@asynccontextmanager
async def talking(world: World, user: str) -> AsyncIterator[Conversation]:
    @asynccontextmanager
    async def start(activities: Any) -> AsyncIterator[Worker]:
        options = {**worker_options(), "workflows": WORKFLOWS, "workflow_runner": watched()}
        async with Worker(world.client, task_queue=queues.TURNS, activities=activities, **options) as worker:
            yield worker

    serving = MemoryActivities(world.memories, load({}).memory, choose, "small", world.client)
    own = fixed("memory", tools(world.memories), core=True)
    async with conversation(world.client, world.pool, start, answer, memory=serving, toolsets=[own]) as talk:
        talk.user = Person(id=f"cli:{user}", name=user.title())
        yield talk


async def leave_words(world: World, talk: Conversation, word: str) -> None:
    """Through every way into Clara that there is."""
    owner = scope(talk.user.id)
    blob = await blobs.save(world.pool, owner, f"{word}name.txt", "text/plain", f"{word}content".encode())
    file = Attachment(blob_id=blob, name=f"{word}name.txt", media_type="text/plain", size=12)
    quoted = Quoted(author="Eve", text=f"{word}quoted", relation="reply")
    said = await talk.say(f"I own a {word}message.", attachments=(file,), quoted=(quoted,))
    await talk.ended(said, PATIENCE_S)
    kept = await talk.ended(await talk.say(f"Use your tools for my {word}remembered boat."), PATIENCE_S)
    await talk.door.memory(owner, talk.key, "add", f"I own a {word}added stamp")
    await talk.door.memory(owner, talk.key, "search", f"{word}searched")
    await talk.door.memory(owner, talk.key, "export", "")
    await discord.claim(world.pool, kept.id, 0)
    await notices.keep(world.pool, Notice(key=f"{word}key", user_id=owner, to=talk.key, text=f"{word}alert"))
    open_history(world.home, owner).append_string(f"/memory add I own a {word}typed stamp")
    async with asyncio.timeout(PATIENCE_S):  # what is learned comes after the reply
        while len(await _memories(world, owner)) < 3 or await _learned(world, owner) < 2:
            await asyncio.sleep(0.2)


async def _learned(world: World, owner: Owner) -> int:
    """Messages that are learned from, to the end."""
    lessons = (await people.export(world.pool, owner))["lessons"]
    return sum(lesson["decisions"] == [] for lesson in lessons)


async def _memories(world: World, owner: Owner) -> list[dict[str, Any]]:
    found = await people.export(world.pool, owner)
    return [each for each in found["memories"] if each["state"] == "active"]


async def forgotten_by_temporal(world: World, owner: Owner) -> None:
    """Wait until the server has deleted what it was told to, and has its log behind it."""
    async with asyncio.timeout(240):
        while await _held_by_temporal(world, owner):
            await asyncio.sleep(1)
    file = next(world.temporal.glob("*.db"))

    def checkpoint() -> None:
        with sqlite3.connect(file, timeout=20) as connection:
            connection.execute("pragma wal_checkpoint(TRUNCATE)")

    async with asyncio.timeout(120):  # timers of the server delete the rest
        while await world.in_files(world.temporal):
            await asyncio.to_thread(checkpoint)
            await asyncio.sleep(2)


async def _held_by_temporal(world: World, owner: Owner) -> int:
    return (await world.client.count_workflows(f"ClaraUser = '{owner}'")).count


@pytest.mark.timeout(1_200)
async def test_nothing_is_left_of_somebody_who_is_forgotten(world: World) -> None:
    ann, bob = scope("cli:ann"), scope("cli:bob")
    async with talking(world, "bob") as talk:
        await leave_words(world, talk, OTHER)
    theirs = await people.export(world.pool, bob)
    typed = (await world.in_files(world.home)), len(list((world.home / "typed").iterdir()))
    assert typed == (set(), 1)
    async with talking(world, "ann") as talk:
        await leave_words(world, talk, CANARY)
        assert await world.in_tables() >= {"turns", "steps", "memories", "notes", "blobs", "canary_384", "notices"}
        assert await world.in_files(world.home), "the typed lines"
        assert "memory_requests" not in await world.in_tables(), "kept for no longer than a command takes"
        assert await world.in_files(world.home) == {"ann-" + path for path in _hashes(world.home, "ann-")}

        # One memory: what is left of it is the conversation.
        for memory in await _memories(world, ann):
            await talk.door.memory(ann, talk.key, "forget", memory["id"])
        async with world.pool.connection() as connection:
            for table in ("notes", "notices", "blobs"):  # these have words of their own
                await connection.execute(f"delete from {table}")
        assert await world.in_tables() - {"discord_sent"} <= {"turns", "steps", "tool_results", "file_readings"}
        assert "memories" not in await world.in_tables("Quokkaadded")
        assert await world.in_tables("Quokkaadded") == set()
        assert await world.in_tables("Quokkareading") == set()

        # All of them.
        await forget_person(world.memories, ann, world.client)
        assert await world.in_tables() == set()
        assert await world.in_files(world.home) == set(), "logs, typed lines, mem0's files"
        await forgotten_by_temporal(world, ann)
    now = await people.export(world.pool, bob)
    assert json.dumps(now["memories"], default=str) == json.dumps(theirs["memories"], default=str)
    assert [turn["id"] for turn in now["turns"]] == [turn["id"] for turn in theirs["turns"]]
    assert len(list((world.home / "typed").iterdir())) == 1
    assert await _held_by_temporal(world, bob) == 2, "somebody else's histories are no matter of this"


def _hashes(home: Path, begin: str) -> list[str]:
    return [path.name.removeprefix(begin) for path in (home / "typed").iterdir() if path.name.startswith(begin)]
