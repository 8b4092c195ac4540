"""What every index of vectors looks like. It only proposes: the book of record decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from clara.errors import Misconfigured
from clara.memory.kinds import Owner


@dataclass(frozen=True)
class Entry:
    """A memory with its vector."""

    id: str
    text: str
    vector: list[float]
    project: str | None
    private: bool
    created_at: datetime

    def payload(self, owner: Owner) -> dict[str, Any]:
        """In mem0's own layout, so that whatever else reads mem0's tables finds its way.

        What may change later without a new vector, such as the kind, is not in it.
        """
        stamp = self.created_at.isoformat()
        return {
            "data": self.text,
            "text_lemmatized": self.text.casefold(),
            "user_id": owner,
            "project": self.project or "",
            "private": self.private,
            "created_at": stamp,
            "updated_at": stamp,
        }


def check_lengths(entries: Sequence[Entry], dimensions: int) -> None:
    """Raise Misconfigured for a vector that the collection cannot hold."""
    for entry in entries:
        if len(entry.vector) != dimensions:
            raise Misconfigured(
                f"EMBEDDINGS_DIMENSIONS: must be {len(entry.vector)}, the length of the vectors that the model "
                f"makes, not {dimensions}"
            )


@dataclass(frozen=True)
class Hit:
    """A memory that is near; ``score`` is the cosine similarity."""

    id: str
    score: float


@dataclass(frozen=True)
class Near:
    """What is looked for: of one person, of no project or of one of ``projects``, and only what may be said here."""

    owner: Owner
    vector: list[float]
    limit: int
    projects: tuple[str, ...] = ()
    open_only: bool = False


class Index(Protocol):
    """One collection: the vectors of one model, all of the same length.

    Faults of the world are raised as Unavailable, vectors of a wrong length as Misconfigured.
    """

    @property
    def name(self) -> str: ...

    async def warm(self) -> None:
        """Import and connect what is needed, so that the first turn does not wait for it."""
        ...

    async def put(self, owner: Owner, entries: Sequence[Entry]) -> None:
        """Write vectors, however often: one of the same id is replaced."""
        ...

    async def nearest(self, near: Near) -> list[Hit]:
        """The nearest ones, best first."""
        ...

    async def remove(self, owner: Owner, ids: Sequence[str]) -> int:
        """Remove some of this person's vectors, those of former models too; returns how many there were."""
        ...

    async def clear(self, owner: Owner) -> int:
        """Remove all of this person's vectors, those of former models too; returns how many there were."""
        ...

    async def count(self, owner: Owner) -> int: ...

    async def close(self) -> None: ...
