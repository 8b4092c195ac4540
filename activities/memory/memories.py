"""The memories of people: the book of record, its index of vectors and its graph, kept in step.

Order matters where two stores must agree. Written: book, then index; deleted: book, then index. The
book is what counts, so a crash between the two leaves at worst a memory that is found by list and
not yet by similarity, and the next attempt, or ``reindex``, finishes the work.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from activities.memory.embedding import Embedder, embedder
from activities.memory.graph import Graph, graph
from clara.memory.kinds import KEY_LIMIT, Memory, Owner
from clara.settings import Settings
from store.database import Pool
from store.memory import indexing, records, writing
from store.memory.index import Entry, Index, Near
from store.memory.opening import open_index
from store.memory.writing import Draft, Written


@dataclass(frozen=True)
class Found:
    """A memory and how near it is to what was asked, from 0 to 1."""

    memory: Memory
    score: float


class Memories:
    """Everything that is done with memories, for the person who is named in each call."""

    def __init__(self, pool: Pool, index: Index, embedder: Embedder, graph: Graph | None = None) -> None:
        self.pool = pool
        self.index = index
        self.embedder = embedder
        self.graph = graph

    async def add(self, owner: Owner, drafts: Sequence[Draft]) -> list[Written]:
        """Keep memories, each once, and make them findable. UserError where there are too many key ones."""
        async with self.pool.connection() as connection, connection.transaction():
            await writing.lock(connection, owner)
            written = []
            for draft in drafts:
                if draft.kind == "key":
                    await writing.check_keys(connection, owner, KEY_LIMIT)
                written.append(await writing.write(connection, owner, draft))
        await self.index_missing(owner, [w.id for w in written if w.active])
        return written

    async def index_missing(self, owner: Owner, ids: Sequence[str]) -> None:
        """Put those of ``ids`` into the index that are not in it, or not as they are now."""
        missing = await indexing.missing(self.pool, owner, ids, self.index.name)
        if not missing:
            return
        vectors = await self.embedder.embed([memory.text for memory in missing])
        await self.put(owner, missing, vectors)

    async def put(self, owner: Owner, memories: Sequence[Memory], vectors: Sequence[list[float]]) -> None:
        """Write vectors, then note in the book that they are there."""
        await self.index.put(
            owner,
            [
                Entry(m.id, m.text, v, m.project, m.private, m.created_at)
                for m, v in zip(memories, vectors, strict=True)
            ],
        )
        await indexing.mark(self.pool, owner, [(m.id, m.private) for m in memories], self.index.name)

    async def search(
        self, owner: Owner, query: str, limit: int, project: str | None = None, open_only: bool = False
    ) -> list[Found]:
        """The memories nearest to ``query``, best first."""
        vector = (await self.embedder.embed([query]))[0]
        return await self.nearest(owner, vector, limit, project, open_only)

    async def search_projects(
        self, owner: Owner, query: str, limit: int, projects: Sequence[str | None], open_only: bool = False
    ) -> list[Found]:
        """As ``search``, over several projects; those of no project are among them."""
        vector = (await self.embedder.embed([query]))[0]
        best = {
            found.memory.id: found
            for project in projects
            for found in await self.nearest(owner, vector, limit, project, open_only)
        }
        return sorted(best.values(), key=lambda found: found.score, reverse=True)[:limit]

    async def nearest(
        self, owner: Owner, vector: list[float], limit: int, project: str | None = None, open_only: bool = False
    ) -> list[Found]:
        hits = await self.index.nearest(Near(owner, vector, limit, project, open_only))
        near = {hit.id: hit.score for hit in hits if hit.score >= self.embedder.floor}
        memories = await records.chosen(self.pool, owner, list(near), open_only, project)
        return [Found(memory, near[memory.id]) for memory in memories]

    async def forget(self, owner: Owner, memory_id: str) -> Memory:
        """Forget a memory, its former versions, its vector and its relations; returns what it was."""
        memory = await records.find(self.pool, owner, memory_id)
        gone = await writing.forget(self.pool, owner, memory.id)
        await self.index.remove(owner, gone)
        if self.graph and memory.turn_id:
            await self.graph.forget(owner, memory.turn_id, f"{memory.text} {memory.reading or ''}")
        return memory

    async def close(self) -> None:
        await self.embedder.close()
        if self.graph:
            await self.graph.close()


@asynccontextmanager
async def open_memories(settings: Settings, pool: Pool) -> AsyncIterator[Memories]:
    """Memories as the settings want them. Nothing is connected or imported before it is used."""
    async with open_index(settings) as index:
        home = settings.runtime.home
        memories = Memories(pool, index, embedder(settings.memory, home), graph(settings.memory, home))
        try:
            yield memories
        finally:
            await memories.close()
