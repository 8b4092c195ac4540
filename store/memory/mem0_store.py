"""Vectors in mem0's vector stores: the only module that knows mem0.

It uses mem0's public interface alone: VectorStoreFactory, and of a store insert, search, update, delete, get,
list and create_col. What that interface leaves open is settled here:

- A filter's plain value ``*`` means everybody to mem0, so filters say ``eq``, which means what it says.
- ``update``, ``delete`` and ``get`` ask nobody whose a vector is: its owner is compared first.
- A store closes the connection pool that it was given when it is collected, so each is kept to the end.
- Telemetry, the folder and the log, in which memories would stand, are settled before it is imported.
- The import takes three seconds and 110 MB. It happens in a thread, when vectors are first written or looked
  for, and not at all in a process where there are none.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from psycopg.errors import UniqueViolation

from clara.errors import UserError
from clara.memory.kinds import Owner
from store.memory.index import Entry, Hit, Near, check_lengths
from store.memory.vector_servers import VectorServer

PAGE = 200
"""Vectors that are removed before others may use the threads."""

COUNTED = 1_000_000

T = TypeVar("T")

_IMPORTING = threading.Lock()


class Mem0Index:
    """One collection on a server. Collections of former models begin with ``family`` too.

    mem0 is synchronous, so its calls run in a few threads of this index. Each is bounded by the server's
    timeouts; one whose caller was cancelled ends by itself.
    """

    def __init__(
        self, server: VectorServer, collection: str, dimensions: int, home: Path, family: str | None = None
    ) -> None:
        self._server = server
        self._name = collection
        self._family = family or collection
        self._dimensions = dimensions
        self._home = home
        self._stores: dict[str, Any] = {}
        self._made = False
        self._changing = threading.RLock()
        self._clearing = max(1, server.threads - 1)  # one is left for whoever looks for something meanwhile
        self._threads = ThreadPoolExecutor(server.threads, thread_name_prefix="mem0")

    @property
    def name(self) -> str:
        return self._name

    async def warm(self) -> None:
        await self._run(lambda: self._store(self._name))

    async def put(self, owner: Owner, entries: Sequence[Entry]) -> None:
        check_lengths(entries, self._dimensions)
        if entries:
            await self._run(lambda: self._put(owner, entries))

    def _put(self, owner: Owner, entries: Sequence[Entry]) -> None:
        store = self._ready()
        there = {entry.id for entry in entries if _is_of(owner, store.get(entry.id))}
        new = [entry for entry in entries if entry.id not in there]
        if new:
            try:
                store.insert([e.vector for e in new], [e.payload(owner) for e in new], [e.id for e in new])
            except UniqueViolation:
                return self._put(owner, entries)  # another attempt was quicker; nothing of this one was kept
        for entry in entries:
            if entry.id in there:
                store.update(entry.id, entry.vector, entry.payload(owner))

    async def nearest(self, near: Near) -> list[Hit]:
        return await self._run(lambda: self._nearest(near))

    def _nearest(self, near: Near) -> list[Hit]:
        if not self._is_there():
            return []
        filters: dict[str, Any] = {**_of(near.owner), "project": {"in": ["", *near.projects]}}
        if near.open_only:
            filters["private"] = False
        found = self._store(self._name).search("", near.vector, top_k=near.limit, filters=filters)
        return [Hit(str(hit.id), float(hit.score)) for hit in found]

    async def remove(self, owner: Owner, ids: Sequence[str]) -> int:
        return await self._run(lambda: self._remove(owner, ids)) if ids else 0

    def _remove(self, owner: Owner, ids: Iterable[str]) -> int:
        removed = 0
        for collection in self._server.collections(self._family):
            store = self._store(collection)
            for memory_id in ids:
                found = store.get(memory_id)
                if found is not None and _owner(found) == owner:
                    store.delete(memory_id)
                    removed += 1
        return removed

    async def clear(self, owner: Owner) -> int:
        removed = 0
        for collection in await self._run(lambda: self._server.collections(self._family)):
            while found := await self._run(partial(self._some, collection, owner)):
                parts = [found[n :: self._clearing] for n in range(self._clearing)]
                await asyncio.gather(*(self._run(partial(self._delete, collection, part)) for part in parts))
                removed += len(found)
        return removed

    def _some(self, collection: str, owner: Owner) -> list[str]:
        return [each.id for each in self._store(collection).list(_of(owner), PAGE)[0] if _owner(each) == owner]

    def _delete(self, collection: str, ids: Iterable[str]) -> None:
        store = self._store(collection)
        for memory_id in ids:
            store.delete(memory_id)

    async def count(self, owner: Owner) -> int:
        return await self._run(lambda: self._count(owner))

    def _count(self, owner: Owner) -> int:
        return len(self._store(self._name).list(_of(owner), COUNTED)[0]) if self._is_there() else 0

    async def close(self) -> None:
        def ended() -> None:
            self._threads.shutdown(wait=False, cancel_futures=True)  # what runs has its own end
            self._stores.clear()
            self._server.close()

        await asyncio.to_thread(ended)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except Exception as error:
            meaning = self._server.meaning(error)
            if meaning is None:
                raise
            self._made = False  # the table may be what is missing
            raise meaning from None  # its text may hold a memory's words

    def _is_there(self) -> bool:
        """Whether anything was ever written: without that mem0 is not even imported."""
        if not self._made:
            self._made = self._name in self._server.collections(self._name)
        return self._made

    def _ready(self) -> Any:
        with self._changing:
            store = self._store(self._name)
            if not self._made:
                self._server.create(self._name, store.create_col)
                self._made = True
            return store

    def _store(self, collection: str) -> Any:
        with self._changing:
            if collection not in self._stores:
                self._stores[collection] = _opened(
                    self._home,
                    self._server.provider,
                    {
                        **self._server.connection(),
                        "collection_name": collection,
                        "embedding_model_dims": self._dimensions,
                    },
                )
            return self._stores[collection]


def _of(owner: Owner) -> dict[str, Any]:
    return {"user_id": {"eq": owner}}


def _owner(found: Any) -> Any:
    return found.payload.get("user_id")


def _is_of(owner: Owner, found: Any) -> bool:
    """Whether a vector is there; UserError if it is another person's."""
    if found is not None and _owner(found) != owner:
        raise UserError("That memory is not yours.")
    return found is not None


def _opened(home: Path, provider: str, config: dict[str, Any]) -> Any:
    with _IMPORTING:
        # What mem0 reads from the environment it reads while it is imported. Written, not read: this is how it is told.
        os.environ["MEM0_TELEMETRY"] = "False"  # noqa: TID251
        os.environ["MEM0_DIR"] = str(home / "mem0")  # noqa: TID251
        (home / "mem0").mkdir(parents=True, exist_ok=True, mode=0o700)
        # It logs the texts of memories, and every error that it raises as well.
        logging.getLogger("mem0").setLevel(logging.CRITICAL)
        from mem0.utils.factory import VectorStoreFactory
        from mem0.vector_stores.configs import VectorStoreConfig
    return VectorStoreFactory.create(provider, VectorStoreConfig(provider=provider, config=config).config)
