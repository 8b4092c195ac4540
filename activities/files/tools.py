"""The model's tools for the files that a person keeps with Clara.

They follow the rules of notes: what was kept in private is not seen where others read, and a file is deleted only by a
message of the person that names it.
"""

from datetime import timedelta
from typing import Any

from pydantic import Field

from activities.files import process
from activities.files.images import MAX_DIMENSION
from activities.files.keeping import Found, KeptFiles
from activities.tools.tool import Arguments, Context, File, Tool, ToolOutput
from clara.errors import ToolFailed
from clara.files import size_in_words
from clara.memory import speech
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect
from store.files.kept import StoredFile

LISTED = 100
TIMEOUT = timedelta(minutes=3)
"""A large file from a slow S3, and a document that takes long to read."""

NAME_LIMIT = 255


class SaveFile(Arguments):
    name: str = Field("", max_length=NAME_LIMIT, description="what it is to be called; with `file` it may be left out")
    text: str | None = Field(None, description="the text of a new file")
    file: str | None = Field(
        None, max_length=NAME_LIMIT, description="or a file of this conversation: one attached, or made by a tool"
    )


class FileName(Arguments):
    name: str = Field(min_length=1, max_length=NAME_LIMIT)


class ListFiles(Arguments):
    pass


_UNKNOWN = "There is no file called {name!r}. list_files shows what the person keeps."
_UNASKED = (
    "The person has not named the file {name!r} in this message, so it stays. Ask them whether to delete it: they have "
    "to answer with its name."
)


class _FileTools:
    def __init__(self, files: KeptFiles) -> None:
        self._files = files

    async def save(self, arguments: SaveFile, context: Context) -> str:
        if (arguments.text is None) == (arguments.file is None):
            raise ToolFailed("Give either text or file.")
        if arguments.file is not None:
            found = await self._files.find(context.message, arguments.file)
            if found is None:
                raise ToolFailed(f"There is no file called {arguments.file!r} in this conversation.")
            name, data, origin = arguments.name or found.name, found.data, found.origin
        elif not arguments.name:
            raise ToolFailed("Say what the file is to be called.")
        else:
            name, data = arguments.name, (arguments.text or "").encode("utf-8", "replace")
            origin = await self._files.origin(context.message)
        stored = await self._files.save(context, name, data, origin)
        return f"Kept {stored.name!r} ({stored.media_type}, {size_in_words(stored.size)})."

    async def titles(self, arguments: ListFiles, context: Context) -> ToolOutput:
        found = await self._files.of_person(context.message, LISTED)
        used, quota = await self._files.usage(context.user_id)
        if not found:
            return ToolOutput("The person keeps no files that may be seen here.")
        lines = [_line(each) for each in found]
        if len(found) == LISTED:
            lines.append(f"These are the newest {LISTED}.")
        lines.append(f"{size_in_words(used)} of {size_in_words(quota)} are used.")
        origin = max((each.origin for each in found), key=list(Provenance).index)
        return ToolOutput("\n".join(lines), provenance=origin)

    async def read(self, arguments: FileName, context: Context) -> ToolOutput:
        found = await self._found(arguments.name, context)
        try:
            reading = await process.read(found.data, found.media_type, MAX_DIMENSION)
        except process.Interrupted as error:
            raise ToolFailed("Reading it failed just now. It may help to try again.") from error
        what = f"{found.name}: {found.media_type}, {size_in_words(len(found.data))}"
        if reading.kind == "text":
            return ToolOutput(f"[{what}]\n{reading.text}", provenance=found.origin)
        if reading.kind == "image":
            words = f"[{what}] It is an image, which this tool cannot show you. send_file sends it to the person."
            return ToolOutput(words, provenance=Provenance.CLARA)
        raise ToolFailed(f"[{what}] It cannot be read: {reading.text}.")

    async def send(self, arguments: FileName, context: Context) -> ToolOutput:
        found = await self._found(arguments.name, context)
        words = f"{found.name} ({size_in_words(len(found.data))}) goes to the person together with your answer."
        return ToolOutput(words, (File(found.name, found.media_type, found.data),), found.origin)

    async def delete(self, arguments: FileName, context: Context) -> str:
        stored = await self._files.look(context.message, arguments.name)
        if stored is None:
            return f"There is no file called {arguments.name!r}."
        if not _is_named(stored.name, context):
            raise ToolFailed(_UNASKED.format(name=stored.name))
        await self._files.delete(context.user_id, stored)
        return f"Deleted {stored.name!r}."

    async def _found(self, name: str, context: Context) -> Found:
        found = await self._files.find(context.message, name)
        if found is None:
            raise ToolFailed(_UNKNOWN.format(name=name))
        return found


def _line(file: StoredFile) -> str:
    return f"- {file.name} ({file.media_type}, {size_in_words(file.size)}, {file.created_at:%Y-%m-%d})"


def _is_named(name: str, context: Context) -> bool:
    """Whether the person's own words in this message have the name in them."""
    said = " ".join(speech.spoken(context.message.own_words).casefold().split())
    return " ".join(name.casefold().split()) in said


def tools(files: KeptFiles) -> tuple[Tool[Any], ...]:
    """The tools for the files of whoever asks."""
    own = _FileTools(files)
    return (
        Tool(
            name="save_file",
            description=(
                "Keep a file for the person, for good. Only when they ask for it. Their own files are not those of the "
                "sandbox."
            ),
            arguments=SaveFile,
            run=own.save,
            effect=Effect.IDEMPOTENT,
            timeout=TIMEOUT,
            view=lambda asked: asked.name or asked.file or "",
        ),
        Tool(
            name="list_files",
            description="The files that the person keeps with you, newest first.",
            arguments=ListFiles,
            run=own.titles,
            provenance=Provenance.PERSON,
        ),
        Tool(
            name="read_file",
            description="The text of a file that the person keeps, attached, or had made here (text, PDF, Word).",
            arguments=FileName,
            run=own.read,
            timeout=TIMEOUT,
        ),
        Tool(
            name="send_file",
            description="Send such a file to the person, as it is.",
            arguments=FileName,
            run=own.send,
            timeout=TIMEOUT,
        ),
        Tool(
            name="delete_file",
            description="Delete a file that the person keeps, when they ask for it by its name.",
            arguments=FileName,
            run=own.delete,
            effect=Effect.IDEMPOTENT,
        ),
    )
