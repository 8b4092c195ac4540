"""New files and folders in Drive. Each carries the mark of the call that has made it, by which it is found again."""

import mimetypes
from datetime import timedelta
from typing import Annotated, Any, Protocol

from pydantic import Field, model_validator

from activities.google.asking import Asking
from activities.google.ids import FileId, FolderId, address
from activities.google.tools.drive import queries
from activities.google.tools.drive.files import PersonFiles, link
from activities.google.tools.drive.uploading import WRITES, Uploads
from activities.tools.tool import Arguments, Context, Tool, Verdict
from clara.errors import ToolFailed
from clara.files import size_in_words
from clara.tools.tool import Effect, Risk

Name = Annotated[str, Field(min_length=1, max_length=255)]
MADE = "id,webViewLink"
"""What is read of a file that was made."""

TEXT_LIMIT = 1_000_000
UPLOAD_TIMEOUT = timedelta(minutes=5)
SETTLES = timedelta(minutes=1)
"""Until a search of Drive's shows a new file for certain. Drive names no time."""


class InFolder(Arguments):
    folder: FolderId | None = Field(None, description="where to: id or address; My Drive if left out")

    @property
    def parents(self) -> list[str]:
        return [self.folder or "root"]


class CreateFolder(InFolder):
    name: Name


class Copy(InFolder):
    file: FileId
    name: Name | None = Field(None, description="what the copy is to be called")


class Upload(InFolder):
    file: Name | None = Field(None, description="a file of this conversation, or one that the person keeps with you")
    text: str | None = Field(None, max_length=TEXT_LIMIT, description="or the text of a new file; then give name")
    name: Name | None = Field(None, description="what it is to be called in Drive, with its ending")

    @model_validator(mode="after")
    def _is_one(self) -> "Upload":
        if (self.file is None) == (self.text is None):
            raise ValueError("give either file or text")
        if self.text is not None and not self.name:
            raise ValueError("give the name of the new file")
        return self


class _Making:
    def __init__(self, ask: Asking, kept: PersonFiles) -> None:
        self._ask = ask
        self._kept = kept
        self._uploads = Uploads(ask)

    async def create_folder(self, asked: CreateFolder, context: Context) -> str:
        body = {"name": asked.name, "mimeType": queries.FOLDER, "parents": asked.parents}
        return told("Made the folder", await create(self._ask, context, body))

    async def copy(self, asked: Copy, context: Context) -> str:
        body = {"parents": asked.parents, "appProperties": queries.properties_of(context.key)}
        body |= {"name": asked.name} if asked.name else {}
        made = await self._ask(
            context,
            "drive",
            lambda drive: drive.files().copy(fileId=asked.file, body=body, fields=MADE, supportsAllDrives=True),
            needs=WRITES,
        )
        return told("Copied to", made)

    async def upload(self, asked: Upload, context: Context) -> str:
        if asked.file is None:
            name, data = asked.name or "", (asked.text or "").encode("utf-8", "replace")
            media_type = _text_type(name)
        else:
            found = await self._kept.find(context.message, asked.file)
            if found is None:
                raise ToolFailed(f"There is no file {asked.file!r} in this conversation, nor among the person's files.")
            name, data, media_type = asked.name or found.name, found.data, found.media_type
        body = {"name": name, "parents": asked.parents, "appProperties": queries.properties_of(context.key)}
        made = await self._uploads.create(context, body, data, media_type, MADE)
        return told(f"Uploaded {size_in_words(len(data))} to", made)


class _Told(Protocol):
    async def __call__(self, asked: Any, context: Context) -> Verdict: ...


def was_made(ask: Asking, words: str) -> _Told:
    """Whether there is what a call has made; ``words`` say what was done, before its address."""

    async def look(asked: Any, context: Context) -> Verdict:
        found = await ask(
            context,
            "drive",
            lambda drive: drive.files().list(
                q=queries.made_by(context.key), corpora="allDrives", includeItemsFromAllDrives=True,
                supportsAllDrives=True, fields=f"incompleteSearch,files({MADE})",
            ),
        )  # fmt: skip
        if found.get("files"):
            return Verdict("done", told(words, found["files"][0]))
        return Verdict("unknown" if found.get("incompleteSearch") else "not_done")

    return look


async def create(ask: Asking, context: Context, body: dict[str, Any]) -> dict[str, Any]:
    """A new file without bytes."""
    marked = {**body, "appProperties": queries.properties_of(context.key)}
    return await ask(
        context,
        "drive",
        lambda drive: drive.files().create(body=marked, fields=MADE, supportsAllDrives=True),
        needs=WRITES,
    )


def told(words: str, made: dict[str, Any]) -> str:
    return f"{words} {link(made)}"


def reach(asked: InFolder) -> Risk:
    """What is made in My Drive is the person's alone; a folder may be shared."""
    return Risk.OUTWARD if asked.folder not in (None, "root") else Risk.CHANGE


def place(asked: InFolder) -> str:
    return f" in {address(asked.folder)}" if asked.folder not in (None, "root") and asked.folder else " in My Drive"


def _text_type(name: str) -> str:
    guessed = mimetypes.guess_type(name)[0] or ""
    return guessed if guessed.startswith(("text/", "application/json", "application/xml")) else "text/plain"


def tools(ask: Asking, kept: PersonFiles) -> tuple[Tool[Any], ...]:
    making = _Making(ask, kept)
    return (
        Tool(
            "google_drive_upload",
            "Put a file into Google Drive: one that the person attached or keeps with you, or a new text. Not for "
            "files of the sandbox: copy_from_sandbox with keep first.",
            Upload, making.upload, effect=Effect.WRITE, risk=Risk.OUTWARD, timeout=UPLOAD_TIMEOUT, reaches=reach,
            verify=was_made(ask, "Uploaded to"), settles_within=SETTLES, view=_view_upload,
        ),
        Tool(
            "google_drive_create_folder", "Make a folder in Google Drive.", CreateFolder, making.create_folder,
            effect=Effect.WRITE, risk=Risk.OUTWARD, reaches=reach, verify=was_made(ask, "Made the folder"),
            settles_within=SETTLES,
            view=lambda asked: f"make the folder {asked.name}{place(asked)}",
        ),
        Tool(
            "google_drive_copy", "Copy a file of Google Drive. Folders cannot be copied.", Copy, making.copy,
            effect=Effect.WRITE, risk=Risk.OUTWARD, reaches=reach, verify=was_made(ask, "Copied to"),
            settles_within=SETTLES,
            view=lambda asked: f"copy {address(asked.file)}{f' as {asked.name}' if asked.name else ''}{place(asked)}",
        ),
    )  # fmt: skip


def _view_upload(asked: Upload) -> str:
    if asked.file is None:
        return f"upload {asked.name}{place(asked)}: {asked.text}"
    named = f" as {asked.name}" if asked.name not in (None, asked.file) else ""
    return f"upload {asked.file}{named}{place(asked)}"
