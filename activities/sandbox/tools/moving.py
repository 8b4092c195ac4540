"""Files into the sandbox and out of it."""

import mimetypes
import posixpath
from typing import Any

from pydantic import Field

from activities.sandbox.workshop import Workshop
from activities.tools.tool import Arguments, Context, File, Tool, ToolOutput
from clara.errors import ToolFailed
from clara.filenames import clean_name
from clara.files import media_type_of, size_in_words
from clara.sandbox import paths
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk
from temporal import queues


class CopyIn(Arguments):
    name: str = Field(min_length=1, max_length=255, description="of a file of this conversation, or a kept file")
    path: str | None = Field(None, description="where to; attachments/ if left out")


class CopyOut(Arguments):
    path: str = Field(description="in the sandbox")
    send: bool = Field(True, description="send it to the person with your answer")
    keep: bool = Field(False, description="keep it among their files, only when they ask for it")


class _Moving:
    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    async def copy_in(self, arguments: CopyIn, context: Context) -> str:
        found = await self._workshop.kept.find(context.message, arguments.name)
        if found is None:
            raise ToolFailed(f"There is no file {arguments.name!r} in this conversation, nor among the person's files.")
        path, opened = paths.in_box(arguments.path or f"{paths.ATTACHMENTS}/{found.name}"), self._workshop.sandbox
        box = await opened.boxes.ready(context, mixed=found.origin is Provenance.OTHERS)
        await opened.files.write(box.id, path, found.data)
        return f"Copied to {paths.shown(path)} in the sandbox, {size_in_words(len(found.data))}."

    async def copy_out(self, arguments: CopyOut, context: Context) -> ToolOutput:
        if not (arguments.send or arguments.keep):
            raise ToolFailed("Say whether to send it or to keep it.")
        path, opened = paths.in_box(arguments.path), self._workshop.sandbox
        box = await opened.boxes.ready(context)
        data = await opened.files.read(box.id, path)
        name, origin, done = clean_name(posixpath.basename(path)), self._workshop.origin(box), []
        media_type = media_type_of(data) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        if arguments.keep:
            stored = await self._workshop.kept.save(context, name, data, origin)
            done.append(f"is kept as {stored.name!r}")
        if arguments.send:
            done.append("goes to the person together with your answer")
        files = (File(name, media_type, data),) if arguments.send else ()
        return ToolOutput(f"{name} ({size_in_words(len(data))}) {' and '.join(done)}.", files, origin)


def tools(workshop: Workshop) -> tuple[Tool[Any], ...]:
    moving = _Moving(workshop)
    return (
        Tool(
            name="copy_to_sandbox",
            description="Copy a file of this conversation, or one that the person keeps, into the sandbox.",
            arguments=CopyIn,
            run=moving.copy_in,
            effect=Effect.IDEMPOTENT,
            risk=Risk.CHANGE,
            view=lambda asked: asked.name,
            queue=queues.SANDBOX,
        ),
        Tool(
            name="copy_from_sandbox",
            description="Send a file of the sandbox to the person, or keep it among their files.",
            arguments=CopyOut,
            run=moving.copy_out,
            effect=Effect.IDEMPOTENT,
            risk=Risk.CHANGE,
            view=lambda asked: asked.path,
            queue=queues.SANDBOX,
        ),
    )
