"""Sharing, moving, renaming and deleting. Which file it is, is given by name too, and no other one is touched."""

from typing import Annotated, Any, Literal

from pydantic import Field

from activities.google.asking import Asking
from activities.google.faults import NotFound
from activities.google.ids import FileId, FolderId, address
from activities.google.tools.drive.files import link
from activities.google.tools.drive.making import Name
from activities.google.tools.drive.uploading import WRITES
from activities.tools.tool import Arguments, Context, Tool, Verdict
from clara.errors import ToolFailed
from clara.memory.kinds import one_line
from clara.tools.tool import Effect, Risk

FIELDS = "id,name,parents,trashed,webViewLink"
PEOPLE_PAGES = 5
PEOPLE = 100
"""Permissions on a page: Google's own limit."""

Role = Literal["reader", "commenter", "writer"]
_MAY = {"reader": "read it", "commenter": "comment on it", "writer": "change it"}
_RANK = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")

Email = Annotated[str, Field(pattern=r"^[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\"]+$", max_length=250)]
CurrentName = Annotated[
    str,
    Field(min_length=1, max_length=1_000, description="the name that it has now, so that the person sees which it is"),
]


class Named(Arguments):
    file: FileId
    current_name: CurrentName


class Share(Named):
    email: Email
    role: Role = "reader"
    group: bool = Field(False, description="the address is that of a group")
    notify: bool = Field(
        True, description="Google writes them an e-mail; needed for an address without an account there"
    )
    message: str = Field("", max_length=1_000, description="words for that e-mail")


class Move(Named):
    folder: FolderId


class Rename(Named):
    name: Name


class Delete(Named):
    permanent: bool = Field(
        False, description="past the trash, for good; only when the person has said that they want just that"
    )


class _Changing:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def share(self, asked: Share, context: Context) -> str:
        found = await self._named(context, asked)
        body = {"type": "group" if asked.group else "user", "role": asked.role, "emailAddress": asked.email}
        message = asked.message if asked.notify and asked.message else None
        await self._ask(
            context,
            "drive",
            lambda drive: drive.permissions().create(
                fileId=asked.file, body=body, sendNotificationEmail=asked.notify, emailMessage=message,
                supportsAllDrives=True, fields="id",
            ),
            needs=WRITES,
        )  # fmt: skip
        return _shared(asked, link(found))

    async def was_shared(self, asked: Share, context: Context) -> Verdict:
        token: str | None = None
        for _ in range(PEOPLE_PAGES):
            found = await self._people(context, asked.file, token)
            for each in found.get("permissions", ()):
                same = str(each.get("emailAddress", "")).casefold() == asked.email.casefold()
                if same and _RANK.index(asked.role) <= _rank(each.get("role")):
                    return Verdict("done", _shared(asked, address(asked.file)))
            token = found.get("nextPageToken")
            if not token:
                return Verdict("not_done")
        return Verdict("unknown")

    async def _people(self, context: Context, id: str, token: str | None) -> dict[str, Any]:
        return await self._ask(
            context,
            "drive",
            lambda drive: drive.permissions().list(
                fileId=id, pageSize=PEOPLE, pageToken=token, supportsAllDrives=True,
                fields="nextPageToken,permissions(emailAddress,role)",
            ),
        )  # fmt: skip

    async def move(self, asked: Move, context: Context) -> str:
        found = await self._named(context, asked)
        folder = (await self._file(context, "root"))["id"] if asked.folder == "root" else asked.folder
        before = found.get("parents", [])
        if before == [folder]:
            return f"It lies there already: {link(found)}"
        removed = ",".join(parent for parent in before if parent != folder)
        made = await self._ask(
            context,
            "drive",
            lambda drive: drive.files().update(
                fileId=asked.file, addParents=folder, removeParents=removed or None, body={},
                supportsAllDrives=True, fields=FIELDS,
            ),
            needs=WRITES,
        )  # fmt: skip
        return f"Moved: {link(made)}"

    async def rename(self, asked: Rename, context: Context) -> str:
        await self._named(context, asked, asked.name)
        return f"Renamed: {link(await self._update(context, asked.file, {'name': asked.name}))}"

    async def delete(self, asked: Delete, context: Context) -> str:
        await self._named(context, asked)
        if not asked.permanent:
            return f"Moved to the trash: {link(await self._update(context, asked.file, {'trashed': True}))}"
        await self._ask(
            context,
            "drive",
            lambda drive: drive.files().delete(fileId=asked.file, supportsAllDrives=True),
            needs=WRITES,
        )
        return "Deleted for good."

    async def was_deleted(self, asked: Delete, context: Context) -> Verdict:
        try:
            found = await self._file(context, asked.file)
        except NotFound:
            return Verdict("done", "It is gone for good.")
        if asked.permanent or not found.get("trashed"):
            return Verdict("not_done")
        return Verdict("done", f"It lies in the trash: {link(found)}")

    async def _update(self, context: Context, id: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self._ask(
            context,
            "drive",
            lambda drive: drive.files().update(fileId=id, body=body, supportsAllDrives=True, fields=FIELDS),
            needs=WRITES,
        )

    async def _named(self, context: Context, asked: Named, *other: str) -> dict[str, Any]:
        """The file, if it has that name: the person has read which one it is, and no other is touched."""
        found = await self._file(context, asked.file)
        names = [one_line(name) for name in (asked.current_name, *other)]
        if one_line(str(found.get("name", ""))) not in names:
            raise ToolFailed(
                f"The file {asked.file} is not called {asked.current_name!r}. Look which one is meant, and call again "
                "with its name."
            )
        return found

    async def _file(self, context: Context, id: str) -> dict[str, Any]:
        return await self._ask(
            context, "drive", lambda drive: drive.files().get(fileId=id, fields=FIELDS, supportsAllDrives=True)
        )


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    changing = _Changing(ask)
    return (
        Tool(
            "google_drive_share",
            "Let somebody else read, comment on or change a file or folder of Google Drive, and all that lies in it.",
            Share, changing.share, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=changing.was_shared, view=_view_share,
        ),
        Tool(
            "google_drive_move",
            "Move a file or folder of Google Drive into another folder. Whoever sees that folder then sees it.",
            Move, changing.move, effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD,
            view=lambda asked: f"move {_which(asked)} to {address(asked.folder)}",
        ),
        Tool(
            "google_drive_rename", "Give a file or folder of Google Drive another name.", Rename, changing.rename,
            effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD, view=lambda asked: f"rename {_which(asked)} to {asked.name}",
        ),
        Tool(
            "google_drive_delete",
            "Move a file or folder of Google Drive to the trash, with all that lies in it; others lose it as well.",
            Delete, changing.delete, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=changing.was_deleted,
            view=_view_delete,
        ),
    )  # fmt: skip


def _which(asked: Named) -> str:
    return f"{one_line(asked.current_name)} ({address(asked.file)})"


def _view_share(asked: Share) -> str:
    mail = f"; they get an e-mail{f': {asked.message}' if asked.message else ''}" if asked.notify else ""
    return f"share {_which(asked)} with {asked.email}, who may then {_MAY[asked.role]}{mail}"


def _view_delete(asked: Delete) -> str:
    if asked.permanent:
        return f"delete for good, without the trash: {_which(asked)}, with all that lies in it"
    return f"move to the trash: {_which(asked)}, with all that lies in it"


def _shared(asked: Share, where: str) -> str:
    return f"{asked.email} may {_MAY[asked.role]} now: {where}"


def _rank(role: object) -> int:
    return _RANK.index(str(role)) if role in _RANK else -1
