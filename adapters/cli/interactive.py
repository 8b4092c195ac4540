"""The chat at a terminal: typing and answers at the same time."""

import asyncio
import logging
import signal
import time
from collections.abc import Coroutine

import psycopg
from temporalio.service import RPCError

from adapters.cli import commands, trouble
from adapters.cli.answer import Answer, Piece
from adapters.cli.app import TERMINATED
from adapters.cli.backlog import read_backlog, unfinished
from adapters.cli.banner import KEYS, banner, finished_meanwhile, reminder, said
from adapters.cli.calls import known_calls
from adapters.cli.commands import Command, Refused, Say, read_line
from adapters.cli.follow import Frames, Silence
from adapters.cli.history import open_history
from adapters.cli.leaving import handling
from adapters.cli.outbox import Entry, Outbox
from adapters.cli.printable import one_line
from adapters.cli.session import Session
from adapters.cli.stage import Stage
from adapters.cli.watch import mark_shown, watch
from clara.errors import ClaraError, UserError
from store import conversations, turns
from store.turns import Turn

log = logging.getLogger(__name__)

SECOND_INTERRUPT_S = 2.0
STATUS_PAUSE_S = 2.0


async def interactive(session: Session, frames: Frames) -> int:
    """Chat until the person leaves; returns the exit code."""
    return await _Chat(session, frames).run()


