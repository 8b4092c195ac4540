"""Uploads to Drive: small files in one piece, others in parts, which are taken up again where they were cut.

google-api-python-client writes the request that begins; it would send the parts by its own transport, so they are
made here. See https://developers.google.com/workspace/drive/api/guides/manage-uploads.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from activities.google.asking import Asking
from activities.google.faults import WHO
from activities.http.faults import fault
from activities.tools.tool import Context
from clara import google
from clara.errors import Unavailable

AT_ONCE = 5 * 2**20
"""Bytes: Google's own limit for one piece."""

PART = 8 * 2**20
"""Google wants multiples of 256 KiB."""

PART_S = 60.0
TAKEN_UP = 3
"""How often an upload is taken up again."""

WRITES = (google.DRIVE_OWN,)

_RANGE = re.compile(r"bytes=0-(\d+)")


@dataclass(frozen=True)
class Request:
    """As google-api-python-client has them, as far as the client reads it."""

    method: str
    uri: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Uploads:
    def __init__(self, ask: Asking, at_once: int = AT_ONCE, part: int = PART) -> None:
        self._ask = ask
        self._at_once = at_once
        self._part = part

    async def create(
        self, context: Context, described: dict[str, Any], data: bytes, media_type: str, fields: str
    ) -> dict[str, Any]:
        """A new file with ``data`` as its content; Drive makes a document of it where ``described`` says so."""
        is_small = len(data) <= self._at_once

        def begin(drive: Any) -> Any:
            from googleapiclient.http import MediaInMemoryUpload

            media = MediaInMemoryUpload(data, mimetype=media_type, resumable=not is_small)
            request = drive.files().create(body=described, media_body=media, fields=fields, supportsAllDrives=True)
            if not is_small:
                request.headers["x-upload-content-type"] = media_type
                request.headers["x-upload-content-length"] = str(len(data))
            return request

        if is_small:
            return await self._ask(context, "drive", begin, needs=WRITES, total_s=PART_S)
        begun = await self._ask.fetch(context, "drive", begin, needs=WRITES)
        session = begun.headers.get("location", "")
        if not _is_same_place(session, begun.url):
            raise fault("redirect", WHO)  # the account's token goes along
        return await self._in_parts(context, session, data)

    async def _in_parts(self, context: Context, session: str, data: bytes) -> dict[str, Any]:
        at, cuts = 0, 0
        while True:
            try:
                part = data[at : at + self._part]
                answer = await self._put(
                    context, session, part, f"{at}-{at + len(part) - 1}" if part else "*", len(data)
                )
            except Unavailable:
                cuts += 1
                if cuts > TAKEN_UP:
                    raise
                # Some of the part may have arrived. Without a body, Google tells how much it has.
                answer = await self._put(context, session, b"", "*", len(data))
            if answer.status != 308:
                found = answer.json()
                if not isinstance(found, dict):
                    raise fault("garbled", WHO)
                return found
            reached = _RANGE.fullmatch(answer.headers.get("range", ""))
            has = int(reached[1]) + 1 if reached else 0
            if has <= at and has < len(data):
                cuts += 1
                if cuts > TAKEN_UP:
                    raise fault("garbled", WHO)
            at = min(has, len(data))

    async def _put(self, context: Context, session: str, part: bytes, span: str, total: int) -> Any:
        request = Request("PUT", session, {"content-range": f"bytes {span}/{total}"}, part)
        return await self._ask.fetch(context, "drive", lambda _: request, total_s=PART_S, needs=WRITES, in_parts=True)


def _is_same_place(url: str, other: str) -> bool:
    one, two = urlsplit(url), urlsplit(other)
    return (one.scheme, one.netloc) == (two.scheme, two.netloc)
