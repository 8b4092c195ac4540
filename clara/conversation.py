"""The inbox of one conversation: order, no message twice, turns that wait aside, and a stop that is not lost."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, Field

from clara.messages import Incoming, Value

SEEN_LIMIT = 500
"""Message ids remembered; older ones are still refused by the id of their turn's workflow."""

WAITING_LIMIT = 2_500
"""Messages that may wait in one conversation: hours of answers, and a second to carry from run to run."""

WAITING_BYTES = 8 * 2**20
"""Of the messages that wait: the conversation's workflow holds them all in memory."""

UNREAD_BYTES = 16 * 2**20
"""Of a history that no worker has read yet. Temporal ends a workflow at 50 MB, and what waited in it is gone."""


class Stop(Value):
    """A wish to stop. Without ``message_id`` it means whatever is being answered."""

    message_id: str | None = None
    by: str = ""


class TurnReport(Value):
    """What a turn tells its conversation: it works, it waits for something outside, it has ended."""

    turn_id: str
    state: Literal["running", "waiting", "ended"]


class OpenTurn(BaseModel):
    """A turn that has begun and not ended."""

    message: Incoming
    state: Literal["running", "waiting", "resumed"] = "running"
    """The next message waits for a running turn. A resumed one had let it pass, and works beside it."""
    stopping: bool = False
    reports_end: bool = Field(
        True, description="False: it has to be asked to, once nobody sees any more that it closes"
    )

    @property
    def id(self) -> str:
        return self.message.turn_id


class ConversationStatus(Value):
    """What a conversation is doing, for people and for adapters that start anew."""

    running: str | None = Field(None, description="id of the turn that is being answered")
    waiting: tuple[str, ...] = Field((), description="ids of the turns that wait to be begun, in order")
    parked: tuple[str, ...] = Field((), description="ids of the turns that wait for something outside, oldest first")
    resumed: tuple[str, ...] = Field((), description="ids of the turns that have waited and are at work again")

    @property
    def is_idle(self) -> bool:
        """There is nothing that a stop could mean."""
        return not (self.running or self.waiting or self.parked or self.resumed)


class Inbox(BaseModel):
    """What a conversation's workflow carries from run to run; the transcript is not in it."""

    conversation_id: str
    queue: list[Incoming] = Field(default_factory=list)
    turns: list[OpenTurn] = Field(default_factory=list, description="begun and not ended, in their order")
    seen: list[str] = Field(default_factory=list)
    stops: list[str] = Field(default_factory=list, description="queued messages that are to be stopped")
    watches: bool = Field(
        False, description="sees its turns close, and has only those report their end that it will not see"
    )
    spared: list[str] = Field(default_factory=list, description="waited when the one at work was stopped")

    def push(self, message: Incoming) -> bool:
        """Queue a message; False if it was heard before."""
        if message.id in self.seen:
            return False
        self.seen = [*self.seen, message.id][-SEEN_LIMIT:]
        self.queue.append(message)
        return True

    @property
    def next(self) -> Incoming | None:
        """The message to begin now; none while another one is being answered."""
        return self.queue[0] if self.queue and self.running is None else None

    @property
    def running(self) -> OpenTurn | None:
        """The turn that the next message waits for."""
        return next((turn for turn in self.turns if turn.state == "running"), None)

    def begin(self) -> OpenTurn:
        """Take the next message out of the queue: its turn begins."""
        message = self.queue.pop(0)
        turn = OpenTurn(message=message, stopping=message.id in self.stops)
        self.stops = [message_id for message_id in self.stops if message_id != message.id]
        self.turns.append(turn)
        return turn

    def find(self, turn_id: str) -> OpenTurn | None:
        return next((turn for turn in self.turns if turn.id == turn_id), None)

    def report(self, report: TurnReport) -> None:
        """Take in what a turn says of itself."""
        turn = self.find(report.turn_id)
        if turn is None:
            return
        if report.state == "ended":
            self.turns.remove(turn)
        elif report.state == "waiting":
            turn.state = "waiting"
        elif turn.state == "waiting":
            turn.state = "resumed"

    def stop(self, wish: Stop) -> OpenTurn | None:
        """The turn to be cancelled now; a queued message that is meant is remembered until it begins.

        Without a name the wish means the turn at work. Where that one is being stopped already, it means
        a message that came since: whoever has read "Stopped." and speaks again means the new one, though
        the old turn may still be closing. Messages that waited at the first wish are spared by an
        impatient second. Where nothing is at work and nothing waits to begin, it means the newest turn
        that waits for something outside.
        """
        queued = [message.id for message in self.queue if message.id not in self.stops]
        if wish.message_id is not None:
            if wish.message_id in queued:
                self.stops.append(wish.message_id)
            return self._stop(turn for turn in self.turns if turn.message.id == wish.message_id)
        at_work = [turn for turn in self.turns if turn.state != "waiting"]
        if found := self._stop(reversed(at_work)):
            self.spared = queued
            return found
        wanted = [message_id for message_id in queued if message_id not in self.spared]
        if not at_work and wanted:
            self.spared = [message_id for message_id in queued if message_id != wanted[0]]
        if wanted or at_work:
            self.stops += wanted[:1]
            return None
        return self._stop(reversed(self.turns))

    def _stop(self, candidates: Iterable[OpenTurn]) -> OpenTurn | None:
        turn = next((turn for turn in candidates if not turn.stopping), None)
        if turn is not None:
            turn.stopping = True
        return turn

    @property
    def is_full(self) -> bool:
        """So much waits that no more should be accepted."""
        waiting = [*self.queue, *(turn.message for turn in self.turns)]
        return len(waiting) > WAITING_LIMIT or sum(map(size_of, waiting)) > WAITING_BYTES

    def status(self) -> ConversationStatus:
        running = self.running
        return ConversationStatus(
            running=running.id if running else None,
            waiting=tuple(message.turn_id for message in self.queue),
            parked=tuple(turn.id for turn in self.turns if turn.state == "waiting"),
            resumed=tuple(turn.id for turn in self.turns if turn.state == "resumed"),
        )


def size_of(message: Incoming) -> int:
    """Bytes of a message, nearly: what people wrote into it or quoted."""
    return len(message.text.encode()) + sum(len(quoted.text.encode()) for quoted in message.quoted) + 500
