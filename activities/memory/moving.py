"""People who come over from mem0 or MyPalClara: what a source has, and how it becomes memories. And the way back."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from activities.memory.memories import Memories
from activities.memory.secrets import holds_secret
from activities.memory.sources.source import Source
from clara.errors import UserError
from clara.memory import mem0
from clara.memory.kinds import Owner, fingerprint
from clara.memory.mem0 import Arriving, Refusal
from store.memory import records
from store.memory.writing import Draft

BATCH = 100
"""Memories that are written at once, under their owner's lock."""

SHOWN = 10

People = Mapping[str | None, Owner]


@dataclass
class Survey:
    """What a source has, before anything of it is stored."""

    people: Counter[str | None] = field(default_factory=Counter)
    """How many memories may come, by the source's id of the person."""
    refused: Counter[Refusal] = field(default_factory=Counter)
    first: list[Arriving] = field(default_factory=list)
    """Some of those that would come."""

    def strangers(self, people: People) -> list[str | None]:
        """Whom ``people`` does not name, those with the most memories first."""
        return [user for user, _ in self.people.most_common() if user not in people]

    def missing(self, people: People) -> list[str | None]:
        """Whom ``people`` names and the source does not."""
        return [user for user in people if user not in self.people]


@dataclass
class Moved:
    """What an import has done so far."""

    new: int = 0
    known: int = 0
    demoted: int = 0
    """Key memories beyond the limit, which are ordinary ones now."""

    @property
    def total(self) -> int:
        return self.new + self.known


async def survey(source: Source, people: People) -> Survey:
    """Read a source from its beginning to its end. UserError or Unavailable where that cannot be done."""
    seen = Survey()
    async for found in _read(source):
        if not isinstance(found, Arriving):
            seen.refused[found] += 1
            continue
        seen.people[found.user] += 1
        if found.user in people and len(seen.first) < SHOWN:
            seen.first.append(found)
    return seen


async def bring(memories: Memories, source: Source, people: People) -> AsyncIterator[Moved]:
    """Keep the memories of those whom ``people`` names; yields how many after each batch.

    The words are the key: what was imported before, is known from elsewhere or was forgotten since stays as it
    is, so that an import may be ended at any time, repeated, and run twice at once.
    """
    moved = Moved()
    waiting: dict[Owner, list[Draft]] = {}
    async for found in _read(source):
        if not isinstance(found, Arriving) or found.user not in people:
            continue
        owner = people[found.user]
        batch = waiting.setdefault(owner, [])
        batch.append(_draft(found))
        if len(batch) >= BATCH:
            await _keep(memories, owner, waiting.pop(owner), moved)
            yield moved
    for owner, batch in waiting.items():
        await _keep(memories, owner, batch, moved)
        yield moved


async def _read(source: Source) -> AsyncIterator[Arriving | Refusal]:
    now = datetime.now(UTC)
    async with aclosing(source.items()) as items:
        async for item in items:
            yield mem0.arriving(item, now, holds_secret)


def _draft(found: Arriving) -> Draft:
    return Draft(
        text=found.text,
        dedupe_key=f"mem0 {fingerprint(found.text)} {found.project or ''}",
        origin="import",
        kind=found.kind,
        project=found.project,
        private=found.private,
        quoted=False,
        created_at=found.created_at,
        expires_at=found.expires_at,
    )


async def _keep(memories: Memories, owner: Owner, drafts: Sequence[Draft], moved: Moved) -> None:
    ordinary = []
    for draft in drafts:
        if draft.kind != "key":
            ordinary.append(draft)
            continue
        try:
            written = await memories.add(owner, [draft])
        except UserError:  # there are as many key memories as there may be
            ordinary.append(replace(draft, kind="user"))
            moved.demoted += 1
        else:
            moved.new += written[0].created
            moved.known += not written[0].created
    for one in await memories.add(owner, ordinary):
        moved.new += one.created
        moved.known += not one.created


async def exported(memories: Memories, owner: Owner) -> AsyncIterator[dict[str, Any]]:
    """A person's memories for mem0 and MyPalClara, oldest first; moods, which expire, stay here."""
    async for memory in records.lasting(memories.pool, owner):
        yield mem0.leaving(memory)
