"""The results of servers in Clara's own types, bounded. Loads the SDK's types."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from typing import Any

from mcp.types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from activities.plugins.running.calls import CallResult
from activities.tools.tool import File
from clara.filenames import clean_name, numbered
from clara.files import size_in_words

TEXT_LIMIT = 200_000
"""Characters of all text of a result."""

FILES_LIMIT = 20
FILES_SIZE = 10 * 2**20
"""Bytes of all files of a result."""

NO_TYPE = "application/octet-stream"
_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}", re.ASCII)
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "audio/wav": "wav"}
_ENDINGS |= {"audio/mpeg": "mp3", "text/plain": "txt", "application/pdf": "pdf", "application/json": "json"}


def result_of(result: CallToolResult) -> CallResult:
    made = _Made()
    for content in result.content:
        made.add(content)
    structured = result.structured_content if isinstance(result.structured_content, dict) else None
    if structured is not None and not made.text and not made.files:
        made.say(json.dumps(structured, ensure_ascii=False))
    return CallResult(made.whole(), tuple(made.files), structured, bool(result.is_error))


class _Made:
    def __init__(self) -> None:
        self.text: list[str] = []
        self.files: list[File] = []
        self._left_out = 0
        self._room = FILES_SIZE

    def whole(self) -> str:
        text = "\n\n".join(self.text)
        if len(text) > TEXT_LIMIT:
            text = f"{text[:TEXT_LIMIT]}\n[{len(text) - TEXT_LIMIT} more characters were left out.]"
        if self._left_out:
            text += f"\n[{self._left_out} files were left out: {FILES_LIMIT} of {size_in_words(FILES_SIZE)} are taken.]"
        return text.strip()

    def say(self, text: str) -> None:
        if text:
            self.text.append(text)

    def add(self, content: Any) -> None:
        match content:
            case TextContent():
                self.say(content.text)
            case ImageContent() | AudioContent():
                self._keep(content.data, content.mime_type, type(content).__name__.removesuffix("Content").lower())
            case EmbeddedResource(resource=TextResourceContents() as resource):
                self.say(f"{_line(resource.uri)}:\n{resource.text}")
            case EmbeddedResource(resource=BlobResourceContents() as resource):
                self._keep(resource.blob, resource.mime_type, str(resource.uri).rpartition("/")[2])
            case ResourceLink():
                about = f": {_line(content.description)}" if content.description else ""
                self.say(f"{_line(content.name)} ({_line(content.uri)}){about}")

    def _keep(self, data: str, media_type: str | None, name: str) -> None:
        try:
            decoded = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            self.say("[A file came that cannot be decoded.]")
            return
        if len(self.files) >= FILES_LIMIT or len(decoded) > self._room:
            self._left_out += 1
            return
        self._room -= len(decoded)
        kind = media_type if media_type and _TYPE.fullmatch(media_type) else NO_TYPE
        self.files.append(File(_named(name, kind, [file.name for file in self.files]), kind, decoded))


def _named(name: str, kind: str, taken: Sequence[str]) -> str:
    ending = _ENDINGS.get(kind)
    whole = f"{name}.{ending}" if ending and "." not in name else name
    return numbered(clean_name(whole), taken)


def _line(text: Any) -> str:
    return " ".join(str(text).split())[:1_000]
