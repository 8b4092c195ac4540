"""A chat without a screen: one message a line, replies in order, nothing else on standard output."""

import asyncio
import logging
import sys
import time
from collections.abc import Coroutine

import click

from adapters.cli.exit import FAILED, interruptible
from adapters.cli.once.lines import Lines
from adapters.cli.once.output import Quiet, tell_files
from adapters.cli.render.printable import one_line, printable
from adapters.cli.session import face
from adapters.cli.session.session import Session
from adapters.cli.session.typed import Typed, TypedCommand, TypedMessage, TypedMistake, read_line
from adapters.cli.turns.backlog import read_backlog, unfinished
from adapters.cli.turns.banner import about, banner, news
from adapters.cli.turns.downloads import receive, receive_missed
from adapters.cli.turns.follow import Frames
from adapters.cli.turns.news import News
from adapters.cli.turns.outages import Patience
from adapters.cli.turns.watch import mark_shown, watch
from clara.errors import ClaraError, StackFault, UserError
from clara.stream import Frame
from store import conversations
from store.notices import KeptNotice
from store.turns import turns
from store.turns.turns import Turn

log = logging.getLogger(__name__)

SECOND_INTERRUPT_S = 2.0


async def plain(session: Session, frames: Frames) -> int:
    """Answer every line of standard input; 1 if an answer failed or could not be had, else 0."""
    chat = _Plain(session, frames)
    return await interruptible(chat.run(), chat.interrupt)


