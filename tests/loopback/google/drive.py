"""Drives of people: files, folders, shortcuts, permissions, uploads in one piece and in parts, exports."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.loopback.google import drive_query
from tests.loopback.google.described import Json
from tests.loopback.google.fields import chosen
from tests.loopback.google.server import NOT_FOUND, Call, Handler, as_json, refusal
from tests.loopback.http import Respond, answer

APPS = "application/vnd.google-apps."
FOLDER = f"{APPS}folder"
IMPORTED = {"text/markdown": f"{APPS}document", "text/csv": f"{APPS}spreadsheet"}
"""What Drive makes a document of, and of which kind."""

EXPORTED = {
    f"{APPS}document": ("text/markdown", "text/plain", "application/pdf",
                        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    f"{APPS}spreadsheet": ("text/csv", "application/pdf",
                           "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    f"{APPS}presentation": ("text/plain", "application/pdf"),
}  # fmt: skip

BLOCK = 256 * 1024
READ_ONLY = refusal(
    "403 Forbidden", "appNotAuthorizedToFile", "The user has not granted the app write access to the file."
)


@dataclass
class Session:
    """An upload in parts. ``lose`` parts are taken half, and their answer is an error."""

    who: str
    described: Json
    media_type: str
    total: int
    data: bytes = b""
    made: str = ""


@dataclass
class Drive:
    files: dict[str, Json] = field(default_factory=dict)
    data: dict[str, bytes] = field(default_factory=dict)
    """The bytes of files, and what exports of documents hold."""
    people: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Permissions by file and id."""
    mails: list[tuple[str, str]] = field(default_factory=list)
    """To whom Google has written, and what."""
    clara: set[str] = field(default_factory=set)
    """Files that the application has made: it may change no others."""
    sessions: dict[str, Session] = field(default_factory=dict)
    cut_parts: int = 0
    """Of so many parts only the first block arrives, and the answer is lost."""
    page_size: int = 100
    incomplete: bool = False
    now: datetime = datetime(2026, 11, 28, tzinfo=UTC)

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "drive.files.list": self._list,
            "drive.files.get": self._get,
            "drive.files.create": self._create,
            "drive.files.copy": self._copy,
            "drive.files.update": self._update,
            "drive.files.delete": self._delete,
            "drive.files.export": self._export,
            "drive.permissions.create": self._share,
            "drive.permissions.list": self._list_people,
            "upload": self._part,
        }

    def add(self, who: str, name: str, media_type: str = "text/plain", data: bytes | None = None, **facts: Any) -> str:
        """A file of somebody's; its id."""
        id = facts.pop("id", f"file{len(self.files) + 1:04}")
        self.now += timedelta(minutes=1)
        time = self.now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        kind = {f"{APPS}document": "docs.google.com/document", f"{APPS}spreadsheet": "docs.google.com/spreadsheets"}
        owner = {"kind": "drive#user", "displayName": who.title(), "emailAddress": f"{who}@example.org"}
        made: Json = {
            "kind": "drive#file", "id": id, "name": name, "mimeType": media_type, "parents": [f"root-{who}"],
            "createdTime": time, "modifiedTime": time, "trashed": False, "owners": [owner], "shared": False,
            "webViewLink": f"https://{kind.get(media_type, 'drive.google.com/file')}/d/{id}/view",
            "lastModifyingUser": owner, "capabilities": {"canDownload": True}, **facts,
        }  # fmt: skip
        if data is not None:
            self.data[id] = data
            if not media_type.startswith(APPS):
                made["size"] = str(len(data))
        self.files[id] = made
        self.people[id] = {
            f"p-{who}": {"id": f"p-{who}", "type": "user", "role": "owner", "emailAddress": f"{who}@example.org"}
        }
        return str(id)

    def share(self, id: str, who: str, role: str = "reader") -> None:
        self.people[id][f"p-{who}"] = {
            "id": f"p-{who}",
            "type": "user",
            "role": role,
            "emailAddress": f"{who}@example.org",
        }
        self.files[id]["shared"] = True

    def seen(self, who: str, id: str) -> Json | None:
        """A file as somebody sees it."""
        if id in ("root", f"root-{who}"):
            return {
                "kind": "drive#file",
                "id": f"root-{who}",
                "name": "My Drive",
                "mimeType": FOLDER,
                "ownedByMe": True,
            }
        file = self.files.get(id)
        if file is None or f"p-{who}" not in self.people[id]:
            return None
        mine = file["owners"][0]["emailAddress"] == f"{who}@example.org"
        return {**file, "ownedByMe": mine, **({"permissions": list(self.people[id].values())} if mine else {})}

    def _list(self, call: Call) -> Json | Respond:
        query = call.query
        if query.get("includeItemsFromAllDrives") == "true" and query.get("supportsAllDrives") != "true":
            return refusal("403 Forbidden", "teamDrivesParentLimit", "supportsAllDrives must be true")
        if "fullText" in query["q"] and "orderBy" in query:
            return refusal("403 Forbidden", "forbidden", "Sorting is not supported for queries with fullText terms.")
        try:
            fits = drive_query.parsed(query["q"].replace("'root'", f"'root-{call.who}'"))
        except ValueError as error:
            return refusal("400 Bad Request", "invalid", str(error))
        found = [file for id in self.files if (file := self.seen(call.who, id)) is not None]
        texts = {id: data.decode("utf-8", "replace") for id, data in self.data.items()}
        found = [file for file in found if fits({**file, "_text": texts.get(file["id"], "")})]
        order = query.get("orderBy", "")
        found.sort(key=lambda file: file["name"] if "name" in order else file["modifiedTime"], reverse="desc" in order)
        token = query.get("pageToken", "~0")
        if not re.fullmatch(r"~\d+", token):
            return refusal("400 Bad Request", "invalid", "Invalid Value")
        first, size = int(token[1:]), min(int(query.get("pageSize", 100)), self.page_size)
        page: Json = {
            "kind": "drive#fileList",
            "incompleteSearch": self.incomplete,
            "files": found[first : first + size],
        }
        page |= {"nextPageToken": f"~{first + size}"} if first + size < len(found) else {}
        return _shown(page, call, "nextPageToken,kind,incompleteSearch,files(kind,id,name,mimeType)")

    def _get(self, call: Call) -> Json | Respond:
        file = self.seen(call.who, call.path["fileId"])
        if file is None:
            return _not_found(call)
        if call.query.get("alt") != "media":
            return _shown(file, call)
        if file["mimeType"].startswith(APPS):
            return refusal(
                "403 Forbidden", "fileNotDownloadable",
                "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
            )  # fmt: skip
        return answer(self.data[file["id"]], content_type=file["mimeType"])

    def _export(self, call: Call) -> Json | Respond:
        file, wanted = self.seen(call.who, call.path["fileId"]), call.query["mimeType"]
        if file is None:
            return _not_found(call)
        if wanted not in EXPORTED.get(file["mimeType"], ()):
            return refusal("400 Bad Request", "badRequest", "The requested conversion is not supported.")
        data = self.data.get(file["id"], b"")
        if len(data) > 10 * 2**20:
            return refusal("403 Forbidden", "exportSizeLimitExceeded", "This file is too large to be exported.")
        return answer(data if wanted.startswith("text/") else b"PK\x03\x04" + data, content_type=wanted)

    def _create(self, call: Call) -> Json | Respond:
        if (kind := call.query.get("uploadType")) == "resumable":
            return self._begin(call)
        media_type, data = _media(call) if kind == "multipart" else ("", None)
        return self._made(call, call.body, media_type, data)

    def _made(self, call: Call, body: Json, media_type: str, data: bytes | None) -> Json | Respond:
        parents = [f"root-{call.who}" if each == "root" else each for each in body.get("parents", ["root"])]
        for parent in parents:
            if parent != f"root-{call.who}" and self.seen(call.who, parent) is None:
                return refusal("404 Not Found", "notFound", f"File not found: {parent}.")
        kind = body.get("mimeType") or media_type or "application/octet-stream"
        if kind.startswith(APPS) and data is not None and IMPORTED.get(media_type) != kind:
            return refusal("400 Bad Request", "badRequest", "Bad Request")
        id = self.add(call.who, body.get("name", "Untitled"), kind, data, parents=parents)
        self.files[id] |= {"appProperties": body["appProperties"]} if "appProperties" in body else {}
        self.clara.add(id)
        file = self.seen(call.who, id)
        assert file is not None
        return _shown(file, call)

    def _begin(self, call: Call) -> Respond:
        id = f"session{len(self.sessions) + 1}"
        media_type, total = call.headers["x-upload-content-type"], int(call.headers["x-upload-content-length"])
        self.sessions[id] = Session(call.who, call.body, media_type, total)
        address = f"http://{call.headers['host']}/upload/drive/v3/files?uploadType=resumable&upload_id={id}"
        fields = f"&fields={call.query['fields']}" if "fields" in call.query else ""
        return answer(b"", location=address + fields)

    def _part(self, call: Call) -> Json | Respond:
        session = self.sessions.get(call.query["upload_id"])
        if session is None or session.who != call.who:
            return NOT_FOUND
        span = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)", call.headers["content-range"])
        assert span, call.headers["content-range"]
        assert int(span[3]) == session.total
        if span[1] is not None and not session.made:
            assert len(call.raw) == int(span[2]) - int(span[1]) + 1
            if int(span[1]) != len(session.data):
                return refusal("400 Bad Request", "badRequest", "Invalid range")
            last = int(span[2]) + 1 == session.total
            assert last or len(call.raw) % BLOCK == 0, "parts are multiples of 256 KiB"
            if self.cut_parts:
                self.cut_parts -= 1
                session.data += call.raw[:BLOCK] if not last else b""
                return answer(b"<html>Error 503", "503 Service Unavailable", content_type="text/html")
            session.data += call.raw
        if len(session.data) < session.total:
            if not session.data:
                return answer(b"", "308 Resume Incomplete")
            return answer(b"", "308 Resume Incomplete", range=f"bytes=0-{len(session.data) - 1}")
        if not session.made:
            made = self._made(call, session.described, session.media_type, session.data)
            session.made = next(reversed(self.files))
            return as_json(made) if isinstance(made, dict) else made
        file = self.seen(call.who, session.made)
        assert file is not None
        return as_json(_shown(file, call))

    def _copy(self, call: Call) -> Json | Respond:
        file = self.seen(call.who, call.path["fileId"])
        if file is None:
            return _not_found(call)
        if file["mimeType"] == FOLDER:
            return refusal("403 Forbidden", "cannotCopyFile", "This file cannot be copied by the user.")
        body = {"name": f"Copy of {file['name']}", "mimeType": file["mimeType"], **call.body}
        made = self._made(call, body, "", None)
        if file["id"] in self.data:
            self.data[next(reversed(self.files))] = self.data[file["id"]]
        return made

    def _update(self, call: Call) -> Json | Respond:
        file = self.seen(call.who, call.path["fileId"])
        if file is None:
            return _not_found(call)
        if file["id"] not in self.clara:
            return READ_ONLY
        kept = self.files[file["id"]]
        kept |= call.body
        added = call.query.get("addParents", "").replace(
            "root", f"root-{call.who}", 1 if call.query.get("addParents") == "root" else 0
        )
        if added:
            if added != f"root-{call.who}" and self.seen(call.who, added) is None:
                return refusal("404 Not Found", "notFound", f"File not found: {added}.")
            removed = call.query.get("removeParents", "").split(",")
            kept["parents"] = [each for each in kept["parents"] if each not in removed] + [added]
            if len(kept["parents"]) > 1:
                return refusal("403 Forbidden", "cannotAddParent", "Increasing the number of parents is not allowed")
        found = self.seen(call.who, file["id"])
        assert found is not None
        return _shown(found, call)

    def _delete(self, call: Call) -> Json | Respond | None:
        file = self.seen(call.who, call.path["fileId"])
        if file is None:
            return _not_found(call)
        if file["id"] not in self.clara:
            return READ_ONLY
        del self.files[file["id"]], self.people[file["id"]]
        return None

    def _share(self, call: Call) -> Json | Respond:
        id, body = call.path["fileId"], call.body
        if self.seen(call.who, id) is None:
            return _not_found(call)
        if id not in self.clara:
            return READ_ONLY
        if call.query.get("sendNotificationEmail") == "false" and "emailMessage" in call.query:
            return refusal("400 Bad Request", "invalid", "emailMessage needs sendNotificationEmail")
        made = {"kind": "drive#permission", "id": f"p-{body['emailAddress'].partition('@')[0]}", **body}
        self.people[id][made["id"]] = made
        self.files[id]["shared"] = True
        if call.query.get("sendNotificationEmail", "true") == "true":
            self.mails.append((body["emailAddress"], call.query.get("emailMessage", "")))
        return _shown(made, call)

    def _list_people(self, call: Call) -> Json | Respond:
        if self.seen(call.who, call.path["fileId"]) is None:
            return _not_found(call)
        there = list(self.people[call.path["fileId"]].values())
        first, size = int(call.query.get("pageToken", 0)), min(int(call.query.get("pageSize", 100)), self.page_size)
        page: Json = {"kind": "drive#permissionList", "permissions": there[first : first + size]}
        return _shown(page | ({"nextPageToken": str(first + size)} if first + size < len(there) else {}), call)


def _shown(found: Json, call: Call, usual: str = "kind,id,name,mimeType") -> Json:
    """Only what was asked for. Drive, unlike other services, shows little by itself."""
    shown = chosen(found, call.query.get("fields", usual))
    assert isinstance(shown, dict)
    return shown


def _not_found(call: Call) -> Respond:
    return refusal("404 Not Found", "notFound", f"File not found: {call.path['fileId']}.")


def _media(call: Call) -> tuple[str, bytes]:
    """The second part of a body of ``multipart/related``, and its type."""
    boundary = re.search(r'boundary="?([^";]+)', call.headers["content-type"])
    assert boundary, call.headers["content-type"]
    parts = call.raw.split(b"--" + boundary[1].encode())
    assert len(parts) == 4, "two parts, and what is around them"
    assert parts[3].strip() == b"--"
    head, _, data = parts[2].partition(b"\n\n")
    kind = re.search(rb"(?im)^content-type: *(\S+)", head)
    assert kind, head
    return kind[1].decode(), data.removesuffix(b"\n").removesuffix(b"\r")
