"""What a turn is given of its person's memories: in bounded time, whatever is slow or down."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import TypeVar

from activities.memory.memories import Memories
from clara.errors import ClaraError
from clara.memory import recall
from clara.memory.kinds import KEY_LIMIT, Memory, Owner, project_name, scope
from clara.memory.recall import Recalled, RecallOutcome, RecallRequest
from store.memory import indexing, lessons, preferences, records
from temporal.logs import told

log = logging.getLogger(__name__)

RELATIONS = 8
"""Relations that one turn is given."""

FRESH = 10
"""Memories that are not in the index yet, and are given to the turn whatever they say."""

T = TypeVar("T")


async def recall_for(
    memories: Memories, request: RecallRequest, budget_tokens: int, timeout: float
) -> tuple[list[Recalled], str]:
    """The memories for a turn, and in plain words what could not be searched.

    Key memories and moods come from the book; what is near comes by similarity and may fail or be
    late, and then the turn has the rest. Raises Unavailable if the book itself cannot be read.
    """
    owner = scope(request.user_id)
    open_only = not request.private and not await preferences.shares_private(memories.pool, owner)
    keys, moods, fresh, near, relations = await asyncio.gather(
        records.newest(memories.pool, owner, ["key"], KEY_LIMIT, open_only),
        records.newest(memories.pool, owner, ["emotional"], recall.MOODS, open_only),
        indexing.not_yet(memories.pool, owner, memories.index.name, FRESH, open_only, project_name(request.project)),
        _bounded(_near(memories, owner, request, open_only), timeout, request.turn_id, "similar memories"),
        _bounded(_relations(memories, owner, request, open_only), timeout, request.turn_id, "relations"),
    )
    missing = [name for name, found in (("similar memories", near), ("relations", relations)) if found is None]
    notice = f"My memory is incomplete just now: {' and '.join(missing)} could not be searched." if missing else ""
    return recall.select(keys, [*(near or []), *fresh], moods, relations or [], budget_tokens), notice


async def _near(memories: Memories, owner: Owner, request: RecallRequest, open_only: bool) -> list[Memory]:
    if not request.query.strip():
        return []
    found = await memories.search(owner, request.query, recall.NEAREST, project_name(request.project), open_only)
    return [each.memory for each in found]


async def _relations(memories: Memories, owner: Owner, request: RecallRequest, open_only: bool) -> list[str]:
    if memories.graph is None:
        return []
    return await memories.graph.near(owner, request.query, RELATIONS, project_name(request.project), open_only)


async def _bounded(work: Awaitable[T], timeout: float, turn_id: str, what: str) -> T | None:
    try:
        async with asyncio.timeout(timeout):
            return await work
    except TimeoutError:
        log.warning("turn %s: %s took longer than %g s and were left out", turn_id, what, timeout)
    except ClaraError as error:
        log.warning("turn %s: %s were left out: %s", turn_id, what, told(error))
    return None


async def recall_and_keep(
    memories: Memories, request: RecallRequest, budget_tokens: int, timeout: float
) -> RecallOutcome:
    """Recall, and keep what was found for every step of the turn."""
    items, notice = await recall_for(memories, request, budget_tokens, timeout)
    return await lessons.keep_recall(memories.pool, request.turn_id, scope(request.user_id), items, notice)
