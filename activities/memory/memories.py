"""The memories of people: the book of record, its index of vectors and its graph, kept in step.

Order matters where two stores must agree. Written: book, then index; deleted: book, then index. The
book is what counts, so a crash between the two leaves at worst a memory that is found by its words and
not yet by its meaning, and the workflow that re-indexes finishes the work.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from activities.memory.embedding import Embedder
from activities.memory.graph import Graph
from clara.errors import ClaraError, Misconfigured, UserError
from clara.memory.kinds import KEY_LIMIT, Memory, Owner
from clara.memory.ranking import fuse
from store.database import Pool
from store.memory import forgetting, indexing, records, removals, requests, search, writing
from store.memory.forgetting import Said
from store.memory.index import Entry, Index, Near
from store.memory.removals import Removal
from store.memory.search import Place
from store.memory.writing import Draft, Written
from temporal.processes.logs import told

log = logging.getLogger(__name__)

WORDS_ONLY = (
    "Memories are found by their words only. To find them by their meaning too, set EMBEDDINGS_PROVIDER "
    "(openai, ollama or local) or the key of a provider that offers embeddings."
)


@dataclass(frozen=True)
class Space:
    """An embedding model, and the index of its vectors. ``refused`` notes that its provider offers it no longer."""

    embedder: Embedder
    index: Index
    refused: Callable[[Misconfigured], Awaitable[None]] | None = None


class Memories:
    """Everything that is done with memories, for the person who is named in each call.

    ``embedder`` is None where memories are found by their words only. ``index`` is there all the same: former
    models have left vectors in it, which are to be forgotten too.
    """

    def __init__(
        self,
        pool: Pool,
        index: Index,
        embedder: Embedder | None,
        graph: Graph | None = None,
        home: Path | None = None,
    ) -> None:
        """``home`` is CLARA_HOME, where that is known: files of people are below it."""
        self.pool = pool
        self.graph = graph
        self.home = home
        self.index = index
        self.space = Space(embedder, index) if embedder else None
        self.reasons: list[str] = []
        """Why no configured provider offers embeddings, one line each."""
        self._former: list[Space | Index] = []

    def use(self, space: Space | None) -> None:
        """From now on this model. What is under way goes on with the one that it began with."""
        if self.space is not None:
            self._former.append(self.space)
        elif space is not None:
            self._former.append(self.index)
        self.space = space
        if space is not None:
            self.index = space.index

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
        """Put those of ``ids`` into the index that are not in it, or not as they are now.

        They are kept and found by their words already; so what fails here is left to the re-indexing.
        """
        space = self.space
        if space is None:
            return
        try:
            missing = await indexing.missing(self.pool, owner, ids, space.index.name)
            if missing:
                vectors = await self.embed(space, [embedded(each) for each in missing])
                await self.put(space, owner, missing, vectors)
        except ClaraError as error:
            log.warning("%d memories have no vectors yet: %s", len(ids), told(error))

    async def embed(self, space: Space, texts: Sequence[str]) -> list[list[float]]:
        """One vector for each text; Unavailable or Misconfigured. A provider that refuses is not asked again."""
        try:
            return await space.embedder.embed(texts)
        except Misconfigured as error:
            if space.refused:
                await space.refused(error)
                if self.space is space:
                    self.use(None)
            raise

    async def put(self, space: Space, owner: Owner, memories: Sequence[Memory], vectors: Sequence[list[float]]) -> None:
        """Write vectors, then note in the book that they are there."""
        await space.index.put(
            owner,
            [
                Entry(m.id, m.text, v, m.project, m.private, m.created_at)
                for m, v in zip(memories, vectors, strict=True)
            ],
        )
        done = await indexing.mark(self.pool, owner, [(m.id, m.private) for m in memories], space.index.name)
        if gone := [m.id for m in memories if m.id not in done]:
            await space.index.remove(owner, gone)  # forgotten while the vector was on its way

    async def search(self, place: Place, query: str, limit: int) -> list[Memory]:
        """The memories that are nearest to ``query`` by words and, where that can be had, by meaning; best first."""
        query = search.searchable(query)
        by_words = await search.by_words(self.pool, place, query, limit)
        near: list[Memory] = []
        if self.space and query.strip():
            try:
                vector = (await self.embed(self.space, [query]))[0]
                near = [memory for memory, _ in await self.nearest(self.space, place, vector, limit)]
            except ClaraError as error:
                log.warning("memories of %s were searched by words only: %s", place.owner, told(error))
        return merged(near, by_words)[:limit]

    async def nearest(self, space: Space, place: Place, vector: list[float], limit: int) -> list[tuple[Memory, float]]:
        """The nearest memories with their cosine similarity. The index proposes them, and the book decides."""
        hits = await space.index.nearest(Near(place.owner, vector, limit, place.projects, place.open_only))
        scores = {hit.id: hit.score for hit in hits}
        memories = await records.chosen(self.pool, place.owner, list(scores), place.open_only, place.projects)
        return [(memory, scores[memory.id]) for memory in memories]

    async def forget(self, owner: Owner, memory_id: str) -> tuple[Memory | None, list[Said]]:
        """Forget a memory, its former versions, their vectors and relations.

        Returns what it was, and the messages that still hold its words. None for one that was forgotten just
        now: an attempt that repeats it finishes what the first one has begun.
        """
        try:
            memory = await records.find(self.pool, owner, memory_id, ended=True)
        except UserError:
            begun = await removals.of(self.pool, owner, records.digits(memory_id))
            if not begun:
                raise
            await self.remove(begun)
            return None, []
        gone = await forgetting.forget(self.pool, owner, memory.id)
        await self.index.remove(owner, [wiped.id for wiped in gone.wiped])
        for wiped in gone.wiped:
            await self._unrelate(owner, wiped.turn_id, wiped.text, wiped.reading)
        await removals.done(self.pool, [wiped.id for wiped in gone.wiped])
        return memory, gone.messages

    async def remove(self, left: Sequence[Removal]) -> None:
        """Remove what forgotten memories have left outside of the book. May be repeated."""
        for each in left:
            await self.index.remove(each.owner, [each.memory_id])
            if self.graph and each.turn_id and not each.removed:
                # Its words are gone, so all goes that was learned from the same message.
                await self.graph.forget(each.owner, each.turn_id, None)
            await removals.done(self.pool, [each.memory_id])

    async def take_back(self, owner: Owner, memory: Memory, restored: Sequence[str]) -> None:
        """Bring index and graph in step with a book in which ``memory`` was taken back. May be repeated."""
        await self.index.remove(owner, [memory.id])
        await self.index_missing(owner, restored)
        await self._unrelate(owner, memory.turn_id, memory.text, memory.reading)

    async def _unrelate(self, owner: Owner, turn_id: str | None, text: str, reading: str | None) -> None:
        if self.graph and turn_id:
            await self.graph.forget(owner, turn_id, f"{text} {reading or ''}")

    async def close(self) -> None:
        indexes = [self.index]
        for each in (self.space, *self._former):
            if isinstance(each, Space):
                await each.embedder.close()
                indexes.append(each.index)
            elif each is not None:
                indexes.append(each)
        for index in dict.fromkeys(indexes):
            await index.close()
        if self.graph:
            await self.graph.close()


def embedded(memory: Memory) -> str:
    """What the vector of a memory is made of."""
    return f"{memory.text}\n{memory.reading}" if memory.reading else memory.text


def merged(*rankings: Sequence[Memory]) -> list[Memory]:
    """Several rankings as one, each memory once."""
    known = {memory.id: memory for ranking in rankings for memory in ranking}
    return [known[memory_id] for memory_id in fuse(*([memory.id for memory in ranking] for ranking in rankings))]
