"""Notes that a person asks Clara to keep, under the rules of their memories.

What was written in private is not seen where others read. A note is deleted, or its text replaced, only by
a message of the person that names it: a model that is talked into it by what it reads cannot.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.errors import ToolFailed
from clara.memory import speech
from clara.memory.kinds import scope
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect
from store import notes
from store.database import Pool
from store.memory import preferences
from store.memory.writing import lock
from store.notes import Note
from store.turns import taint

TEXT_LIMIT = 20_000
LISTED = 50


class SaveNote(Arguments):
    title: str = Field(
        min_length=1,
        max_length=120,
        description="short and unique; the same title replaces the note, if the person named it",
    )
    text: str = Field(min_length=1, max_length=TEXT_LIMIT)


class NoteTitle(Arguments):
    title: str = Field(min_length=1, max_length=120)


class ListNotes(Arguments):
    pass


_UNASKED = (
    "The person has not named the note {title!r} in this message, so it stays. Ask them whether to delete it: they "
    "have to answer with its title."
)
_TAKEN = (
    "There is a note {title!r} already, and the person has not named it in this message. Choose another title, or ask "
    "them whether to replace it: they have to answer with its title."
)


def _is_named(title: str, context: Context) -> bool:
    """Whether the person's own words in this message have the title in them."""
    said = " ".join(speech.spoken(context.message.own_words).casefold().split())
    return " ".join(title.casefold().split()) in said


def _told(text: str, tainted: Sequence[Note]) -> str | ToolOutput:
    """``text`` of notes, of which some are made of others' words."""
    if not tainted:
        return text
    return ToolOutput(
        text, provenance=Provenance.OTHERS, source=f"the note {tainted[0].title!r}, made of others' words"
    )


class _Notes:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def save(self, arguments: SaveNote, context: Context) -> str:
        owner, message = scope(context.user_id), context.message
        open_only = await self._open_only(context)
        origin = Provenance.OTHERS if await taint.of_turn(self._pool, message.turn_id) else Provenance.PERSON
        note = Note(arguments.title, arguments.text, message.private, context.now, origin)
        async with self._pool.connection() as connection, connection.transaction():
            await lock(connection, owner)
            known = await notes.find(connection, owner, arguments.title, open_only=False)
            if known is not None and known.text == arguments.text:
                return f"Saved the note {known.title!r}."  # by an earlier attempt
            if known is not None and not _is_named(known.title, context):
                raise ToolFailed(_TAKEN.format(title=known.title))
            if known is not None and known.private and open_only:
                raise ToolFailed("That title cannot be used here. Choose another one.")
            if not await notes.save(connection, owner, note, message.turn_id):
                raise ToolFailed("The message that asks for this was forgotten meanwhile.")
        return f"Saved the note {arguments.title!r}."

    async def titles(self, arguments: ListNotes, context: Context) -> str | ToolOutput:
        found = await notes.titles(self._pool, scope(context.user_id), LISTED, await self._open_only(context))
        if not found:
            return "There are no notes."
        lines = [f"- {note.title} ({note.updated_at:%Y-%m-%d}): {note.text.splitlines()[0]}" for note in found]
        return _told("\n".join(lines), [note for note in found if note.origin is Provenance.OTHERS])

    async def read(self, arguments: NoteTitle, context: Context) -> str | ToolOutput:
        note = await notes.read(self._pool, scope(context.user_id), arguments.title, await self._open_only(context))
        if note is None:
            raise ToolFailed(f"There is no note called {arguments.title!r}. list_notes shows all titles.")
        return _told(note.text, [note] if note.origin is Provenance.OTHERS else [])

    async def delete(self, arguments: NoteTitle, context: Context) -> str:
        owner, open_only = scope(context.user_id), await self._open_only(context)
        note = await notes.read(self._pool, owner, arguments.title, open_only)
        if note is None:
            return f"There is no note called {arguments.title!r}."
        if not _is_named(note.title, context):
            raise ToolFailed(_UNASKED.format(title=note.title))
        await notes.delete(self._pool, owner, arguments.title, open_only)
        return f"Deleted the note {note.title!r}."

    async def _open_only(self, context: Context) -> bool:
        """Whether notes that were written in private stay out of sight: where others read, unless it is allowed."""
        return not context.message.private and not await preferences.shares_private(self._pool, scope(context.user_id))


def tools(pool: Pool) -> tuple[Tool[Any], ...]:
    """The tools for the notes of whoever asks."""
    kept = _Notes(pool)
    return (
        Tool(
            name="save_note",
            description="Keep a note for the person, by title. Only when they ask for it.",
            arguments=SaveNote,
            run=kept.save,
            effect=Effect.IDEMPOTENT,
            remembers=True,
        ),
        Tool(
            name="list_notes",
            description="The person's notes, newest first.",
            arguments=ListNotes,
            run=kept.titles,
            provenance=Provenance.PERSON,
        ),
        Tool(
            name="read_note",
            description="One of the person's notes, whole.",
            arguments=NoteTitle,
            run=kept.read,
            provenance=Provenance.PERSON,
        ),
        Tool(
            name="delete_note",
            description="Delete one of the person's notes, when they ask for it by its title.",
            arguments=NoteTitle,
            run=kept.delete,
            effect=Effect.IDEMPOTENT,
        ),
    )
