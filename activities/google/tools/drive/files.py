"""Files between Drive and a person: theirs with Clara, and how those in Drive are told of."""

from collections.abc import Mapping
from typing import Any, Protocol

from activities.files.keeping import Found
from activities.google import ids
from activities.google.tools.drive import queries
from activities.tools.tool import Context
from clara.files import size_in_words
from clara.memory.kinds import one_line
from clara.messages import Incoming
from clara.tools.material import written
from clara.tools.provenance import Provenance
from store.files.kept import StoredFile

FIELDS = (
    "id,name,mimeType,size,modifiedTime,webViewLink,owners(displayName,emailAddress),ownedByMe,shared,driveId,"
    "trashed,shortcutDetails"
)
"""Of each file in a list."""

NAME_LIMIT = 200
DESCRIPTION_LIMIT = 2_000
PEOPLE_SHOWN = 50

_KINDS = {
    queries.FOLDER: "folder",
    queries.DOCUMENT: "document",
    queries.SPREADSHEET: "spreadsheet",
    queries.PRESENTATION: "presentation",
    queries.SHORTCUT: "shortcut",
    queries.DRAWING: "drawing",
    "application/vnd.google-apps.form": "form",
}


class PersonFiles(Protocol):
    """The files that people keep with Clara, and those of a conversation."""

    async def find(self, message: Incoming, name: str) -> Found | None: ...

    async def save(self, context: Context, name: str, data: bytes, origin: Provenance) -> StoredFile: ...


def kind(media_type: str) -> str:
    return _KINDS.get(media_type, media_type)


def link(file: Mapping[str, Any]) -> str:
    """Where a person sees it. Some files have no page of their own."""
    return str(file.get("webViewLink") or ids.address(str(file["id"])))


def line(file: Mapping[str, Any]) -> str:
    """A file in a list. Its address holds the id."""
    return f"- [{one_line(str(file.get('name', '')))[:NAME_LIMIT]}]({link(file)}) ({'; '.join(_facts(file))})"


def whole(file: Mapping[str, Any]) -> str:
    """One file, with who sees it."""
    lines = [line(file).removeprefix("- "), f"id: {file['id']}"]
    lines += [f"made {str(file['createdTime'])[:10]}"] if file.get("createdTime") else []
    lines += [f"changed last by {_who(file['lastModifyingUser'])}"] if file.get("lastModifyingUser") else []
    lines += [f"in the folder {ids.address(parent)}" for parent in file.get("parents", ())]
    permissions = file.get("permissions", ())
    lines += [f"- {_permission(each)}" for each in permissions[:PEOPLE_SHOWN]]
    if len(permissions) > PEOPLE_SHOWN:
        lines.append(f"- and {len(permissions) - PEOPLE_SHOWN} more")
    description = written(file.get("description"), DESCRIPTION_LIMIT)
    return "\n".join([*lines, *(["", description] if description else [])])


def _facts(file: Mapping[str, Any]) -> list[str]:
    facts = [kind(str(file.get("mimeType", "")))]
    if target := file.get("shortcutDetails"):
        facts.append(f"to the {kind(str(target.get('targetMimeType', '')))} {ids.address(str(target.get('targetId')))}")
    facts += [size_in_words(int(file["size"]))] if str(file.get("size", "")).isdecimal() else []
    facts += [f"changed {str(file['modifiedTime'])[:10]}"] if file.get("modifiedTime") else []
    if file.get("driveId"):
        facts.append("in a shared drive")
    elif not file.get("ownedByMe", True):
        facts.append(f"of {', '.join(map(_who, file.get('owners', ()))) or 'somebody else'}")
    facts += ["shared"] if file.get("shared") and file.get("ownedByMe") else []
    return facts + (["in the trash"] if file.get("trashed") else [])


def _who(user: Mapping[str, Any]) -> str:
    return one_line(str(user.get("emailAddress") or user.get("displayName") or "somebody"))[:NAME_LIMIT]


def _permission(permission: Mapping[str, Any]) -> str:
    who = {"anyone": "anybody who has the address", "domain": f"everybody at {permission.get('domain')}"}.get(
        str(permission.get("type")), _who(permission)
    )
    return f"{permission.get('role')}: {who}"
