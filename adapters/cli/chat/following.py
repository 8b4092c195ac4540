"""The turns of a conversation as a chat shows them: its own, those of other windows, and what is known later."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence

from adapters.cli.chat.order import Order, QueuedTurn
from adapters.cli.chat.stage import Stage
from adapters.cli.render.pieces import Piece
from adapters.cli.session.session import Session
from adapters.cli.turns.answer_view import AnswerView
from adapters.cli.turns.backlog import Backlog, read_backlog, unfinished
from adapters.cli.turns.banner import KEYS, banner, begun, corrected, finished_meanwhile, news, reminder, said
from adapters.cli.turns.calls import known_calls
from adapters.cli.turns.downloads import receive, receive_missed
from adapters.cli.turns.follow import Frames, Silence, look
from adapters.cli.turns.news import News
from adapters.cli.turns.watch import Overtaken, mark_shown, watch
from clara.errors import ClaraError, StackFault
from clara.messages import Incoming
from clara.stream import Frame
from store import conversations
from store.turns import turns
from store.turns.turns import Turn

log = logging.getLogger(__name__)

STATUS_PAUSE_S = 2.0
MISSED = 50
"""Turns that are looked for after listening was interrupted."""


class Following:
    """Shows one turn after the other. ``aside`` runs what nobody waits for."""

    def __init__(
        self,
        session: Session,
        frames: Frames,
        stage: Stage,
        order: Order,
        aside: Callable[[Coroutine[None, None, None]], None],
    ) -> None:
        self._session = session
        self._frames = frames
        self._stage = stage
        self._order = order
        self._aside = aside
        self._news = News(session)
        self._corrections: list[Frame] = []
        self._position = 0
        self._greeted = False
        self.current: QueuedTurn | None = None
        self.parked: set[str] = set()
        """Turns that wait for something outside; what is said next is answered meanwhile."""

    async def run(self) -> None:
        """Show what is to be shown, for ever."""
        while True:
            self.current = entry = await self._order.next()
            self._stage.preview.begin()
            try:
                self._let_pass(entry, await look(self._session.door, entry.turn_id))
                turn = await watch(self._session, self._frames, entry.turn_id, self)
                await self._after(entry, turn)
            except Overtaken:
                self._frames.expect(entry.turn_id)
                self._order.put_back(entry)
            except ClaraError as error:
                await self._stage.warn(str(error))
            self.current = None
            self._stage.preview.end()
            self._stage.screen.redraw()

    async def _after(self, entry: QueuedTurn, turn: Turn | None) -> None:
        if turn is None:
            self.parked.add(entry.turn_id)
            return
        self.parked.discard(entry.turn_id)
        self._position = max(self._position, turn.position)
        heard, self._corrections = self._corrections, []
        for frame in heard:
            if not _holds(turn, frame):
                await self._correct(frame)

    # Where a turn is shown

    async def pieces(self, pieces: list[Piece]) -> None:
        entry = self.current
        if entry is not None and not entry.introduced:
            if self._order.overtaken(entry):
                raise Overtaken
            await self._introduce(entry)
        await self._stage.show(*pieces)

    def state(self, answer: AnswerView, silence: Silence | None) -> None:
        self._stage.preview.state(answer, silence)
        if silence is not None and self.current is not None:
            self._let_pass(self.current, silence)

    def _let_pass(self, entry: QueuedTurn, silence: Silence) -> None:
        """Raise Overtaken where another turn is at work and this one has not begun."""
        if silence.turn is not None:
            self._frames.note(entry.turn_id)
            return
        if silence.before is not None and silence.before not in self._order.known:
            self._take(silence.before)
        if self._order.overtaken(entry):
            raise Overtaken

    @property
    def waiting(self) -> Sequence[str]:
        """What was said and has not begun to be answered."""
        begins = self.current
        first = [begins.typed] if begins and begins.typed and not begins.introduced else []
        return [*first, *self._order.words]

    async def _introduce(self, entry: QueuedTurn) -> None:
        """Show once what the person said, now that its turn has begun."""
        if entry.typed is not None:
            beginning = said(entry.typed)
        elif message := await self._message(entry.turn_id):
            beginning = begun(message)
        else:
            return
        entry.introduced = True
        await self._stage.show(beginning)

    async def _message(self, turn_id: str) -> Incoming | None:
        try:
            turn = await self._session.door.store(turns.get, turn_id)
        except StackFault as error:
            log.info("what was said in %s is not known yet: %s", turn_id, error)
            return None
        return turn.message if turn else None

    # What is heard that was not said here

    def hear(self, frame: Frame | None) -> None:
        """A frame of a turn that is not followed; None: it was not listened for a while."""
        if frame is None:
            if self._greeted:
                self._aside(self._look_around())
        elif frame.conversation != self._session.key.id:
            return
        elif frame.kind == "message":
            if self._greeted:  # else it is found among those that were missed
                self._aside(self._tell(frame.turn))
        elif frame.kind == "correction":
            if self.current is not None and self.current.turn_id == frame.turn:
                self._corrections.append(frame)
            else:
                self._aside(self._correct(frame))
        elif frame.kind == "waiting":
            self.parked.add(frame.turn)
        elif frame.turn in self.parked or frame.turn not in self._order.known:
            self.parked.discard(frame.turn)
            self._take(frame.turn)

    def _take(self, turn_id: str) -> None:
        """A turn that was begun elsewhere."""
        self._frames.note(turn_id)
        self._frames.expect(turn_id)
        self._order.put(QueuedTurn(turn_id, None, accepted=True))
        self._stage.move()

    async def _correct(self, frame: Frame) -> None:
        message = await self._message(frame.turn)
        await self._stage.show(*corrected(message.text if message else "", frame.text))
        await mark_shown(self._session, frame.turn)

    async def _tell(self, id: str) -> None:
        if kept := await self._news.heard(id):
            await self._stage.show(*news(kept, missed=False))
            await self._news.mark_shown(kept)

    async def _tell_missed(self) -> None:
        for kept in await self._news.missed():
            await self._stage.show(*news(kept, missed=True))
            await self._news.mark_shown(kept)

    async def _look_around(self) -> None:
        """Find what began, ended or was told while nothing could be heard."""
        await self._tell_missed()
        try:
            found = await self._session.door.store(turns.recent, self._session.key, MISSED, after=self._position)
        except StackFault as error:
            log.info("what was missed is not known: %s", error)
            return
        for turn in found:
            self._position = max(self._position, turn.position)
            if turn.id not in self._order.known:
                self._take(turn.id)

    # What happened before

    async def greet(self) -> None:
        conversation = await self._session.door.store(conversations.get, self._session.key)
        backlog = await read_backlog(self._session)
        await self._stage.show(*banner(self._session.settings, conversation, KEYS), *reminder(backlog.past))
        await self._catch_up(backlog)
        newest = await self._session.door.store(turns.recent, self._session.key, 1)
        self._position = max((turn.position for turn in newest if turn.status != "running"), default=0)
        self._greeted = True
        await self._tell_missed()
        await self._stage.show(*(each.piece for each in await receive_missed(self._session)))

    async def _catch_up(self, backlog: Backlog) -> None:
        for turn in backlog.unshown:
            if turn.id in self._order.known:
                continue
            self._order.known.add(turn.id)
            calls = await known_calls(self._session.door, turn.id)
            await self._stage.show(*finished_meanwhile(turn, calls or (), backlog.corrections.get(turn.id, "")))
            await self._stage.show(*(each.piece for each in await receive(self._session, turn.id)))
            await mark_shown(self._session, turn.id)

    async def recover(self) -> None:
        """Take up what another chat left behind, as soon as a worker tells what that is."""
        status = await self._session.status()
        while status is None:
            await asyncio.sleep(STATUS_PAUSE_S)
            status = await self._session.status()
        try:
            backlog = await read_backlog(self._session)
        except StackFault as error:
            log.info("what happened meanwhile is not known: %s", error)
            return
        self.parked |= {*status.parked} - self._order.known
        for turn_id in unfinished(status):
            if turn_id not in self._order.known:
                self._frames.expect(turn_id)
                self._order.put(QueuedTurn(turn_id, None, accepted=True))
                self._stage.move()
        await self._catch_up(backlog)


def _holds(turn: Turn, frame: Frame) -> bool:
    """Whether the reply that was shown says already what the frame adds; a frame's text may be cut at its end."""
    return frame.text[:200] in (turn.reply or "")
