"""Notes that a person asks Clara to keep."""

from typing import Any

from pydantic import Field

from activities.tools.tool import Arguments, Context, Tool
from clara.errors import ToolFailed
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect
from store import notes
from store.database import Pool

TEXT_LIMIT = 20_000
LISTED = 50


class SaveNote(Arguments):
    title: str = Field(min_length=1, max_length=120, description="short and unique; the same title replaces the note")
    text: str = Field(min_length=1, max_length=TEXT_LIMIT)


class NoteTitle(Arguments):
    title: str = Field(min_length=1, max_length=120)


class ListNotes(Arguments):
    pass


def tools(pool: Pool) -> tuple[Tool[Any], ...]:
    """The tools for the notes of whoever asks."""

    async def save(arguments: SaveNote, context: Context) -> str:
        await notes.save(pool, context.user_id, arguments.title, arguments.text)
        return f"Saved the note {arguments.title!r}."

    async def titles(arguments: ListNotes, context: Context) -> str:
        found = await notes.titles(pool, context.user_id, LISTED)
        if not found:
            return "There are no notes."
        return "\n".join(f"- {note.title} ({note.updated_at:%Y-%m-%d}): {note.text.splitlines()[0]}" for note in found)

    async def read(arguments: NoteTitle, context: Context) -> str:
        note = await notes.read(pool, context.user_id, arguments.title)
        if note is None:
            raise ToolFailed(f"There is no note called {arguments.title!r}. list_notes shows all titles.")
        return note.text

    async def delete(arguments: NoteTitle, context: Context) -> str:
        existed = await notes.delete(pool, context.user_id, arguments.title)
        return f"Deleted the note {arguments.title!r}." if existed else f"There is no note called {arguments.title!r}."

    return (
        Tool(
            name="save_note",
            description="Keep a note for the person, by title. Only when they ask for it.",
            arguments=SaveNote,
            run=save,
            effect=Effect.IDEMPOTENT,
        ),
        Tool(
            name="list_notes",
            description="The person's notes, newest first.",
            arguments=ListNotes,
            run=titles,
            provenance=Provenance.PERSON,
        ),
        Tool(
            name="read_note",
            description="One of the person's notes, whole.",
            arguments=NoteTitle,
            run=read,
            provenance=Provenance.PERSON,
        ),
        Tool(
            name="delete_note",
            description="Delete one of the person's notes. Only when they ask for it.",
            arguments=NoteTitle,
            run=delete,
            effect=Effect.IDEMPOTENT,
        ),
    )
