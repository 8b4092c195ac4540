"""The files that a person keeps: written, found and read in their name, whether in the database or in S3."""

import asyncio
import hashlib
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from activities.files import texts
from activities.files.s3 import ObjectStore
from activities.tools.tool import Context
from clara.errors import ToolFailed
from clara.filenames import clean_name
from clara.files import media_type_of, size_in_words
from clara.memory.kinds import Owner, scope
from clara.messages import Incoming
from clara.settings.files import FilesSettings
from clara.tools.provenance import Provenance
from store.database import Connection, Pool
from store.files import blobs, conversation, kept
from store.files.kept import Draft, Location, OverQuota, StoredFile
from store.memory import preferences
from store.turns import taint

UNKNOWN = "application/octet-stream"
SAMPLE = 64 * 1024

GONE = "The message that asks for this was forgotten meanwhile."


@dataclass(frozen=True)
class Found:
    """A file with its bytes."""

    name: str
    media_type: str
    data: bytes
    origin: Provenance
    """Whose words it is made of."""


class KeptFiles:
    """``objects`` is where new files go; without it they are blobs in the database."""

    def __init__(self, pool: Pool, settings: FilesSettings) -> None:
        self._pool = pool
        self._settings = settings
        self.objects = ObjectStore(settings) if settings.s3_enabled else None

    async def save(self, context: Context, name: str, data: bytes, origin: Provenance) -> StoredFile:
        """Keep a file for the person whose turn it is, once for each call; a name that is taken gets a number.

        ToolFailed where it is too large, or there is no room; Unavailable while S3 does not answer.
        """
        limit = self._settings.max_size
        if len(data) > limit:
            raise ToolFailed(f"The file has {size_in_words(len(data))}; one may have {size_in_words(limit)}.")
        owner = scope(context.user_id)
        draft = Draft(
            id=uuid5(NAMESPACE_URL, f"clara:file:{context.key}"),
            key=context.key,
            name=clean_name(name),
            media_type=await asyncio.to_thread(type_of, data),
            size=len(data),
            sha256=await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest()),
            private=context.message.private,
            origin=origin,
        )
        found = await self._reserve(context, draft, data)
        if found.stored:
            return found
        await self._upload(owner, found, data)
        if not await kept.stored(self._pool, owner, found.id):
            raise ToolFailed(GONE)
        return found

    async def find(self, message: Incoming, name: str) -> Found | None:
        """A file that the person keeps, attached in this conversation, or was made here, in this order.

        Kept in private, it is not found where others read. Raises ToolFailed and Unavailable as S3 does.
        """
        stored = await self.look(message, name)
        if stored is not None:
            return Found(stored.name, stored.media_type, await self.read(message.user.id, stored), stored.origin)
        here = await conversation.find(self._pool, message.conversation, message.user.id, name)
        blob = await blobs.get(self._pool, here.blob_id, message.user.id) if here else None
        if here is None or blob is None:
            return None
        return Found(clean_name(blob.name), await asyncio.to_thread(type_of, blob.data), blob.data, here.origin)

    async def look(self, message: Incoming, name: str) -> StoredFile | None:
        """A kept file by its name, without its bytes."""
        owner, open_only = scope(message.user.id), await self.open_only(message)
        found = await kept.find(self._pool, owner, name, open_only)
        return found or await kept.find(self._pool, owner, clean_name(name), open_only)

    async def read(self, user_id: str, stored: StoredFile) -> bytes:
        """The bytes of a kept file, all of them and as they were."""
        place = stored.location
        if place.blob_id is not None:
            blob = await blobs.get(self._pool, place.blob_id, user_id)
            if blob is None:
                raise ToolFailed(f"{stored.name} was deleted just now.")
            return blob.data
        if self.objects is None:
            raise ToolFailed(f"{stored.name} is in S3, which is switched off. The operator has to set S3_ENABLED.")
        assert place.bucket is not None
        assert place.object is not None
        return await self.objects.get(place.bucket, place.object, stored.size, stored.sha256)

    async def of_person(self, message: Incoming, limit: int) -> list[StoredFile]:
        return await kept.of_person(self._pool, scope(message.user.id), await self.open_only(message), limit)

    async def usage(self, user_id: str) -> tuple[int, int]:
        """How many bytes the person's files have, and how many they may have."""
        _, used = await kept.usage(self._pool, scope(user_id))
        return used, self._settings.quota

    async def delete(self, user_id: str, stored: StoredFile) -> bool:
        """Let go of a file; False if it was gone. In S3 it is deleted as soon as S3 lets it."""
        return await kept.delete(self._pool, scope(user_id), [stored.id]) > 0

    async def origin(self, message: Incoming) -> Provenance:
        """Whose words something is made of that the model writes now."""
        return Provenance.OTHERS if await taint.of_turn(self._pool, message.turn_id) else Provenance.PERSON

    async def open_only(self, message: Incoming) -> bool:
        """Whether files that were kept in private stay out of sight: where others read, unless it is allowed."""
        return not message.private and not await preferences.shares_private(self._pool, scope(message.user.id))

    async def _reserve(self, context: Context, draft: Draft, data: bytes) -> StoredFile:
        owner, quota = scope(context.user_id), self._settings.quota

        async def place(connection: Connection) -> Location:
            if self.objects is not None:
                return Location(bucket=self.objects.bucket, object=f"files/{draft.id}")
            return Location(blob_id=await blobs.put(connection, owner, draft.name, draft.media_type, data))

        async with self._pool.connection() as connection, connection.transaction():
            try:
                found = await kept.reserve(connection, owner, draft, place, quota, context.message.turn_id)
            except OverQuota as full:
                raise ToolFailed(
                    f"There is no room: of {size_in_words(quota)} that the person's files may have, "
                    f"{size_in_words(full.used)} are used, and this one has {size_in_words(draft.size)}. "
                    "They can have files deleted."
                ) from full
        if found is None:
            raise ToolFailed(GONE)
        return found

    async def _upload(self, owner: Owner, found: StoredFile, data: bytes) -> None:
        if self.objects is None or found.location.object is None:
            raise ToolFailed("S3 was switched off while this was on its way. Save it again.")
        try:
            await self.objects.put(found.location.object, data, found.sha256, found.media_type)
        except ToolFailed:
            # Nothing of it stays: what may have arrived all the same is deleted later.
            await kept.delete(self._pool, owner, [found.id])
            raise


def type_of(data: bytes) -> str:
    """The media type that the content shows."""
    return media_type_of(data) or ("text/plain" if texts.decode(data[:SAMPLE]) is not None else UNKNOWN)
