"""Messages on their way to Temporal: in the order in which they were typed, none lost without a word."""

import asyncio
from collections.abc import Awaitable, Callable

from adapters.cli.chat.order import QueuedTurn
from adapters.cli.session.session import Session
from adapters.cli.turns.follow import Frames
from clara.errors import ClaraError
from clara.messages import Incoming
from store import disk

REMEMBERED = 20
"""Messages taken back whose ids are kept, should the same be sent again."""


class _Withdrawn(Exception):
    """The person took the message back."""


class SendQueue:
    """Hands messages over one by one.

    ``accepted`` hears of each that was taken, ``refused`` of each that was not, with the reason, and
    ``tell`` gets sentences for the person while the stack does not answer.
    """

    def __init__(
        self,
        session: Session,
        frames: Frames,
        accepted: Callable[[QueuedTurn], None],
        refused: Callable[[QueuedTurn, str], Awaitable[None]],
        tell: Callable[[str], Awaitable[None]],
    ) -> None:
        self._session = session
        self._frames = frames
        self._accepted = accepted
        self._refused = refused
        self._tell = tell
        self._queue: asyncio.Queue[QueuedTurn] = asyncio.Queue()
        self._taken_back: dict[str, Incoming] = {}
        self._sending: QueuedTurn | None = None
        self.unsent: list[QueuedTurn] = []

    def put(self, text: str) -> QueuedTurn:
        """Queue a message; UserError if it cannot be one."""
        # Nobody can tell whether an attempt that got no answer arrived, so a repetition keeps its id.
        message = self._taken_back.pop(text, None) or self._session.message(text)
        sending = self._sending
        if sending is not None and sending.turn_id == message.turn_id:
            sending.withdrawn = False
            self.unsent.append(sending)
            return sending
        entry = QueuedTurn(message.turn_id, text, message)
        self.unsent.append(entry)
        self._queue.put_nowait(entry)
        return entry

    def withdraw(self) -> list[QueuedTurn]:
        """Take back everything that was not accepted so far."""
        taken, self.unsent = self.unsent, []
        for entry in taken:
            entry.withdrawn = True
            if entry.typed is not None and entry.message is not None:
                self._taken_back[entry.typed] = entry.message
        while len(self._taken_back) > REMEMBERED:
            del self._taken_back[next(iter(self._taken_back))]
        return taken

    async def run(self) -> None:
        while True:
            entry = await self._queue.get()
            if not entry.withdrawn:
                self._sending = entry
                await self._send(entry)
                self._sending = None

    async def _send(self, entry: QueuedTurn) -> None:
        assert entry.message is not None
        told = False

        async def on_trouble(problem: str) -> None:
            nonlocal told
            if entry.withdrawn:
                raise _Withdrawn
            if not told:
                told = True
                why = disk.shortage(self._session.settings.runtime.home) or ""
                await self._tell(
                    f"{problem}: your message is not accepted yet. I keep trying; Ctrl-C takes it back. {why}".rstrip()
                )

        self._frames.expect(entry.turn_id)
        try:
            await self._session.hand_over(entry.message, on_trouble)
        except _Withdrawn:
            return
        except ClaraError as error:
            if not entry.withdrawn:
                self.unsent.remove(entry)
                await self._refused(entry, str(error))
            return
        if entry.withdrawn:
            await self._tell("The message that you took back had already been accepted.")
        else:
            self.unsent.remove(entry)
            if told:
                await self._tell("Your message is accepted now.")
        self._accepted(entry)
