"""Files that came with messages, as the model is shown them; each is read once.

An adapter keeps what was attached as a blob and knows no formats. When a prompt is rendered that has
the file in it for the first time, it is read, and what was found is kept: later prompts hold the same words,
so that providers can cache them.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from activities.files import process
from activities.files.images import MAX_DIMENSION
from clara.files import size_in_words
from clara.llm import prompts
from clara.messages import Attachment, ImagePart, Incoming
from store.database import Pool
from store.files import blobs
from store.files import readings as file_readings
from store.files.readings import FileReading

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ShownImage:
    part: ImagePart
    data: bytes


class AttachedFiles:
    """``dimensions`` says for each platform how many pixels the longer side of its images may have."""

    def __init__(self, pool: Pool, dimensions: Mapping[str, int]) -> None:
        self._pool = pool
        self._dimensions = dimensions
        self._one_at_a_time = asyncio.Lock()  # a file of a few KiB may unfold to hundreds of MiB

    async def show(self, message: Incoming, attachment: Attachment, mark: str | None = None) -> ShownImage | str:
        """A file of a message: an image, or its text between marks, or a line that says why it is neither.

        ``mark`` is that of the turn.
        """
        reading = await self._reading(message, attachment)
        if reading is None:
            return f"[attached, but no longer kept: {attachment.name}]"
        if reading.kind == "text":
            return prompts.attachment_block(attachment.name, reading.text, mark)
        if reading.data is not None:
            return ShownImage(ImagePart(blob_id=attachment.blob_id, media_type=reading.media_type), reading.data)
        what = f"{reading.media_type}, {size_in_words(attachment.size)}"
        return prompts.unreadable_attachment(attachment.name, f"I cannot read it ({what}): {reading.text}")

    async def _reading(self, message: Incoming, attachment: Attachment) -> FileReading | None:
        found = await file_readings.get(self._pool, attachment.blob_id, message.user.id)
        if found is not None:
            return found
        blob = await blobs.get(self._pool, attachment.blob_id, message.user.id)
        if blob is None:
            return None
        dimension = self._dimensions.get(message.conversation.platform, MAX_DIMENSION)
        try:
            async with self._one_at_a_time:
                reading = await process.read(blob.data, blob.media_type, dimension)
        except process.Interrupted:
            # Said, and not kept: it is no property of the file, and the next prompt tries again.
            return FileReading("unreadable", blob.media_type, "reading it failed just now; it may help to ask again")
        await file_readings.save(self._pool, blob.id, reading, unchanged=reading.data is blob.data)
        return reading
