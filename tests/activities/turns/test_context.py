"""What a model reads of a conversation: the same with what is kept in memory as without, and read in few statements."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from activities.files.attached import AttachedFiles
from activities.llm.openai_compatible.request import Dialect, request_body
from activities.llm.transport import as_json
from activities.turns.context import UNKNOWN, ContextBuilder, ContextWindow
from activities.turns.renderings import Rendering, Renderings
from clara.llm.models import Prompt
from clara.memory.kinds import scope
from clara.messages import Attachment, Message, TextPart
from store.database import Pool
from store.files import blobs
from store.people import people
from store.turns import steps, turns
from store.turns.effects import Ledger
from store.turns.steps import ToolResult
from store.turns.turns import Turn
from tests.activities.turns.spoken import Spoken
from tests.workflows.conversations import call, last_text, results


def answer(prompt: Prompt) -> Any:
    asked = last_text(prompt)
    if asked.startswith("look") and prompt.messages[-1].role == "user" and prompt.messages[-1].text:
        return call("current_time")
    return f"heard: {asked or results(prompt)[-1].text[:5]}"


def builder(pool: Pool) -> ContextBuilder:
    """One that has nothing in memory yet."""
    return ContextBuilder(pool, "UTC", AttachedFiles(pool, {}))


async def body(window: ContextWindow) -> bytes:
    prompt = Prompt(system="", messages=window.messages)
    return as_json(await request_body(prompt, "openai", "m", Dialect(), window.load_image))


async def current(talk: Spoken, text: str = "and now?") -> Turn:
    """A turn that has begun."""
    return await turns.begin(talk.pool, talk.message(text))


async def end(talk: Spoken, turn: Turn, status: Any = "stopped") -> None:
    async with talk.pool.connection() as connection:
        await turns.close(connection, turn.message, status, f"It was {status}.")


async def test_what_is_kept_reads_as_what_is_rendered_anew(pool: Pool) -> None:
    talk = Spoken(pool, answer)
    kept = builder(pool)
    async with pool.connection() as connection:
        blob = await blobs.put(connection, talk.user.id, "notes.txt", "text/plain", b"the words of a file")
    file = Attachment(blob_id=blob, name="notes.txt", media_type="text/plain", size=19)
    for number in range(30):
        match number % 5:
            case 0:
                await talk.ask(f"look {number}")
            case 1:
                await end(talk, await current(talk))
            case 2:
                await talk.ask("with a file", attachments=(file,))
            case _:
                await talk.ask(f"number {number}")
        turn = await current(talk)
        before, anew = await talk.window(kept, turn), await talk.window(builder(pool), turn)
        assert before == anew
        assert await body(before) == await body(anew)
        await end(talk, turn, "failed")


async def test_a_turn_that_was_amended_is_read_as_amended(pool: Pool) -> None:
    talk = Spoken(pool, answer)
    kept = builder(pool)
    stopped = await current(talk, "write it")
    await end(talk, stopped)
    turn = await current(talk)
    assert "It was stopped." in str((await talk.window(kept, turn)).messages)
    await turns.amend(pool, stopped.id, "It was done after all.")
    assert "It was done after all." in str((await talk.window(kept, turn)).messages)


async def test_a_result_that_came_after_the_end_is_read(pool: Pool) -> None:
    talk = Spoken(pool, answer)
    kept = builder(pool)
    message = talk.message("look")
    outcome = await talk.step(message, 0)
    await end(talk, await talk.turn(message))
    turn = await current(talk)
    assert "brought no result" in str((await talk.window(kept, turn)).messages)
    async with pool.connection() as connection:
        late = ToolResult(message.turn_id, 0, outcome.calls[0].id, "current_time", "noon", False, False, 4, None)
        await steps.save_result(connection, late)
    assert "noon" in str((await talk.window(kept, turn)).messages)


async def test_of_a_person_who_was_forgotten_nothing_is_read(pool: Pool) -> None:
    talk = Spoken(pool, answer)
    kept = builder(pool)
    await talk.ask("my cat is called Alibaba")
    other = await turns.begin(pool, talk.message("hello").model_copy(update={"user": Spoken(pool, answer).user}))
    assert "Alibaba" in str((await talk.window(kept, other)).messages)
    async with pool.connection() as connection, connection.transaction():
        await people.wipe(connection, scope(talk.user.id))
    assert "Alibaba" not in str((await talk.window(kept, other)).messages)
    assert not kept._renderings.of(talk.key.id)


async def test_whatever_changes_in_a_turn_is_read(pool: Pool) -> None:
    talk = Spoken(pool, answer)
    kept = builder(pool)
    first = await talk.ask("my cat is called Alibaba")
    turn = await current(talk)
    await talk.window(kept, turn)
    async with pool.connection() as connection:
        said = first.message.model_copy(update={"text": "I have no cat"}).model_dump(mode="json")
        await connection.execute("update turns set message = %s where id = %s", (Jsonb(said), first.id))
    assert "I have no cat" in str((await talk.window(kept, turn)).messages)


async def test_what_is_kept_is_bounded(pool: Pool) -> None:
    renderings = Renderings(limit_bytes=10_000)
    message = Message(role="user", parts=(TextPart(text="x" * 4_000),))
    for number in range(10):
        renderings.keep(f"c{number}", {f"t{number}": Rendering("1", (message,), 1_000)})
    assert [number for number in range(10) if renderings.of(f"c{number}")] == [8, 9]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the database, without frames for listeners, whose number depends on the clock."""
    asked: list[str] = []
    execute = psycopg.AsyncCursor.execute
    begin = psycopg.AsyncTransaction.__aenter__

    async def executed(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        if query and "unnest(%s::text[]) payload" not in query:
            asked.append(str(query))
        return await execute(self, query, *arguments, **options)

    async def begun(self: Any) -> Any:
        asked.append("begin")
        return await begin(self)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", executed)
    monkeypatch.setattr(psycopg.AsyncTransaction, "__aenter__", begun)
    return asked


@pytest.mark.parametrize(("text", "at_most"), [("hello", 5), ("look", 10)])
async def test_a_turn_asks_the_database_this_often(pool: Pool, statements: list[str], text: str, at_most: int) -> None:
    talk = Spoken(pool, answer)
    await talk.ask("look")
    statements.clear()
    await talk.ask(text)
    del statements[-1]  # the test's own look at the turn
    assert len(statements) <= at_most, "\n".join(statements)


async def test_only_what_is_new_is_read_of_a_long_conversation(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Spoken(pool, answer)
    for number in range(12):
        await talk.ask(f"number {number}")
    read: list[str] = []
    of_row = turns.of_row
    monkeypatch.setattr(turns, "of_row", lambda row: read.append(row["id"]) or of_row(row))  # type: ignore[func-returns-value]
    kept = talk.steps._contexts
    await talk.window(kept, await current(talk))
    assert len(read) == 3  # as it began, the turn before it, and itself


async def test_a_write_that_was_cut_is_of_unknown_outcome_though_nothing_else_has_a_result(pool: Pool) -> None:
    talk = Spoken(pool, answer)
    message = talk.message("look")
    outcome = await talk.step(message, 0)
    ledger = Ledger(pool, f"{message.turn_id}/0/{outcome.calls[0].id}", message.turn_id, "current_time")
    await ledger.begin("hash", timedelta(seconds=1))
    read = await talk.window(builder(pool), await talk.turn(message))
    assert read.unsettled
    assert [part.text for part in results(Prompt(system="", messages=read.messages))] == [UNKNOWN]
