"""What a file in Drive holds: as text for the model, and whole as a file of the person.

Files of Google's own kinds have no bytes; Drive makes others of them: Markdown of a document, CSV of the first tab of a
spreadsheet. Google exports 10 MB at most.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import Field

from activities.files import process
from activities.files.images import MAX_DIMENSION
from activities.files.keeping import type_of
from activities.google.asking import Asking
from activities.google.ids import FileId, address
from activities.google.tools.drive import queries
from activities.google.tools.drive.files import PersonFiles, kind
from activities.tools.tool import Arguments, Context, File, Tool, ToolOutput
from clara.errors import ToolFailed
from clara.filenames import clean_name
from clara.files import size_in_words
from clara.memory.kinds import one_line
from clara.tools.material import between, written
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

SHOWN = 50_000
"""Characters of text."""

LARGEST = 50 * 2**20
"""Bytes: as large as a file that is sent to a person, or kept for them, may be."""

DOWNLOAD_S = 90.0
TIMEOUT = timedelta(minutes=4)
"""With the reading of a large document by a process of its own."""

FIELDS = "id,name,mimeType,size,shortcutDetails,capabilities(canDownload)"


@dataclass(frozen=True)
class Export:
    """What is made of a file of Google's own kind."""

    media_type: str
    ending: str
    note: str = ""


EXPORTS: Mapping[str, Export] = {
    queries.DOCUMENT: Export("text/markdown", ".md"),
    queries.SPREADSHEET: Export("text/csv", ".csv", "Only the first tab; google_sheets_read reads the others."),
    queries.PRESENTATION: Export("text/plain", ".txt", "Only its text."),
    queries.DRAWING: Export("image/png", ".png"),
}

WHOLE: Mapping[str, Export] = {
    queries.DOCUMENT: Export("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    queries.SPREADSHEET: Export("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    queries.PRESENTATION: Export("application/pdf", ".pdf"),
    queries.DRAWING: Export("image/png", ".png"),
}
"""As a file for people."""


class Download(Arguments):
    file: FileId
    send: bool = Field(False, description="send it to the person with your answer, whole")
    keep: bool = Field(False, description="keep it among their files with you, only when they ask for it")


class _Downloading:
    def __init__(self, ask: Asking, kept: PersonFiles) -> None:
        self._ask = ask
        self._kept = kept

    async def download(self, asked: Download, context: Context) -> ToolOutput:
        found = await self._target(context, asked.file)
        media_type = str(found.get("mimeType", ""))
        if media_type == queries.FOLDER:
            raise ToolFailed("This is a folder. google_drive_list with folder lists what lies in it.")
        if not found.get("capabilities", {}).get("canDownload", True):
            raise ToolFailed("Whoever owns this file does not let others download it.")
        whole = asked.send or asked.keep
        export = (WHOLE if whole else EXPORTS).get(media_type)
        if export is None and media_type.startswith("application/vnd.google-apps."):
            raise ToolFailed(f"A {kind(media_type)} cannot be downloaded. The person sees it at {address(found['id'])}")
        if int(found.get("size", 0)) > LARGEST:
            raise ToolFailed(
                f"It has {size_in_words(int(found['size']))}; {size_in_words(LARGEST)} is the most that can be "
                f"downloaded here. The person finds it at {address(found['id'])}"
            )
        data = await self._bytes(context, found["id"], export)
        name = _name(found, export)
        where = f"the file {found['id']} in Drive"
        if whole:
            return await self._given(asked, context, name, data, where)
        return ToolOutput(between("google", where, await _shown(name, data, export)), source=where)

    async def _target(self, context: Context, id: str) -> dict[str, Any]:
        """The file, or what it is a shortcut to."""
        found = await self._about(context, id)
        target = found.get("shortcutDetails", {}).get("targetId")
        return await self._about(context, target) if target else found

    async def _about(self, context: Context, id: str) -> dict[str, Any]:
        return await self._ask(
            context, "drive", lambda drive: drive.files().get(fileId=id, fields=FIELDS, supportsAllDrives=True)
        )

    async def _bytes(self, context: Context, id: str, export: Export | None) -> bytes:
        def make(drive: Any) -> Any:
            if export:
                return drive.files().export_media(fileId=id, mimeType=export.media_type)
            return drive.files().get_media(fileId=id, supportsAllDrives=True)

        return (await self._ask.fetch(context, "drive", make, size=LARGEST, total_s=DOWNLOAD_S)).body

    async def _given(self, asked: Download, context: Context, name: str, data: bytes, where: str) -> ToolOutput:
        done = []
        if asked.keep:
            stored = await self._kept.save(context, name, data, Provenance.OTHERS)
            done.append(f"is kept as {stored.name!r}")
        if asked.send:
            done.append("goes to the person together with your answer")
        files = (File(name, await asyncio.to_thread(type_of, data), data),) if asked.send else ()
        words = f"{name} ({size_in_words(len(data))}) {' and '.join(done)}."
        return ToolOutput(between("google", where, words), files, source=where)


async def _shown(name: str, data: bytes, export: Export | None) -> str:
    """What the model reads of it."""
    media_type = export.media_type if export else await asyncio.to_thread(type_of, data)
    head = f"[{name}: {media_type}, {size_in_words(len(data))}]"
    if export and export.media_type.startswith("text/"):
        note = f"[{export.note}]\n" if export.note else ""
        return f"{head}\n{note}{written(data.decode('utf-8-sig', 'replace'), SHOWN)}"
    try:
        reading = await process.read(data, media_type, MAX_DIMENSION)
    except process.Interrupted as error:
        raise ToolFailed("Reading it failed just now. It may help to try again.") from error
    if reading.kind == "text":
        return f"{head}\n{written(reading.text, SHOWN)}"
    what = "It is an image" if reading.kind == "image" else f"It cannot be read: {reading.text}"
    return f"{head} {what}. With send it goes to the person."


def _name(file: Mapping[str, Any], export: Export | None) -> str:
    name = one_line(str(file.get("name", "")))
    if export and not name.lower().endswith(export.ending):
        name += export.ending
    return clean_name(name)


def tools(ask: Asking, kept: PersonFiles) -> tuple[Tool[Any], ...]:
    downloading = _Downloading(ask, kept)
    return (
        Tool(
            "google_drive_download",
            f"Read a file of Google Drive: the text of a document, PDF, Word or text file, {SHOWN:,} characters of it. "
            "With send or keep the whole file goes to the person instead (Docs as Word, Sheets as Excel).",
            Download, downloading.download, effect=Effect.IDEMPOTENT, risk=Risk.CHANGE, timeout=TIMEOUT,
            reaches=lambda asked: Risk.CHANGE if asked.keep else Risk.LOOK, provenance=Provenance.OTHERS,
            view=lambda asked: f"{'keep ' if asked.keep else ''}{address(asked.file)}",
        ),
    )  # fmt: skip
