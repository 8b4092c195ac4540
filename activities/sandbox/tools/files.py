"""Files in the sandbox: reading, writing, listing, unpacking."""

import posixpath
from typing import Any

from pydantic import Field

from activities.sandbox.files import LARGEST
from activities.sandbox.workshop import Workshop
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.errors import ToolFailed
from clara.files import size_in_words
from clara.sandbox import paths
from clara.tools.tool import PREVIEW_LIMIT, Effect, Risk
from temporal import queues

PAGE = PREVIEW_LIMIT - 500
_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".txz")


class ReadFile(Arguments):
    path: str
    start: int = Field(0, ge=0, description="number of the first character to read")


class WriteFile(Arguments):
    path: str
    content: str = Field(max_length=500_000)


class ListFiles(Arguments):
    folder: str = "."


class Unzip(Arguments):
    path: str
    folder: str | None = Field(None, description="a new folder; the archive's name if left out")


class _Files:
    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    async def read(self, arguments: ReadFile, context: Context) -> ToolOutput:
        path, opened = paths.in_box(arguments.path), self._workshop.sandbox
        box = await opened.boxes.ready(context)
        data = await opened.files.read(box.id, path)
        if b"\0" in data[:8192]:
            raise ToolFailed(
                f"{paths.shown(path)} is no text ({size_in_words(len(data))}). Look at it with execute_python, or send "
                "it with copy_from_sandbox."
            )
        text = data.decode("utf-8", "replace")
        start, end = arguments.start, min(arguments.start + PAGE, len(text))
        if start and start >= len(text):
            raise ToolFailed(f"It has {len(text):,} characters only.")
        more = f"; go on with start={end}" if end < len(text) else ""
        heading = f"[characters {start:,} to {end:,} of {len(text):,}{more}]\n" if more or start else ""
        return ToolOutput(f"{heading}{text[start:end]}" or "(It is empty.)", provenance=self._workshop.origin(box))

    async def write(self, arguments: WriteFile, context: Context) -> str:
        path, opened = paths.in_box(arguments.path), self._workshop.sandbox
        box = await opened.boxes.ready(context, mixed=await self._workshop.mixes(context))
        data = arguments.content.encode("utf-8", "replace")
        replaced = await opened.files.write(box.id, path, data)
        return f"{'Replaced' if replaced else 'Wrote'} {paths.shown(path)}, {size_in_words(len(data))}."

    async def listed(self, arguments: ListFiles, context: Context) -> ToolOutput:
        path, opened = paths.in_box(arguments.folder), self._workshop.sandbox
        box = await opened.boxes.ready(context)
        entries, more = await opened.files.listed(box.id, path)
        lines = [_line(entry) for entry in entries]
        if more:
            lines.append(f"… and {more:,} more; name a folder.")
        return ToolOutput("\n".join(lines) or "There are no files.", provenance=self._workshop.origin(box))

    async def unzip(self, arguments: Unzip, context: Context) -> str:
        path, opened = paths.in_box(arguments.path), self._workshop.sandbox
        into = paths.in_box(arguments.folder) if arguments.folder else _beside(path)
        box = await opened.boxes.ready(context)
        files, size = await opened.files.unpack(box.id, path, into)
        return (
            f"Unpacked {files:,} {'file' if files == 1 else 'files'}, {size_in_words(size)}, into {paths.shown(into)}/."
        )


def _line(entry: dict[str, Any]) -> str:
    kind = entry["kind"]
    return (
        f"{entry['path']}{'/' if kind == 'folder' else ''}  {size_in_words(entry['size']) if kind == 'file' else kind}"
    )


def _beside(path: str) -> str:
    """The folder that an archive is unpacked into where none is named."""
    for ending in sorted(_ENDINGS, key=len, reverse=True):
        if path.lower().endswith(ending):
            return path[: -len(ending)]
    return posixpath.join(posixpath.dirname(path), f"{posixpath.basename(path)}-unpacked")


def tools(workshop: Workshop) -> tuple[Tool[Any], ...]:
    files = _Files(workshop)
    return (
        Tool(
            name="sandbox_read_file",
            description=f"Read a text file in the sandbox, of {LARGEST // 2**20} MiB at most.",
            arguments=ReadFile,
            run=files.read,
            view=lambda asked: asked.path,
            queue=queues.SANDBOX,
        ),
        Tool(
            name="sandbox_write_file",
            description="Write a whole text file in the sandbox. It is neither sent nor among the person's kept files.",
            arguments=WriteFile,
            run=files.write,
            effect=Effect.IDEMPOTENT,
            risk=Risk.CHANGE,
            view=lambda asked: asked.path,
            queue=queues.SANDBOX,
        ),
        Tool(
            name="sandbox_list_files",
            description="List the files in a folder of the sandbox.",
            arguments=ListFiles,
            run=files.listed,
            view=lambda asked: asked.folder,
            queue=queues.SANDBOX,
        ),
        Tool(
            name="sandbox_unzip",
            description="Unpack a zip or tar archive in the sandbox into a new folder.",
            arguments=Unzip,
            run=files.unzip,
            effect=Effect.IDEMPOTENT,
            risk=Risk.CHANGE,
            view=lambda asked: asked.path,
            queue=queues.SANDBOX,
        ),
    )
