"""Messages on their way: their order, and what happens while the stack does not take them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from adapters.cli.chat.send_queue import QueuedTurn, SendQueue
from adapters.cli.session.session import Session, open_session
from adapters.cli.turns.follow import Frames
from adapters.door import Door
from clara.errors import StackFault, UserError
from clara.messages import Incoming
from clara.settings import load
from store import disk
from tests.patience import PATIENCE_S


class Stack:
    """Stands in for what is behind ``Session.hand_over``, which the tests of the terminal use for real."""

    def __init__(self) -> None:
        self.up = asyncio.Event()
        self.taken: list[Incoming] = []
        self.refusal: str | None = None

    async def hand_over(self, message: Incoming, on_trouble: Callable[[str], Awaitable[None]]) -> None:
        while not self.up.is_set():
            await on_trouble("Temporal does not answer")
            await asyncio.sleep(0)
        if self.refusal:
            raise StackFault(self.refusal, "temporal")
        self.taken.append(message)


class Desk:
    def __init__(self) -> None:
        self.stack = Stack()
        self.accepted: list[QueuedTurn] = []
        self.refused: list[tuple[str | None, str]] = []
        self.told: list[str] = []
        real = open_session(load({}), cast(Door, None), "main", None)

        class Both:
            message, settings = real.message, real.settings
            hand_over = self.stack.hand_over

        self.send_queue = SendQueue(
            cast(Session, Both()), Frames(cast(Door, None), "cli"), self.accepted.append, self._refused, self._tell
        )

    async def _refused(self, entry: QueuedTurn, reason: str) -> None:
        self.refused.append((entry.typed, reason))

    async def _tell(self, sentence: str) -> None:
        self.told.append(sentence)


async def test_a_full_disk_is_told_with_what_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "free", lambda _: 3_000_000)
    desk = Desk()
    running = asyncio.create_task(desk.send_queue.run())
    try:
        desk.send_queue.put("hello")
        async with asyncio.timeout(PATIENCE_S):
            while not desk.told:
                await asyncio.sleep(0)
    finally:
        running.cancel()
    assert "Temporal does not answer" in desk.told[0]
    assert "The disk is full: 3 MB left" in desk.told[0]


@pytest.fixture
async def desk() -> Any:
    made = Desk()
    running = asyncio.create_task(made.send_queue.run())
    yield made
    running.cancel()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_messages_are_handed_over_in_order(desk: Desk) -> None:
    desk.stack.up.set()
    for text in ("one", "two", "three"):
        desk.send_queue.put(text)
    await settle()
    assert [message.text for message in desk.stack.taken] == ["one", "two", "three"]
    assert [entry.typed for entry in desk.accepted] == ["one", "two", "three"]
    assert desk.send_queue.unsent == []


async def test_a_stack_that_does_not_answer_is_told_once_and_loses_nothing(desk: Desk) -> None:
    desk.send_queue.put("one")
    desk.send_queue.put("two")
    await settle()
    assert len(desk.told) == 1
    assert "not accepted yet" in desk.told[0]
    desk.stack.up.set()
    await settle()
    assert [message.text for message in desk.stack.taken] == ["one", "two"]
    assert desk.told[1] == "Your message is accepted now."


async def test_what_is_taken_back_is_not_sent(desk: Desk) -> None:
    desk.send_queue.put("one")
    desk.send_queue.put("two")
    await settle()
    assert [entry.typed for entry in desk.send_queue.withdraw()] == ["one", "two"]
    desk.stack.up.set()
    await settle()
    # The first was under way already, and nobody can tell a lost request from a lost answer.
    assert [message.text for message in desk.stack.taken] in ([], ["one"])
    assert "two" not in [entry.typed for entry in desk.accepted]


async def test_the_same_words_again_are_the_same_message(desk: Desk) -> None:
    """It may have been accepted after all, and must not be answered twice."""
    first = desk.send_queue.put("one")
    await settle()
    desk.send_queue.withdraw()
    again = desk.send_queue.put("one")
    assert again.turn_id == first.turn_id
    desk.stack.up.set()
    await settle()
    assert [entry.turn_id for entry in desk.accepted] == [first.turn_id]
    assert desk.send_queue.put("one").turn_id != first.turn_id


async def test_a_refusal_for_good_gives_the_words_back(desk: Desk) -> None:
    desk.stack.refusal = "Temporal refused (permission_denied): no"
    desk.stack.up.set()
    desk.send_queue.put("one")
    await settle()
    assert desk.refused == [("one", "Temporal refused (permission_denied): no")]
    assert desk.send_queue.unsent == []


async def test_what_is_no_message_is_refused_at_once(desk: Desk) -> None:
    with pytest.raises(UserError):
        desk.send_queue.put("x" * 100_001)
    assert desk.send_queue.unsent == []
