"""What a turn is given of its person's memories: in bounded time, whatever is slow or down."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Literal, TypeVar

from activities.memory.memories import Memories, Space, merged
from clara.errors import ClaraError
from clara.memory import recall
from clara.memory.kinds import Memory, project_name, scope
from clara.memory.recall import Recalled, RecallOutcome, RecallRequest
from store.memory import lessons, search
from store.memory.search import Place
from temporal.processes.logs import told

log = logging.getLogger(__name__)

RELATIONS = 8
"""Relations that one turn is given."""

T = TypeVar("T")


async def recall_for(
    memories: Memories, request: RecallRequest, budget_tokens: int, timeout: float
) -> tuple[list[Recalled], str]:
    """The memories for a turn, and in plain words what could not be searched.

    The book is read in one statement: key memories, moods, what shares words with the message, and the newest.
    What is near in meaning may fail or be late, and then the turn has the rest. Raises Unavailable if the book
    itself cannot be read.
    """
    owner = scope(request.user_id)
    project = project_name(request.project)
    projects = (project,) if project else ()
    query = search.searchable(request.query)
    deadline = asyncio.get_running_loop().time() + timeout
    embedding = asyncio.ensure_future(_bounded(_vector(memories, query), deadline, request.turn_id, "similar memories"))
    try:
        asked = Place(owner, projects, open_only=not request.private, by_preference=True)
        book = await search.for_turn(memories.pool, asked, query, recall.NEAREST, recall.newest_within(budget_tokens))
        place = Place(owner, projects, book.open_only)
        near, relations = await asyncio.gather(
            _bounded(_near(memories, place, embedding), deadline, request.turn_id, "similar memories"),
            _bounded(_relations(memories, place, project, query), deadline, request.turn_id, "relations"),
        )
    finally:
        embedding.cancel()
    missing = [name for name, found in (("similar memories", near), ("relations", relations)) if found is None]
    notice = f"My memory is incomplete just now: {' and '.join(missing)} could not be searched." if missing else ""
    found = merged(near or [], book.found)[: recall.NEAREST]
    return recall.select(book.keys, found, book.moods, relations or [], book.newest, budget_tokens), notice


Embedded = tuple[Space, list[float]]


async def _vector(memories: Memories, query: str) -> Embedded | Literal["none"]:
    space = memories.space
    if space is None or not query.strip():
        return "none"
    return space, (await memories.embed(space, [query]))[0]


async def _near(
    memories: Memories, place: Place, embedding: "asyncio.Future[Embedded | Literal['none'] | None]"
) -> list[Memory] | None:
    found = await embedding
    if found is None or found == "none":
        return None if found is None else []
    space, vector = found
    return [memory for memory, _ in await memories.nearest(space, place, vector, recall.NEAREST)]


async def _relations(memories: Memories, place: Place, project: str | None, query: str) -> list[str]:
    if memories.graph is None:
        return []
    return await memories.graph.near(place.owner, query, RELATIONS, project, place.open_only)


async def _bounded(work: Awaitable[T], deadline: float, turn_id: str, what: str) -> T | None:
    try:
        async with asyncio.timeout_at(deadline):
            return await work
    except TimeoutError:
        log.warning("turn %s: %s took too long and were left out", turn_id, what)
    except ClaraError as error:
        log.warning("turn %s: %s were left out: %s", turn_id, what, told(error))
    return None


async def recall_and_keep(
    memories: Memories, request: RecallRequest, budget_tokens: int, timeout: float
) -> RecallOutcome:
    """Recall, and keep what was found for every step of the turn."""
    items, notice = await recall_for(memories, request, budget_tokens, timeout)
    return await lessons.keep_recall(memories.pool, request.turn_id, scope(request.user_id), items, notice)