class _Plain:
    def __init__(self, session: Session, frames: Frames) -> None:
        self._session = session
        self._frames = frames
        self._lines = Lines()
        self._running: str | None = None
        self._interrupted = float("-inf")
        self._asides: set[asyncio.Task[None]] = set()
        self._parked: set[str] = set()
        self._news = News(session)
        self._corrections: list[Frame] = []
        frames.overheard = self._hear
        self._code = 0
        self._silent = True

    async def run(self) -> int:
        if sys.stdin.isatty():
            await self._greet()
        await self._catch_up()
        while (line := await self._lines.take()) is not None:
            action = read_line(line, busy=False)
            if action == TypedCommand(face.QUIT):
                break
            try:
                await self._do(action)
            except ClaraError as error:
                self._code = FAILED
                click.echo(printable(str(error)), err=True)
        return self._code

    async def _do(self, action: Typed | None) -> None:
        match action:
            case TypedMessage(text):
                message = self._session.message(text)
                self._frames.expect(message.turn_id)
                await self._session.hand_over(message, Patience().not_accepted)
                await self._watch(message.turn_id)
            case TypedCommand():
                await self._run(action)
            case TypedMistake(reason):
                click.echo(printable(reason), err=True)

    async def _run(self, command: TypedCommand) -> None:
        try:
            words = (await face.run(self._session, command.name, command.argument)).text
        except UserError as error:
            words = printable(str(error))  # a command that is not as it should be leaves no message unanswered
        click.echo(words.expandtabs(face.TAB), err=True)

    async def _greet(self) -> None:
        """Somebody sits at a terminal that cannot draw."""
        conversation = await self._session.door.store(conversations.get, self._session.key)
        for piece in banner(self._session.settings, conversation):
            click.echo(piece.text, err=True)
        for kept in await self._news.missed():
            await self._tell(kept, missed=True)

    async def _catch_up(self) -> None:
        """Print what ended unseen, then wait for what still runs or waits."""
        status = await self._session.status()
        backlog = await read_backlog(self._session)
        for turn in backlog.unshown:
            correction = backlog.corrections.get(turn.id)
            if correction:
                self._print_correction(turn.message.text, correction)
            else:
                click.echo(f"(finished meanwhile: {one_line(turn.message.text, 60)})", err=True)
                self._print(turn)
            await self._receive(turn.id)
            await mark_shown(self._session, turn.id)
        tell_files(each.piece for each in await receive_missed(self._session))
        ended = {turn.id for turn in backlog.unshown}
        for turn_id in unfinished(status) if status else ():
            if turn_id not in ended:
                await self._watch(turn_id)

    async def _watch(self, turn_id: str) -> None:
        self._running = turn_id
        listening = asyncio.create_task(self._heed_stop())
        try:
            turn = await watch(self._session, self._frames, turn_id, Quiet())
        finally:
            listening.cancel()
            self._running = None
        if turn is None:
            self._parked.add(turn_id)
            click.echo("(it waits for something outside; the next message is answered meanwhile)", err=True)
            return
        self._print(turn)
        heard, self._corrections = self._corrections, []
        for frame in heard:
            if frame.text[:200] not in (turn.reply or ""):
                await self._correct(frame)

    def _hear(self, frame: Frame | None) -> None:
        """News of turns that are not followed: those that waited, and what is known later of others."""
        if frame is None or frame.conversation != self._session.key.id:
            return
        if frame.kind == "message":
            if sys.stdin.isatty():  # else a program reads this, and a person finds it when they open a chat
                self._aside(self._tell_heard(frame.turn))
        elif frame.kind == "correction" and frame.turn == self._running:
            self._corrections.append(frame)
        elif frame.kind == "correction":
            self._aside(self._correct(frame))
        elif frame.kind == "end" and frame.turn in self._parked:
            self._parked.discard(frame.turn)
            self._aside(self._print_late(frame.turn))

    async def _tell_heard(self, id: str) -> None:
        if kept := await self._news.heard(id):
            await self._tell(kept, missed=False)

    async def _tell(self, kept: KeptNotice, missed: bool) -> None:
        for piece in news(kept, missed):
            click.echo(piece.text, err=True)
        await self._news.mark_shown(kept)

    async def _correct(self, frame: Frame) -> None:
        turn = await self._turn(frame.turn)
        self._print_correction(turn.message.text if turn else "", frame.text)
        await mark_shown(self._session, frame.turn)

    async def _turn(self, turn_id: str) -> Turn | None:
        try:
            return await self._session.door.store(turns.get, turn_id)
        except StackFault as error:
            log.info("%s cannot be read: %s", turn_id, error)
            return None

    async def _print_late(self, turn_id: str) -> None:
        turn = await self._turn(turn_id)
        if turn is not None:  # else it is shown when the conversation is opened again
            click.echo(f"(finished meanwhile: {one_line(turn.message.text, 60)})", err=True)
            self._print(turn)
            await self._receive(turn_id)
            await mark_shown(self._session, turn_id)

    async def _receive(self, turn_id: str) -> None:
        tell_files(each.piece for each in await receive(self._session, turn_id))

    async def _heed_stop(self) -> None:
        """Look at the lines to come while they are wishes to stop; others wait for their turn."""
        while (line := await self._lines.peek()) is not None:
            if read_line(line, busy=True) != TypedCommand("stop"):
                return
            await self._lines.take()
            self._stop()

    def interrupt(self) -> bool:
        """Ctrl-C: stop what runs; leave if nothing does, or if this is the second within two seconds."""
        now = time.monotonic()
        again, self._interrupted = now - self._interrupted < SECOND_INTERRUPT_S, now
        if self._running is None or again:
            return False
        self._stop()
        return True

    def _stop(self) -> None:
        self._aside(self._stop_turn(self._running))

    def _aside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def _stop_turn(self, turn_id: str | None) -> None:
        try:
            await self._session.stop(turn_id)
        except ClaraError as error:
            click.echo(printable(str(error)), err=True)

    def _print_correction(self, words: str, correction: str) -> None:
        click.echo(f"({about(words)}, more is known now)", err=True)
        click.echo(f"{'' if self._silent else chr(10)}{printable(correction)}")
        self._silent = False

    def _print(self, turn: Turn) -> None:
        if not self._silent:
            click.echo()
        self._silent = False
        click.echo(printable(turn.reply or ""))
        if turn.status == "failed":
            self._code = FAILED
