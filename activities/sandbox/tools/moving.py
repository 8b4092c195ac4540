"""Files into the sandbox and out of it."""

import mimetypes
import posixpath
from typing import Any

from pydantic import Field

from activities.sandbox.workshop import Workshop
from activities.tools.tool import Arguments, Context, File, Tool, ToolOutput
from clara.errors import ToolFailed
from clara.files import media_type_of, size_in_words
from clara.sandbox import paths
from clara.tools.tool import Effect, Risk
from store.files import blobs
from store.turns import turns
from temporal import queues


class CopyIn(Arguments):
    name: str = Field(min_length=1, max_length=300, description="of a file that was attached in this conversation")
    path: str | None = Field(None, description="where to; attachments/ if left out")


class CopyOut(Arguments):
    path: str = Field(description="in the sandbox")


class _Moving:
    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    async def copy_in(self, arguments: CopyIn, context: Context) -> str:
        pool, opened = self._workshop.pool, self._workshop.sandbox
        found = await turns.attached(pool, context.message.conversation, context.user_id, arguments.name)
        blob = await blobs.get(pool, found.blob_id, context.user_id) if found else None
        if blob is None:
            raise ToolFailed(f"Nobody attached a file {arguments.name!r} in this conversation.")
        path = paths.in_box(arguments.path or f"{paths.ATTACHMENTS}/{paths.cleaned(blob.name)}")
        box = await opened.boxes.ready(context)
        await opened.files.write(box.id, path, blob.data)
        return f"Copied to {paths.shown(path)} in the sandbox, {size_in_words(len(blob.data))}."

    async def copy_out(self, arguments: CopyOut, context: Context) -> ToolOutput:
        path, opened = paths.in_box(arguments.path), self._workshop.sandbox
        box = await opened.boxes.ready(context)
        data = await opened.files.read(box.id, path)
        name = paths.cleaned(posixpath.basename(path))
        media_type = media_type_of(data) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        words = f"{name} ({size_in_words(len(data))}) is sent to the person."
        return ToolOutput(words, (File(name, media_type, data),), self._workshop.origin(box))


def tools(workshop: Workshop) -> tuple[Tool[Any], ...]:
    moving = _Moving(workshop)
    return (
        Tool(
            name="copy_to_sandbox",
            description="Copy a file that was attached earlier in this conversation into the sandbox.",
            arguments=CopyIn,
            run=moving.copy_in,
            effect=Effect.IDEMPOTENT,
            risk=Risk.CHANGE,
            view=lambda asked: asked.name,
            queue=queues.SANDBOX,
        ),
        Tool(
            name="copy_from_sandbox",
            description="Send a file of the sandbox to the person.",
            arguments=CopyOut,
            run=moving.copy_out,
            effect=Effect.IDEMPOTENT,
            risk=Risk.CHANGE,
            view=lambda asked: asked.path,
            queue=queues.SANDBOX,
        ),
    )
