"""What people have answered that turns asked them, of every kind. A turn is told of each answer until it knows."""

from collections.abc import Sequence
from typing import Protocol

from store import approvals, plugin_questions
from store.database import Pool


class Answer(Protocol):
    """To a question about a tool call of a turn."""

    @property
    def id(self) -> str: ...

    @property
    def turn_id(self) -> str: ...

    @property
    def step(self) -> int: ...

    @property
    def call_id(self) -> str: ...


class Kind(Protocol):
    """A module of the store that keeps answers."""

    async def untold(self, pool: Pool, limit: int = 100) -> Sequence[Answer]:
        """Answers of which nobody has told the turn yet, oldest first."""

    async def mark_told(self, pool: Pool, ids: Sequence[str]) -> None: ...


KINDS: tuple[Kind, ...] = (approvals, plugin_questions)
