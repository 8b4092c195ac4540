"""How many questions are answered by what a turn is given, within its budget of tokens."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.memory.memories import Memories
from activities.memory.recalling import recall_for
from benchmarks.memory.questions.asked import Asked
from benchmarks.memory.questions.life import life
from benchmarks.memory.questions.sixty import SIXTY
from clara.memory.kinds import fingerprint, scope
from clara.memory.recall import RecallRequest
from store.memory.writing import Draft

BUDGET_TOKENS = 1_200
"""MEMORY_CONTEXT_TOKENS where it is not set."""

FIRST = 5
TIMEOUT_S = 30.0

SIZES = ((60, 60), (100, 60), (600, 60), (600, 600))
"""Memories, and questions asked of them."""


async def measure(memories: Memories, run: str, plain: bool = False) -> list[dict[str, Any]]:
    """One row a size. ``plain``: sentences alone, without readings and keywords."""
    rows = []
    for size, questions in SIZES:
        user = f"cli:asked-{run}-{size}-{questions}"
        everything = life()
        others = random.Random(1).sample(everything[len(SIXTY) :], size - len(SIXTY))
        kept = [*SIXTY, *others]
        await _tell(memories, user, kept, plain)
        given = first = 0
        for asked in (everything if questions > len(SIXTY) else SIXTY)[:questions]:
            request = RecallRequest(turn_id="bench", user_id=user, query=asked.question, private=True)
            items, _ = await recall_for(memories, request, BUDGET_TOKENS, TIMEOUT_S)
            texts = [item.text for item in items]
            given += asked.said in texts
            first += asked.said in texts[:FIRST]
        rows.append({"memories": size, "questions": questions, "given": given, f"among the first {FIRST}": first})
    return rows


async def _tell(memories: Memories, user: str, kept: Sequence[Asked], plain: bool) -> None:
    told = random.Random(2).sample(list(kept), len(kept))
    now = datetime.now(UTC)
    drafts = [
        Draft(
            text=each.said,
            dedupe_key=f"bench {fingerprint(each.said)}",
            origin="conversation",
            reading=None if plain else each.reading,
            keywords=() if plain else each.keywords,
            created_at=now - timedelta(hours=7 * number),
        )
        for number, each in enumerate(told)
    ]
    await memories.add(scope(user), drafts)
