"""The chat at a terminal: typing and answers at the same time."""

import asyncio
import signal
import time
from collections.abc import Coroutine

from adapters.cli.chat import history
from adapters.cli.chat.following import Following
from adapters.cli.chat.history import open_history
from adapters.cli.chat.order import Order, QueuedTurn
from adapters.cli.chat.send_queue import SendQueue
from adapters.cli.chat.stage import Stage
from adapters.cli.exit import TERMINATED, handling
from adapters.cli.render.pieces import Piece
from adapters.cli.render.printable import one_line
from adapters.cli.session import face
from adapters.cli.session.session import Session
from adapters.cli.session.typed import TypedCommand, TypedMessage, TypedMistake, read_line
from adapters.cli.turns.follow import Frames
from clara import phrases
from clara.errors import ClaraError, StackFault, UserError
from clara.memory.kinds import scope
from store import approvals

SECOND_INTERRUPT_S = 2.0


async def interactive(session: Session, frames: Frames) -> int:
    """Chat until the person leaves; returns the exit code."""
    return await _Chat(session, frames).run()


class _Chat:
    def __init__(self, session: Session, frames: Frames) -> None:
        self._session = session
        self._order = Order(frames.begun)
        runtime = session.settings.runtime
        owner = scope(session.user.id)
        self._history = open_history(runtime.home, owner, inherits=session.user.name == runtime.cli_user)
        self._stage = Stage(self._history, self, lambda: self._following.waiting)
        self._screen, self._preview, self._show = self._stage.screen, self._stage.preview, self._stage.show
        self._following = Following(session, frames, self._stage, self._order, self._aside)
        self._send_queue = SendQueue(session, frames, self._take, self._refuse, self._stage.warn)
        self._interrupted = float("-inf")
        self._asides: set[asyncio.Task[None]] = set()
        frames.overheard = self._following.hear

    async def run(self) -> int:
        await self._following.greet()
        with handling({signal.SIGTERM: lambda: self._screen.leave(TERMINATED)}):
            code = await self._converse()
        await self._part()
        return code

    async def _converse(self) -> int:
        try:
            async with asyncio.TaskGroup() as group:
                work = (self._send_queue.run(), self._following.run(), self._following.recover(), self._stage.animate())
                tasks = [group.create_task(each) for each in work]
                code = await self._screen.run()
                for task in (*tasks, *self._asides):
                    task.cancel()
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
        return code

    @property
    def _busy(self) -> bool:
        return self._following.current is not None or bool(self._order.entries)

    def submit(self, text: str) -> None:
        match read_line(text, self._busy or bool(self._following.parked)):
            case TypedMessage(words) if answer := phrases.answer(words):
                self._aside(self._answer(text, words, answer))
            case TypedMessage(words):
                self._say(text, words)
            case TypedCommand(face.QUIT):
                self._screen.leave(0)
            case TypedCommand("stop", "") if self._busy:
                self._stop()
            case TypedCommand() as command:
                self._aside(self._run(command))
            case TypedMistake(reason):
                self._aside(self._stage.warn(reason))

    def interrupt(self) -> None:
        """Ctrl-C: stop, or take back, or clear the line; twice within two seconds: leave."""
        now = time.monotonic()
        again, self._interrupted = now - self._interrupted < SECOND_INTERRUPT_S, now
        if again:
            self._screen.leave(0)
        elif self._busy or self._send_queue.unsent:
            self._stop()
        elif self._screen.typed:
            self._screen.clear()
        else:
            self._stage.hint("Ctrl-C again leaves")

    async def _answer(self, typed: str, words: str, answer: str) -> None:
        """A yes or a no is for what waits for one, if anything does; else it is a message as any other."""
        try:
            asked = await self._session.door.store(approvals.of_person, self._session.user.id, self._session.key.id)
        except StackFault:
            asked = []
        if asked:
            await self._run(TypedCommand(answer))
        else:
            self._say(typed, words)

    def _say(self, typed: str, words: str) -> None:
        try:
            entry = self._send_queue.put(words)
        except UserError as error:
            self._aside(self._show(Piece("person", one_line(typed, 200)), Piece("warning", str(error))))
            return
        self._order.put(entry)
        self._stage.move()

    def _stop(self) -> None:
        taken = self._send_queue.withdraw()
        if taken:
            self._order.drop(taken)
            self._screen.put_back("\n".join(entry.typed or "" for entry in taken))
        target = self._following.current or (self._order.entries[0] if self._order.entries else None)
        if target is not None:
            self._preview.stopping = True
            self._aside(self._stop_turn(target.turn_id))

    async def _stop_turn(self, turn_id: str) -> None:
        try:
            await self._session.stop(turn_id)
        except ClaraError as error:
            self._preview.stopping = False
            await self._stage.warn(f"Not stopped: {error}")

    async def _run(self, command: TypedCommand) -> None:
        try:
            wanted = face.secret_of(command.name, command.argument)
            secret = await self._screen.ask_secret(wanted) if wanted else ""
            if secret is None:
                raise UserError("Nothing was changed.")
            done = await face.run(self._session, command.name, command.argument, secret)
            words = Piece("words", done.text)
            if done.is_forgotten:
                history.forget(self._history)
        except ClaraError as error:
            words = Piece("warning", str(error))
        await self._show(Piece("person", f"/{command.name} {command.argument}".rstrip()), words)

    def _take(self, entry: QueuedTurn) -> None:
        self._order.accept(entry)
        self._stage.move()

    async def _refuse(self, entry: QueuedTurn, reason: str) -> None:
        """The message goes back to the prompt, and what was typed after it too: it belongs behind it."""
        taken = [entry, *self._send_queue.withdraw()]
        self._order.drop(taken)
        self._screen.put_back("\n".join(each.typed for each in taken if each.typed is not None))
        await self._stage.warn(f"Not accepted: {reason}")

    async def _part(self) -> None:
        unsent = [entry.typed for entry in self._send_queue.unsent if entry.typed]
        if unsent:
            await self._show(Piece("warning", "Not accepted, so not answered:"), *(Piece("words", t) for t in unsent))
        if self._following.current is not None or len(self._order.entries) > len(unsent):
            await self._show(Piece("note", "What I was asked is not lost: the answer is here when you come back."))

    def _aside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)