class _Chat:
    def __init__(self, session: Session, frames: Frames) -> None:
        self._session = session
        self._frames = frames
        self._accepted: asyncio.Queue[Entry] = asyncio.Queue()
        self._waiting: list[Entry] = []
        self._current: Entry | None = None
        self._known: set[str] = set()
        self._stage = Stage(open_history(session.settings.runtime.home), self, self._waiting_words)
        self._screen, self._live, self._show = self._stage.screen, self._stage.live, self._stage.show
        self._outbox = Outbox(session, frames, self._take, self._refuse, self._stage.warn)
        self._interrupted = float("-inf")
        self._asides: set[asyncio.Task[None]] = set()

    async def run(self) -> int:
        await self._greet()
        with handling({signal.SIGTERM: lambda: self._screen.leave(TERMINATED)}):
            code = await self._converse()
        await self._part()
        return code

    async def _converse(self) -> int:
        try:
            async with asyncio.TaskGroup() as group:
                work = (self._outbox.run(), self._follow(), self._recover(), self._stage.animate())
                tasks = [group.create_task(each) for each in work]
                code = await self._screen.run()
                for task in (*tasks, *self._asides):
                    task.cancel()
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
        return code

    # What the person does

    def submit(self, text: str) -> None:
        busy = self._current is not None or bool(self._waiting)
        match read_line(text, busy):
            case Say(words):
                self._say(text, words)
            case Command("quit"):
                self._screen.leave(0)
            case Command("stop") if busy:
                self._stop()
            case Command() as command:
                self._aside(self._run(command))
            case Refused(reason):
                self._aside(self._stage.warn(reason))

    def interrupt(self) -> None:
        """Ctrl-C: stop, or take back, or clear the line; twice within two seconds: leave."""
        now = time.monotonic()
        again, self._interrupted = now - self._interrupted < SECOND_INTERRUPT_S, now
        if again:
            self._screen.leave(0)
        elif self._current is not None or self._outbox.unsent or self._waiting:
            self._stop()
        elif self._screen.typed:
            self._screen.clear()
        else:
            self._stage.hint("Ctrl-C again leaves")

    def _say(self, typed: str, words: str) -> None:
        try:
            entry = self._outbox.put(words)
        except UserError as error:
            self._aside(self._show(Piece("person", one_line(typed, 200)), Piece("warning", str(error))))
            return
        self._known.add(entry.turn_id)
        self._waiting.append(entry)
        self._stage.move()

    def _stop(self) -> None:
        taken = self._outbox.withdraw()
        if taken:
            self._waiting = [entry for entry in self._waiting if entry not in taken]
            self._screen.put_back("\n".join(entry.typed or "" for entry in taken))
        target = self._current or (self._waiting[0] if self._waiting else None)
        if target is not None:
            self._live.stopping = True
            self._aside(self._stop_turn(target.turn_id))

    async def _stop_turn(self, turn_id: str) -> None:
        try:
            await self._session.stop(turn_id)
        except ClaraError as error:
            self._live.stopping = False
            await self._stage.warn(f"Not stopped: {error}")

    async def _run(self, command: Command) -> None:
        try:
            words = Piece("words", await commands.run(self._session, command))
        except ClaraError as error:
            words = Piece("warning", str(error))
        except (psycopg.Error, RPCError) as error:
            words = Piece("warning", str(trouble.as_unavailable(error)))
        await self._show(Piece("person", f"/{command.name} {command.argument}".rstrip()), words)

    # What becomes of what was said

    def _take(self, entry: Entry) -> None:
        if entry not in self._waiting:
            self._waiting.append(entry)
        self._accepted.put_nowait(entry)
        self._stage.move()

    async def _refuse(self, entry: Entry, reason: str) -> None:
        self._waiting.remove(entry)
        if entry.typed is not None:
            self._screen.put_back(entry.typed)
        await self._stage.warn(f"Not accepted: {reason}")

    async def _follow(self) -> None:
        while True:
            entry = await self._accepted.get()
            self._waiting.remove(entry)
            self._current = entry
            self._live.begin()
            try:
                await self._introduce(entry)
                await watch(self._session, self._frames, entry.turn_id, self)
            except ClaraError as error:
                await self._stage.warn(str(error))
            self._current = None
            self._live.end()
            self._screen.redraw()

    async def pieces(self, pieces: list[Piece]) -> None:
        entry = self._current
        if pieces and entry is not None:
            await self._introduce(entry)
        await self._show(*pieces)

    def state(self, answer: Answer, silence: Silence | None) -> None:
        self._live.state(answer, silence)

    async def _introduce(self, entry: Entry) -> None:
        """Show once what the person said; the words of an earlier chat are known when its turn has begun."""
        if entry.introduced:
            return
        words = entry.typed
        if words is None:
            words = await self._words(entry.turn_id)
        if words is not None:
            entry.introduced = True
            await self._show(said(words))

    async def _words(self, turn_id: str) -> str | None:
        try:
            turn = await turns.get(self._session.door.pool, turn_id)
        except psycopg.Error as error:
            log.info("what was said in %s is not known yet: %s", turn_id, error)
            return None
        return turn.message.text if turn else None

    def _waiting_words(self) -> list[str]:
        return [entry.typed or "an earlier message" for entry in self._waiting]

    # What happened before

    async def _greet(self) -> None:
        conversation = await conversations.get(self._session.door.pool, self._session.key)
        backlog = await read_backlog(self._session)
        await self._show(*banner(self._session.settings, conversation, KEYS), *reminder(backlog.past))
        await self._catch_up(backlog.unshown)

    async def _catch_up(self, unshown: list[Turn]) -> None:
        for turn in unshown:
            self._known.add(turn.id)
            calls = await known_calls(self._session.door.pool, turn.id)
            await self._show(*finished_meanwhile(turn, calls or ()))
            await mark_shown(self._session, turn)

    async def _recover(self) -> None:
        """Follow what an earlier chat left behind, as soon as a worker tells what that is."""
        status = await self._session.status()
        while status is None:
            await asyncio.sleep(STATUS_PAUSE_S)
            status = await self._session.status()
        try:
            backlog = await read_backlog(self._session)
        except psycopg.Error:
            return
        for turn_id in unfinished(status):
            if turn_id not in self._known:
                self._known.add(turn_id)
                self._frames.expect(turn_id)
                self._take(Entry(turn_id, None))
        await self._catch_up([turn for turn in backlog.unshown if turn.id not in self._known])

    async def _part(self) -> None:
        unsent = [entry.typed for entry in self._outbox.unsent if entry.typed]
        if unsent:
            await self._show(Piece("warning", "Not accepted, so not answered:"), *(Piece("words", t) for t in unsent))
        if self._current is not None or len(self._waiting) > len(unsent):
            await self._show(Piece("note", "What I was asked is not lost: the answer is here when you come back."))

    def _aside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)
