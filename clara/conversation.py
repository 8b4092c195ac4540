"""The inbox of one conversation: order, no message twice, and a stop that is not lost."""

from pydantic import BaseModel, Field

from clara.messages import Incoming, Value

SEEN_LIMIT = 500
"""Message ids remembered; older ones are still refused by the id of their turn's workflow."""


class Stop(Value):
    """A wish to stop. Without ``message_id`` it means whatever is being answered."""

    message_id: str | None = None
    by: str = ""


class ConversationStatus(Value):
    """What a conversation is doing, for people and for adapters that start anew."""

    running: str | None = Field(None, description="id of the turn that is being answered")
    waiting: tuple[str, ...] = Field((), description="ids of the turns that wait, in order")


class Inbox(BaseModel):
    """What a conversation's workflow carries from run to run; the transcript is not in it."""

    conversation_id: str
    queue: list[Incoming] = Field(default_factory=list)
    seen: list[str] = Field(default_factory=list)
    stops: list[str] = Field(default_factory=list, description="queued messages that are to be stopped")
    spared: list[str] = Field(default_factory=list, description="waited when the head was stopped")

    def push(self, message: Incoming) -> bool:
        """Queue a message; False if it was heard before."""
        if message.id in self.seen:
            return False
        self.seen = [*self.seen, message.id][-SEEN_LIMIT:]
        self.queue.append(message)
        return True

    @property
    def head(self) -> Incoming | None:
        """The message being answered, or next to be."""
        return self.queue[0] if self.queue else None

    def pop(self) -> None:
        """The head has been dealt with."""
        done = self.queue.pop(0)
        self.stops = [message_id for message_id in self.stops if message_id != done.id]

    def stop(self, wish: Stop) -> None:
        """Remember which message is to be stopped: the named one if it is here, else the head.

        Where the head is being stopped already, a wish without a name means a message that came
        since: whoever has read "Stopped." and speaks again means the new one, though the old turn
        may still be closing. Messages that waited at the first wish are spared by an impatient second.
        """
        waiting = [m.id for m in self.queue if m.id not in self.stops]
        if wish.message_id is not None:
            wanted = [wish.message_id] if wish.message_id in waiting else []
        elif self.head is not None and not self.is_stopped(self.head):
            wanted, self.spared = waiting, waiting[1:]
        else:
            wanted = [message_id for message_id in waiting if message_id not in self.spared]
        self.stops += wanted[:1]

    def is_stopped(self, message: Incoming) -> bool:
        return message.id in self.stops

    def status(self, running: bool) -> ConversationStatus:
        turns = [message.turn_id for message in self.queue]
        return ConversationStatus(
            running=turns[0] if running and turns else None,
            waiting=tuple(turns[1:] if running else turns),
        )
