"""The boxes of people: started when one is needed, with what came with the message in it."""

import asyncio
from collections import OrderedDict, defaultdict

from activities.sandbox.backend import Backend
from activities.sandbox.files import Files
from activities.tools.tool import Context
from clara.filenames import clean_name, numbered
from clara.sandbox import paths
from store import sandbox
from store.database import Pool
from store.files import blobs
from store.sandbox import Box
from store.turns import taint

REMEMBERED = 500
"""Turns of which it is known that their files are in the box."""


class Boxes:
    def __init__(self, backend: Backend, pool: Pool, files: Files) -> None:
        self._backend = backend
        self._pool = pool
        self._files = files
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._brought: OrderedDict[str, None] = OrderedDict()

    async def ready(self, context: Context, mixed: bool = False) -> Box:
        """The box of whoever asks, started. ``mixed``: from now on words of others may be in it.

        That is so as well for what a turn does there that has read such words: they may get into its code and files.
        """
        mixed = mixed or bool(await taint.of_turn(self._pool, context.message.turn_id))
        box = await sandbox.box_of(self._pool, context.user_id, mixed)
        async with self._locks[box.id]:
            await self._backend.start(box.id)
            if context.message.turn_id not in self._brought:
                await self._bring(box.id, context)
        return box

    async def _bring(self, box: str, context: Context) -> None:
        """Put the message's files into the box. A later one of the same name takes the place of an earlier turn's."""
        taken: list[str] = []
        for attachment in context.message.attachments:
            blob = await blobs.get(self._pool, attachment.blob_id, context.user_id)
            if blob is not None:
                name = numbered(clean_name(attachment.name), taken)
                taken.append(name)
                await self._files.write(box, paths.in_box(f"{paths.ATTACHMENTS}/{name}"), blob.data)
        self._brought[context.message.turn_id] = None
        if len(self._brought) > REMEMBERED:
            self._brought.popitem(last=False)
