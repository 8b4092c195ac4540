"""The ways in which other people's words get into a turn, each made in the store as it is made for real."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from psycopg.types.json import Jsonb

from clara.llm.models import Usage
from clara.messages import Attachment, ConversationKey, Incoming, Person, Quoted, ToolCallPart
from clara.tools.provenance import Provenance
from store.database import Pool
from store.files import blobs
from store.files import readings as file_readings
from store.files.readings import FileReading
from store.turns import steps, taint, turns
from store.turns.steps import Step, ToolResult
from store.turns.turns import Turn

Way = Callable[[Pool, str, str], Awaitable[Turn]]
"""From the words of others, and what the person says, to the turn that has read them."""

_NUMBERS = count(1)


def message(text: str, **more: Any) -> Incoming:
    number = next(_NUMBERS)
    said = {
        "id": f"m{number}",
        "conversation": ConversationKey(platform="discord", channel=f"attacks-{number}"),
        "user": Person(id="discord:7", name="Ann"),
        "text": text,
        "sent_at": datetime(2026, 11, 28, 12, tzinfo=UTC),
        "private": False,
        **more,
    }
    return Incoming.model_validate(said)


async def brought(pool: Pool, turn: Turn, tool: str, text: str, private: bool, name: str = "") -> None:
    """A result of a tool, with the answer that called for it."""
    call = ToolCallPart(id="c1", name=tool, arguments={})
    step = Step(turn.id, 0, (call,), "scripted", "m", 0, Usage())
    result = ToolResult(
        *(turn.id, 0, "c1", tool, text, False, False, len(text), None, Provenance.OTHERS),
        source=name,
        private=private,
    )
    async with pool.connection() as connection:
        await steps.save(connection, step)
        await steps.save_result(connection, result)


async def ended(pool: Pool, turn: Turn) -> None:
    async with pool.connection() as connection:
        await turns.complete(connection, turn.id, turn.message.conversation.id, "I see.")


def tool(name: str, private: bool = True) -> Way:
    async def way(pool: Pool, words: str, said: str) -> Turn:
        turn = await turns.begin(pool, message(said))
        await brought(pool, turn, name, words, private)
        return turn

    return way


async def attached(pool: Pool, words: str, said: str, kind: str = "application/pdf", reads: str = "text") -> Turn:
    data = words.encode("utf-8", "replace")
    blob = await blobs.save(pool, "discord:7", "report", kind, data)
    reading = FileReading("text", kind, words) if reads == "text" else FileReading("image", "image/png", "", data)
    await file_readings.save(pool, blob, reading, unchanged=False)
    file = Attachment(blob_id=blob, name="report", media_type=kind, size=len(data))
    return await turns.begin(pool, message(said, attachments=(file,)))


async def picture(pool: Pool, words: str, said: str) -> Turn:
    return await attached(pool, words, said, "image/png", "image")


async def quoted(pool: Pool, words: str, said: str) -> Turn:
    return await turns.begin(pool, message(said, quoted=(Quoted(author="Eve", text=words, relation="reply"),)))


async def overheard(pool: Pool, words: str, said: str) -> Turn:
    return await turns.begin(pool, message(said, quoted=(Quoted(author="Eve", text=words, relation="channel"),)))


async def past(pool: Pool, words: str, said: str) -> Turn:
    """A page that an earlier turn of the conversation read."""
    first = await turns.begin(pool, message("look at this"))
    await brought(pool, first, "fetch_page", words, private=False, name="the page evil.example/x")
    await ended(pool, first)
    return await turns.begin(pool, message(said, conversation=first.message.conversation))


async def handed_on(pool: Pool, words: str, said: str) -> Turn:
    """A page that a turn read which is not shown any more; what was made of it is."""
    first = await past(pool, words, "and what of it?")
    await taint.grow(pool, first)
    await ended(pool, first)
    async with pool.connection() as connection:
        await connection.execute(
            "update conversations set fresh_after = %s where id = %s",
            (first.position - 1, first.message.conversation.id),
        )
    return await turns.begin(pool, message(said, conversation=first.message.conversation))


async def somebody_else(pool: Pool, words: str, said: str) -> Turn:
    """What another person said to Clara in the same channel."""
    first = await turns.begin(pool, message(words, user=Person(id="discord:8", name="Eve")))
    await ended(pool, first)
    return await turns.begin(pool, message(said, conversation=first.message.conversation))


async def remembered(pool: Pool, words: str, said: str) -> Turn:
    """A memory in Clara's words, as older releases made them."""
    turn = await turns.begin(pool, message(said))
    items = [{"id": "x", "kind": "user", "text": words, "told": None, "source": "said in a chat", "quoted": False}]
    async with pool.connection() as connection:
        await connection.execute(
            "insert into memory_recalls (turn_id, user_id, items) values (%s, %s, %s)",
            (turn.id, "discord:7", Jsonb(items)),
        )
    return turn


def begun_by(origin: str) -> Way:
    async def way(pool: Pool, words: str, said: str) -> Turn:
        return await turns.begin(pool, message(words, id=f"{origin}-{next(_NUMBERS)}", origin=origin))

    return way


def _with_earlier(way: Way) -> Way:
    """Private words are in the turn as well: it has a memory of the person."""

    async def both(pool: Pool, words: str, said: str) -> Turn:
        turn = await way(pool, words, said)
        items = [{"id": "y", "kind": "user", "text": "I have gout", "told": None, "source": "a chat", "quoted": True}]
        async with pool.connection() as connection:
            await connection.execute(
                "insert into memory_recalls (turn_id, user_id, items) values (%s, %s, %s) on conflict do nothing",
                (turn.id, "discord:7", Jsonb(items)),
            )
        return turn

    return both


IN_RESULTS: dict[str, Way] = {
    "a page": tool("fetch_page", private=False),
    "search results": tool("web_search", private=False),
    "a plugin's answer": tool("some_plugin"),
    "output of the sandbox": tool("execute_python"),
    "a kept file": tool("read_file"),
    "a note": tool("read_note"),
}
MARKED: dict[str, Way] = {
    **IN_RESULTS,
    "an attached PDF": attached,
    "a quoted message": quoted,
    "the channel": overheard,
    "a page of an earlier turn": past,
}
"""What is rendered between marks."""

WAYS: dict[str, Way] = {
    name: _with_earlier(way)
    for name, way in {
        **MARKED,
        "an attached picture": picture,
        "what was made of a page": handed_on,
        "somebody else in the channel": somebody_else,
        "a memory of an older release": remembered,
        "a mail rule": begun_by("mail"),
        "a hook": begun_by("hook"),
    }.items()
}
