"""Turns that are still to be shown, in the order in which they will be."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from clara.messages import Incoming


@dataclass(eq=False)
class QueuedTurn:
    """A turn that is to be shown."""

    turn_id: str
    typed: str | None
    """None: said in another chat; the store knows the words."""
    message: Incoming | None = None
    accepted: bool = False
    withdrawn: bool = False
    introduced: bool = False


class Order:
    """Turns are shown in the order in which they begin. ``begun`` tells it of each; infinity for one that has not."""

    def __init__(self, begun: Callable[[str], float]) -> None:
        self.entries: list[QueuedTurn] = []
        self.known: set[str] = set()
        """Ids of turns that are shown, or will be."""
        self._begun = begun
        self._changed = asyncio.Event()

    def put(self, entry: QueuedTurn) -> None:
        self.known.add(entry.turn_id)
        self.entries.append(entry)
        self._changed.set()

    def put_back(self, entry: QueuedTurn) -> None:
        """What was taken out too early."""
        self.entries.insert(0, entry)

    def accept(self, entry: QueuedTurn) -> None:
        entry.accepted = True
        if entry not in self.entries:
            self.put(entry)
        self._changed.set()

    def drop(self, entries: Iterable[QueuedTurn]) -> None:
        gone = list(entries)
        self.entries = [entry for entry in self.entries if entry not in gone]

    def overtaken(self, entry: QueuedTurn) -> bool:
        """Whether another one has begun before it."""
        first = self._first()
        return first is not None and self._begun(first.turn_id) < self._begun(entry.turn_id)

    async def next(self) -> QueuedTurn:
        """Take out the first that was accepted, as soon as there is one."""
        while (entry := self._first()) is None:
            self._changed.clear()
            await self._changed.wait()
        self.entries.remove(entry)
        return entry

    def _first(self) -> QueuedTurn | None:
        accepted = [entry for entry in self.entries if entry.accepted]
        return min(accepted, key=lambda entry: self._begun(entry.turn_id), default=None)

    @property
    def words(self) -> Sequence[str]:
        return [entry.typed or "another message" for entry in self.entries]
