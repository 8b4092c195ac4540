"""Files that come with messages: fetched at once, because Discord's addresses expire, and kept as they are.

A file that is not kept never costs the message: a line in its place says why.
"""

import asyncio
import logging
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import discord

from adapters.door import Door
from clara.errors import Unreachable, UserError
from clara.files import DOCUMENTS, media_type_of, size_in_words
from clara.llm.prompts import unreadable_attachment
from clara.messages import Attachment
from clara.settings.discord import DiscordSettings
from clara.text import storable
from store.files import blobs

log = logging.getLogger(__name__)

HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
MAX_FILES = 10
TIMEOUT_S = 30
TOTAL_S = 60
"""For all files of a message: what comes after it in the channel waits."""

ATTEMPTS = 3
SOURCE_FACTOR = 4
"""Pictures may arrive so many times larger, because the model is shown them scaled down."""

PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
WRITTEN = (".pdf", ".docx")


@dataclass(frozen=True)
class KeptFiles:
    attachments: tuple[Attachment, ...]
    remarks: tuple[str, ...]
    """Why files were left out, for the model to read."""


@dataclass(frozen=True)
class _Content:
    media_type: str
    data: bytes


class Attachments:
    def __init__(self, settings: DiscordSettings, door: Door, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._door = door
        self._http = http

    async def keep(self, files: Sequence[discord.Attachment], owner: str) -> KeptFiles:
        """Fetch and store what can be used of ``files``."""
        kept: list[Attachment] = []
        remarks: list[str] = []
        pictures = 0
        deadline = asyncio.get_running_loop().time() + TOTAL_S
        for file in files[:MAX_FILES]:
            name = storable(file.filename)[:200]
            try:
                async with asyncio.timeout_at(deadline):
                    content = await self._read(file, pictures_left=self._settings.max_images - pictures)
                blob_id = await self._save(owner, name, content)
            except (UserError, TimeoutError) as unusable:
                error = unusable if isinstance(unusable, UserError) else "reading the files took too long"
                remarks.append(unreadable_attachment(name, str(error)))
                continue
            pictures += content.media_type.startswith("image/")
            kept.append(Attachment(blob_id=blob_id, name=name, media_type=content.media_type, size=len(content.data)))
        if len(files) > MAX_FILES:
            remarks.append(f"[{len(files) - MAX_FILES} more files came with this message; I take {MAX_FILES} at once.]")
        return KeptFiles(tuple(kept), tuple(remarks))

    async def _save(self, owner: str, name: str, content: _Content) -> str:
        try:
            return await self._door.store(blobs.save, owner, name, content.media_type, content.data)
        except Unreachable as error:
            if error.kind != "disk_full":
                raise
            # Not waited for: the message may still fit, and she can say what is missing.
            log.error("a file could not be kept: the database's disk is full")
            raise UserError("there is no space left to keep it") from error

    async def _read(self, file: discord.Attachment, pictures_left: int) -> _Content:
        limit = self._limit(file)
        _check(file.size, limit)
        data = await self._fetch(file.url, limit)
        media_type = media_type_of(data)
        if media_type and media_type.startswith("image/"):
            if pictures_left <= 0:
                raise UserError(f"I look at {self._settings.max_images} picture(s) of one message at most")
        elif media_type in DOCUMENTS:
            _check(len(data), self._settings.max_document_size)
        else:
            _check(len(data), self._settings.max_text_file_size)
            media_type = media_type or mimetypes.guess_type(file.filename)[0] or "application/octet-stream"
            if media_type.startswith("image/"):
                media_type = "application/octet-stream"  # which is what it is not
        return _Content(media_type, data)

    def _limit(self, file: discord.Attachment) -> int:
        name = file.filename.lower()
        if name.endswith(PICTURES) or (file.content_type or "").startswith("image/"):
            return self._settings.max_image_size * SOURCE_FACTOR
        return self._settings.max_document_size if name.endswith(WRITTEN) else self._settings.max_text_file_size

    async def _fetch(self, url: str, limit: int) -> bytes:
        parts = urlsplit(url)
        base = urlsplit(self._settings.api_base)
        ours = self._settings.on_loopback and parts.netloc == base.netloc
        if not ours and (parts.scheme != "https" or parts.hostname not in HOSTS):
            raise UserError("its address is not one of Discord's")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._download(url, limit)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                log.info("a file could not be fetched: %s", type(error).__name__)
                if attempt < ATTEMPTS:
                    await asyncio.sleep(0.5 * attempt)
        raise UserError("it could not be fetched from Discord")

    async def _download(self, url: str, limit: int) -> bytes:
        # Not by the library: no redirects are followed and the bot's token stays here.
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with self._http.get(url, allow_redirects=False, timeout=timeout) as response:
            if response.status >= 500:
                raise aiohttp.ClientPayloadError(f"status {response.status}")
            if response.status != 200:
                raise UserError(f"Discord does not give it out (status {response.status})")
            data = bytearray()
            async for chunk in response.content.iter_chunked(64 * 1024):
                data += chunk
                if len(data) > limit:
                    raise UserError(f"it is larger than {size_in_words(limit)}")
            return bytes(data)


def _check(size: int, limit: int) -> None:
    if size > limit:
        raise UserError(f"it has {size_in_words(size)} and I take {size_in_words(limit)} at most")
