"""The memories of people: the book of record, its index of vectors and its graph, kept in step.

Order matters where two stores must agree. Written: book, then index; deleted: book, then index. The
book is what counts, so a crash between the two leaves at worst a memory that is found by list and
not yet by similarity, and the next attempt, or ``reindex``, finishes the work.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from activities.memory.embedding import Embedder, embedder
from activities.memory.graph import Graph, graph
from clara.errors import UserError
from clara.memory.kinds import KEY_LIMIT, Memory, Owner
from clara.settings import Settings
from store.database import Pool
from store.memory import forgetting, indexing, records, requests, writing
from store.memory.forgetting import Said
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

    def __init__(
        self, pool: Pool, index: Index, embedder: Embedder, graph: Graph | None = None, home: Path | None = None
    ) -> None:
        """``home`` is CLARA_HOME, where that is known: files of people are below it."""
        self.pool = pool
        self.index = index
        self.embedder = embedder
        self.graph = graph
        self.home = home

    async def add(self, owner: Owner, drafts: Sequence[Draft], request: str | None = None) -> list[Written]:
        """Keep memories, each once, and make them findable.

        UserError where there are too many key ones, and where the turn or the ``request`` that asks for one
        was forgotten meanwhile.
        """
        async with self.pool.connection() as connection, connection.transaction():
            await writing.lock(connection, owner)
            if request and await requests.find(connection, request, owner) is None:
                raise UserError("What you asked for was forgotten meanwhile.")
            for turn_id in {draft.turn_id for draft in drafts if draft.turn_id}:
                if not await writing.lock_turn(connection, owner, turn_id):
                    raise UserError("The message that asks for this was forgotten meanwhile.")
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
        there = await indexing.mark(self.pool, owner, [(m.id, m.private) for m in memories], self.index.name)
        if gone := [memory.id for memory in memories if memory.id not in there]:
            await self.index.remove(owner, gone)  # forgotten while the vector was on its way

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

    async def forget(self, owner: Owner, memory_id: str) -> tuple[Memory, list[Said]]:
        """Forget a memory, its former versions, their vectors and relations.

        Returns what it was, and the messages that still hold its words.
        """
        memory = await records.find(self.pool, owner, memory_id, ended=True)
        gone = await forgetting.forget(self.pool, owner, memory.id)
        await self.index.remove(owner, [wiped.id for wiped in gone.wiped])
        for wiped in gone.wiped:
            await self._unrelate(owner, wiped.turn_id, wiped.text, wiped.reading)
        return memory, gone.messages

    async def take_back(self, owner: Owner, memory: Memory, restored: Sequence[str]) -> None:
        """Bring index and graph in step with a book in which ``memory`` was taken back. May be repeated."""
        await self.index.remove(owner, [memory.id])
        await self.index_missing(owner, restored)
        await self._unrelate(owner, memory.turn_id, memory.text, memory.reading)

    async def _unrelate(self, owner: Owner, turn_id: str | None, text: str, reading: str | None) -> None:
        if self.graph and turn_id:
            await self.graph.forget(owner, turn_id, f"{text} {reading or ''}")

    async def close(self) -> None:
        await self.embedder.close()
        if self.graph:
            await self.graph.close()


@asynccontextmanager
async def open_memories(settings: Settings, pool: Pool) -> AsyncIterator[Memories]:
    """Memories as the settings want them. Nothing is connected or imported before it is used."""
    async with open_index(settings) as index:
        home = settings.runtime.home
        memories = Memories(pool, index, embedder(settings.memory, home), graph(settings.memory, home), home)
        try:
            yield memories
        finally:
            await memories.close()
