"""Turns that are still to be shown, in the order in which they will be."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clara.messages import Incoming


@dataclass(eq=False)
class Entry:
    """A turn that is to be shown."""

    turn_id: str
    typed: str | None
    """None: said in another chat; the store knows the words."""
    message: Incoming | None = None
    accepted: bool = False
    at_work: bool = False
    """It was heard to be at work, so it comes before whatever has not begun."""
    withdrawn: bool = False
    introduced: bool = False


class Order:
    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.known: set[str] = set()
        """Ids of turns that are shown, or will be."""
        self._changed = asyncio.Event()

    def put(self, entry: Entry) -> None:
        """Behind all others, or before those that have not begun if it is at work already."""
        self.known.add(entry.turn_id)
        if entry.at_work:
            self.put_back(entry)
        else:
            self.entries.append(entry)
        self._changed.set()

    def put_back(self, entry: Entry) -> None:
        """Behind those that are at work, before all others."""
        at_work = next((n for n, each in enumerate(self.entries) if not each.at_work), len(self.entries))
        self.entries.insert(at_work, entry)

    def accept(self, entry: Entry) -> None:
        entry.accepted = True
        if entry not in self.entries:
            self.put(entry)
        self._changed.set()

    def drop(self, entries: Iterable[Entry]) -> None:
        gone = list(entries)
        self.entries = [entry for entry in self.entries if entry not in gone]

    @property
    def overtakes(self) -> bool:
        """Whether one that is at work comes before one that has not begun."""
        return bool(self.entries) and self.entries[0].at_work

    async def next(self) -> Entry:
        """Take out the first that was accepted, as soon as there is one."""
        while (entry := next((each for each in self.entries if each.accepted), None)) is None:
            self._changed.clear()
            await self._changed.wait()
        self.entries.remove(entry)
        return entry

    @property
    def words(self) -> Sequence[str]:
        return [entry.typed or "another message" for entry in self.entries]
