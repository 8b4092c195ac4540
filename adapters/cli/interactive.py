"""The chat at a terminal: typing and answers at the same time."""

import asyncio
import signal
import time
from collections.abc import Coroutine

import psycopg
from temporalio.service import RPCError

from adapters.cli import commands, trouble
from adapters.cli.answer import Answer, Piece
from adapters.cli.app import TERMINATED
from adapters.cli.backlog import read_backlog, unfinished
from adapters.cli.banner import banner, reminder
from adapters.cli.commands import Command, Refused, Say, read_line
from adapters.cli.follow import Frames, Silence
from adapters.cli.history import open_history
from adapters.cli.live import Live
from adapters.cli.outbox import Entry, Outbox
from adapters.cli.printable import excerpt, one_line
from adapters.cli.screen import Screen
from adapters.cli.session import Session
from adapters.cli.typeset import typeset
from adapters.cli.watch import mark_shown, watch
from clara.errors import ClaraError, UserError
from store import conversations, turns
from store.turns import Turn

SECOND_INTERRUPT_S = 2.0
FRAME_S = 0.12
"""Between two drawings of a running turn."""

STATUS_PAUSE_S = 2.0

ECHO_CHARACTERS = 2_000
"""Of what the person said: a whole pasted file would push everything else off the screen."""


async def interactive(session: Session, frames: Frames) -> int:
    """Chat until the person leaves; returns the exit code."""
    return await _Chat(session, frames).run()


class _Chat:
    def __init__(self, session: Session, frames: Frames) -> None:
        self._session = session
        self._frames = frames
        self._outbox = Outbox(session, frames, self._take, self._refuse, self._note)
        self._accepted: asyncio.Queue[Entry] = asyncio.Queue()
        self._waiting: list[Entry] = []
        self._current: Entry | None = None
        self._known: set[str] = set()
        self._live = Live()
        self._screen = Screen(open_history(session.settings.runtime.home), self, self._draw)
        self._busy = asyncio.Event()
        self._last_kind = ""
        self._interrupted = float("-inf")
        self._asides: set[asyncio.Task[None]] = set()

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        await self._greet()
        loop.add_signal_handler(signal.SIGTERM, self._screen.leave, TERMINATED)
        try:
            async with asyncio.TaskGroup() as group:
                work = (self._outbox.run(), self._follow(), self._recover(), self._tick())
                tasks = [group.create_task(each) for each in work]
                code = await self._screen.run()
                for task in (*tasks, *self._asides):
                    task.cancel()
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
        finally:
            loop.remove_signal_handler(signal.SIGTERM)
        await self._part()
        return code

    # What the person does

    def submit(self, text: str) -> None:
        busy = self._current is not None or bool(self._waiting)
        match read_line(text, busy):
            case Say(said):
                self._say(text, said)
            case Command("quit"):
                self._screen.leave(0)
            case Command("stop") if busy:
                self._stop()
            case Command() as command:
                self._aside(self._run(command))
            case Refused(reason):
                self._aside(self._show(Piece("warning", reason)))

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
            self._hint("Ctrl-C again leaves")

    def _say(self, typed: str, said: str) -> None:
        try:
            entry = self._outbox.put(said)
        except UserError as error:
            self._aside(self._show(Piece("person", one_line(typed, 200)), Piece("warning", str(error))))
            return
        self._known.add(entry.turn_id)
        self._waiting.append(entry)
        self._busy.set()
        self._screen.redraw()

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
            await self._show(Piece("warning", f"Not stopped: {error}"))

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
        self._busy.set()

    async def _refuse(self, entry: Entry, reason: str) -> None:
        self._waiting.remove(entry)
        if entry.typed is not None:
            self._screen.put_back(entry.typed)
        await self._show(Piece("warning", f"Not accepted: {reason}"))

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
                await self._show(Piece("warning", str(error)))
            except psycopg.Error as error:
                await self._show(Piece("warning", str(trouble.as_unavailable(error))))
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
            turn = await turns.get(self._session.door.pool, entry.turn_id)
            words = turn.message.text if turn else None
        if words is not None:
            entry.introduced = True
            await self._show(Piece("person", excerpt(words, ECHO_CHARACTERS)))

    # What happened before

    async def _greet(self) -> None:
        session = self._session
        conversation = await conversations.get(session.door.pool, session.key)
        backlog = await read_backlog(session)
        await self._show(*banner(session.settings, conversation, session.key.channel.partition("/")[2]))
        await self._show(*reminder(backlog.past))
        await self._catch_up(backlog.unshown)

    async def _catch_up(self, unshown: list[Turn]) -> None:
        for turn in unshown:
            self._known.add(turn.id)
            answer = Answer().end(turn.status, turn.reply or "")
            await self._show(
                Piece("note", "Finished meanwhile:"),
                Piece("person", excerpt(turn.message.text, ECHO_CHARACTERS)),
                *answer,
            )
            await mark_shown(session=self._session, turn=turn)

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

    # The screen

    async def _note(self, sentence: str) -> None:
        await self._show(Piece("warning", sentence))

    async def _show(self, *pieces: Piece) -> None:
        for piece in pieces:
            together = piece.kind == self._last_kind == "tool"
            self._last_kind = piece.kind
            await self._screen.print(("" if together else "\n") + typeset(piece, self._screen.columns))

    def _draw(self, columns: int, rows: int) -> str:
        return self._live.draw(columns, rows, [entry.typed or "an earlier message" for entry in self._waiting])

    def _hint(self, words: str) -> None:
        def forget() -> None:
            self._live.hint = ""
            self._screen.redraw()

        self._live.hint = words
        asyncio.get_running_loop().call_later(SECOND_INTERRUPT_S, forget)

    async def _tick(self) -> None:
        """Draw as long as something moves."""
        while True:
            await self._busy.wait()
            self._screen.redraw()
            if self._current is None and not self._waiting:
                self._busy.clear()
            await asyncio.sleep(FRAME_S)

    def _aside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)
