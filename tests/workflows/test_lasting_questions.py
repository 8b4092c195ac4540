"""Questions that outlast what happens meanwhile: new releases, long absences, floods, and a database without room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client

import workflows.conversations.conversation
from activities.tools import asking
from activities.tools.tool import Tool
from store import approvals, notices
from store.database import Pool
from store.payloads import PostgresPayloads
from temporal import client as temporal_client
from temporal import ids
from tests.conftest import StartWorker, starting
from tests.workflows.conversations import conversation
from tests.workflows.test_approvals import Board, answer, asked, gate_of, talking

MANY = 25

pytestmark = pytest.mark.timeout(300)


async def test_a_question_outlasts_restarts_a_deploy_and_runs_of_its_conversation(
    client: Client, pool: Pool, start_unwatched: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflows.conversations.conversation, "HISTORY_LIMIT", 20)
    board = Board()
    async with talking(client, pool, start_unwatched, board) as talk:
        turn = await talk.say("post hi")
        (question,) = await asked(talk, pool)
    released = Tool("sing", "Sings.", board.tools[0].arguments, board.tools[1].run)
    for tools in ([*board.tools, released], board.tools):  # a deploy, and the way back
        async with conversation(client, pool, start_unwatched, answer, tools, gate=gate_of(pool, client)):
            last = ""
            for n in range(8):
                last = await talk.say(f"n{n}")
            await talk.ended(last, 120)
    query = f"WorkflowId = '{ids.conversation_id(talk.key)}' and ExecutionStatus = 'ContinuedAsNew'"
    assert [run async for run in client.list_workflows(query)]
    await talk.door.answer([question.id], True, "once", talk.user.id)
    async with talking(client, pool, start_unwatched, board):
        assert ((await talk.ended(turn)).reply or "").startswith("posted hi")
        assert (await talk.ask("hello")).reply == "re hello"
    assert board.posts == ["hi"]


async def test_after_an_absence_that_was_longer_than_the_time_to_answer_a_late_yes_does_nothing(
    client: Client, pool: Pool, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ANSWER_WITHIN", timedelta(seconds=2))
    board = Board()
    async with talking(client, pool, start_worker, board) as talk:
        turn = await talk.say("post hi")
        (question,) = await asked(talk, pool)
    await asyncio.sleep(2.5)  # nothing runs meanwhile
    assert await talk.door.answer([question.id], True, "always", talk.user.id) == []
    async with talking(client, pool, start_worker, board):
        assert ((await talk.ended(turn)).reply or "").startswith("No answer came within")
    assert board.posts == []


async def test_a_flood_of_questions_holds_up_nobody_and_each_answer_counts_once(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    board = Board()
    async with talking(client, pool, start_worker, board) as talk:
        turns = [await talk.say(f"post {n}") for n in range(MANY)]
        found = await asked(talk, pool, MANY, seconds=120)
        assert (await talk.ask("hello")).reply == "re hello"
        every_id = [each.id for each in found]
        both = await asyncio.gather(
            talk.door.answer(every_id, True, "once", talk.user.id),
            talk.door.answer(every_id[::-1], False, "once", talk.user.id),
        )
        assert sum(map(len, both)) == MANY
        replies = [(await talk.ended(turn, 120)).reply or "" for turn in turns]
        allowed = {int(each.view.rpartition(" ")[2]) for each in both[0]}
        posted = list(map(int, board.posts))
        assert len(posted) == len(set(posted)), "once at most"
        assert set(posted) <= allowed
        # An attempt that a busy machine gave up may have posted, or not: then that is told.
        assert all("outcome of post is unknown" in replies[n] for n in allowed - set(posted))


@asynccontextmanager
async def no_room(pool: Pool) -> AsyncIterator[None]:
    """While it lasts, the database takes no question, as if its disk were full."""
    async with pool.connection() as connection:
        await connection.execute(
            "create function no_room() returns trigger language plpgsql as"
            " $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$"
        )
        await connection.execute(
            "create trigger no_room before insert on approvals for each statement execute function no_room()"
        )
    try:
        yield
    finally:
        async with pool.connection() as connection:
            await connection.execute("drop function no_room cascade")


async def test_a_question_that_the_full_disk_did_not_take_is_asked_once_there_is_room(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    board = Board()
    async with talking(client, pool, start_worker, board) as talk:
        async with no_room(pool):
            turn = await talk.say("post hi")
            await talk.until(lambda: talk.model.prompts)
            await asyncio.sleep(2)
            assert await approvals.of_person(pool, talk.user.id, talk.key.id) == []
            assert board.posts == []
        (question,) = await asked(talk, pool)
        await talk.door.answer([question.id], True, "once", talk.user.id)
        assert ((await talk.ended(turn)).reply or "").startswith("posted hi")
        assert len(await notices.unshown(pool, talk.key)) == 1
    assert board.posts == ["hi"]


async def test_workers_of_two_releases_at_once_do_only_what_was_allowed(
    client: Client, pool: Pool, temporal_address: str
) -> None:
    old, new = Board(), Board()
    post, page = new.tools
    changed: list[Tool[Any]] = [
        Tool("post", "Posts to the whole world.", post.arguments, post.run, effect=post.effect),
        page,
    ]
    async with AsyncExitStack() as both:
        other = await temporal_client.connect({}, temporal_address, [PostgresPayloads(pool)])
        talk = await both.enter_async_context(talking(client, pool, starting(client), old))
        gate = gate_of(pool, other)
        await both.enter_async_context(conversation(other, pool, starting(other), answer, changed, gate=gate))
        told = [await talk.say(f"post {n}") for n in range(12)]
        ended = [asyncio.create_task(talk.ended(turn, 120)) for turn in told]
        while not all(task.done() for task in ended):
            found = await approvals.of_person(pool, talk.user.id, talk.key.id)
            await talk.door.answer([each.id for each in found], True, "once", talk.user.id)
            await asyncio.sleep(0.1)
        await asyncio.gather(*ended)
    assert old.posts or new.posts
    assert not set(old.posts) & set(new.posts)
    for board, tool in ((old, old.tools[0]), (new, changed[0])):
        assert len(board.posts) == len(set(board.posts)), "once at most"
        for posted in board.posts:
            (question,) = (await approvals.of_step(pool, told[int(posted)], 0)).values()
            assert question.tool_hash == tool.offered.hash, "what ran is what was allowed"
