"""Finding files in Drive."""

from typing import Annotated, Any, Literal

from pydantic import Field

from activities.google.asking import Asking
from activities.google.ids import FileId, FolderId, address
from activities.google.tools.drive import files, queries
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.tools.material import between
from clara.tools.provenance import Provenance

WHOLE = (
    f"{files.FIELDS},parents,createdTime,description,lastModifyingUser(displayName,emailAddress),"
    "permissions(type,role,emailAddress,displayName,domain)"
)

Words = Annotated[str, Field(min_length=1, max_length=200)]
PageToken = Annotated[str, Field(pattern=r"^[!-~]+$", max_length=4_000, description="from the answer before")]
Kind = Literal["folder", "document", "spreadsheet", "presentation", "pdf", "image", "video"]

MORE = "There is more: call again with the same arguments and page_token={token}"


class ListFiles(Arguments):
    name: Words | None = Field(None, description="words of the name")
    text: Words | None = Field(None, description="words of the content or the name; the best match comes first")
    folder: FolderId | None = Field(None, description='what lies in it: id or address; "root" is My Drive')
    kind: Kind | None = None
    shared_with_me: bool = Field(False, description="only what others share with the person")
    trashed: bool = Field(False, description="what lies in the trash, instead")
    order: Literal["changed", "name"] = Field("changed", description="the latest first, or by name")
    limit: Annotated[int, Field(ge=1, le=100)] = 30
    page_token: PageToken | None = None


class OneFile(Arguments):
    file: FileId


class _Reading:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_files(self, asked: ListFiles, context: Context) -> ToolOutput:
        query = queries.files(asked.name, asked.text, asked.folder, asked.kind, asked.shared_with_me, asked.trashed)
        # Drive sorts what it finds by words itself, and refuses another order.
        order = None if asked.text else {"changed": "modifiedTime desc", "name": "folder,name_natural"}[asked.order]
        return await page(self._ask, context, query, order, asked.limit, asked.page_token, "the files in Drive")

    async def get_file(self, asked: OneFile, context: Context) -> ToolOutput:
        found = await self._ask(
            context,
            "drive",
            lambda drive: drive.files().get(fileId=asked.file, fields=WHOLE, supportsAllDrives=True),
        )
        where = f"the file {asked.file} in Drive"
        return ToolOutput(between("google", where, files.whole(found)), source=where)


async def page(
    ask: Asking, context: Context, query: str, order: str | None, limit: int, token: str | None, where: str
) -> ToolOutput:
    """A page of files, in all drives that the person sees."""
    found = await ask(
        context,
        "drive",
        lambda drive: drive.files().list(
            q=query, orderBy=order, pageSize=limit, pageToken=token, corpora="allDrives",
            includeItemsFromAllDrives=True, supportsAllDrives=True,
            fields=f"nextPageToken,incompleteSearch,files({files.FIELDS})",
        ),
    )  # fmt: skip
    notes = ["Not all drives could be searched."] if found.get("incompleteSearch") else []
    notes += [MORE.format(token=found["nextPageToken"])] if found.get("nextPageToken") else []
    if not found.get("files"):
        return ToolOutput(
            "\n\n".join(["There are none on this page." if notes else "There are none.", *notes]),
            provenance=Provenance.CLARA,
        )
    shown = between("google", where, "\n".join(map(files.line, found["files"])))
    return ToolOutput("\n\n".join([shown, *notes]), source=where)


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    reading = _Reading(ask)
    return (
        Tool(
            "google_drive_list", "Find files and folders in Google Drive, shared drives too, or list a folder.",
            ListFiles, reading.list_files, provenance=Provenance.OTHERS, view=_view_list,
        ),
        Tool(
            "google_drive_get_file",
            "Look at one file or folder of Google Drive: what it is, where it lies, and who sees it.", OneFile,
            reading.get_file, provenance=Provenance.OTHERS, view=lambda asked: address(asked.file),
        ),
    )  # fmt: skip


def _view_list(asked: ListFiles) -> str:
    words = [asked.name, asked.text, asked.kind, f"in {asked.folder}" if asked.folder else None]
    return ", ".join(word for word in words if word) or ("the trash" if asked.trashed else "the latest files")
