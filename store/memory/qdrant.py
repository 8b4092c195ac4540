"""Vectors in a Qdrant server, through mem0. Its client is synchronous, so every call runs in a thread."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from clara.errors import Misconfigured, Unavailable, UserError
from clara.memory.kinds import Owner
from store.memory import mem0_import
from store.memory.index import Entry, Hit, Near, check_lengths

TIMEOUT_S = 5
"""Of one call to the server."""

T = TypeVar("T")


class QdrantIndex:
    """One collection. ``location`` is the server's address, or ``:memory:`` for one in this process.

    Collections of former models begin with ``family`` too.
    """

    def __init__(
        self, location: str, key: str | None, collection: str, dimensions: int, home: Path, family: str | None = None
    ) -> None:
        self._location = location
        self._key = key
        self._name = collection
        self._family = family or collection
        self._dimensions = dimensions
        self._home = home
        self._mem0: Any = None
        self._opening = asyncio.Lock()

    @property
    def name(self) -> str:
        return self._name

    async def put(self, owner: Owner, entries: Sequence[Entry]) -> None:
        check_lengths(entries, self._dimensions)
        if not entries:
            return
        known = await self._owners([entry.id for entry in entries])
        if any(found != owner for found in known.values()):
            raise UserError("That memory is not yours.")
        await self._call(
            lambda mem0: mem0.insert(
                [e.vector for e in entries], [e.payload(owner) for e in entries], [e.id for e in entries]
            )
        )

    async def nearest(self, near: Near) -> list[Hit]:
        filters: dict[str, Any] = {**_of(near.owner), "project": {"in": ["", near.project or ""]}}
        if near.open_only:
            filters["private"] = False
        found = await self._call(lambda mem0: mem0.search("", near.vector, top_k=near.limit, filters=filters))
        return [Hit(str(point.id), float(point.score)) for point in found]

    async def remove(self, owner: Owner, ids: Sequence[str]) -> int:
        own = [i for i, found in (await self._owners(ids)).items() if found == owner]
        for memory_id in own:
            await self._call(lambda mem0, memory_id=memory_id: mem0.delete(memory_id))  # type: ignore[misc]
        return len(own)

    async def clear(self, owner: Owner) -> int:
        def cleared(mem0: Any) -> int:
            chosen = mem0._create_filter(_of(owner))
            names = [c.name for c in mem0.client.get_collections().collections if c.name.startswith(self._family)]
            count = sum(mem0.client.count(name, count_filter=chosen).count for name in names)
            for name in names:
                mem0.client.delete(name, points_selector=chosen)
            return int(count)

        return await self._call(cleared)

    async def count(self, owner: Owner) -> int:
        def counted(mem0: Any) -> int:
            return int(mem0.client.count(self._name, count_filter=mem0._create_filter(_of(owner))).count)

        return await self._call(counted)

    async def close(self) -> None:
        if self._mem0 is not None:
            await asyncio.to_thread(self._mem0.client.close)
            self._mem0 = None

    async def _owners(self, ids: Sequence[str]) -> dict[str, str]:
        points = await self._call(lambda mem0: mem0.client.retrieve(self._name, ids=list(ids), with_payload=True))
        return {str(point.id): str(point.payload.get("user_id")) for point in points}

    async def _call(self, work: Callable[[Any], T]) -> T:
        from qdrant_client.http.exceptions import ApiException, ResponseHandlingException

        try:
            async with self._opening:
                if self._mem0 is None:
                    self._mem0 = await asyncio.to_thread(self._connect)
                if self._location == ":memory:":  # not made for several threads
                    return await asyncio.to_thread(work, self._mem0)
            return await asyncio.to_thread(work, self._mem0)
        except (ApiException, ResponseHandlingException, OSError) as error:
            if getattr(error, "status_code", None) in (401, 403):
                raise Misconfigured("QDRANT_API_KEY: must be a key that the server at QDRANT_URL accepts") from error
            raise Unavailable("the Qdrant server at QDRANT_URL cannot be reached", kind="memory") from error

    def _connect(self) -> Any:
        from qdrant_client import QdrantClient, models

        if self._location == ":memory:":
            client = QdrantClient(":memory:")
        else:
            client = QdrantClient(url=self._location, api_key=self._key, timeout=TIMEOUT_S, check_compatibility=False)
        made = mem0_import.vector_store(
            self._home,
            "qdrant",
            {"client": client, "collection_name": self._name, "embedding_model_dims": self._dimensions},
        )
        if self._location != ":memory:":
            client.create_payload_index(self._name, field_name="project", field_schema=models.PayloadSchemaType.KEYWORD)
        return made


def _of(owner: Owner) -> dict[str, Any]:
    # Never the bare value: mem0 reads "*" as "whoever", and "eq" as what it says.
    return {"user_id": {"eq": owner}}
