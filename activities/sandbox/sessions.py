"""Python sessions: one for each conversation, which keeps its variables from one call to the next."""

import asyncio
import base64
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from activities.sandbox.backend import Backend, Command, Process, Stream
from activities.sandbox.inside import program
from activities.sandbox.running import PROGRESS_S, Show, endless, late, nobody
from clara.errors import ClaraError, Unavailable
from clara.files import media_type_of
from clara.sandbox.output import Output

GRACE_S = 2.0
"""An interrupted piece may end within this, as with Ctrl-C; then the session is killed."""

STOP_GRACE_S = 0.5
"""The same where the person said stop, who waits for it."""

AHEAD = 8
LONGEST_ANSWER = 100 * 2**20
"""Bytes of one answer: that of some pictures."""

MOST_FIGURES = 8
MOST_FORGED = 1_000
"""Lines that are no answer, because code has written them, before a piece is ended."""

FORGED = "It wrote to the channel of its own session and was ended."

BEGIN_S = 30.0

START = ("python3", "-u", "-c", program("session"))


@dataclass(frozen=True)
class Piece:
    """How one piece of code ended."""

    output: str
    ok: bool = False
    figures: tuple[bytes, ...] = ()
    """Pictures (PNG) of what was drawn and left open."""
    ended: str = ""
    """Why it was ended, as a sentence for the model; empty where it ended by itself."""


@dataclass(frozen=True)
class Answer:
    """What a session says of a piece."""

    ok: bool
    figures: tuple[bytes, ...]


class Session:
    """One Python process. Its pieces run one after the other; ``alive`` says whether its variables are still there."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._heard: asyncio.Queue[tuple[Stream, bytes] | None] = asyncio.Queue(AHEAD)
        self._answers = bytearray()
        self._forged = 0
        self._pump = asyncio.create_task(self._listen(), name="listening to a Python session")
        self._number = 0
        self.lock = asyncio.Lock()

    @property
    def alive(self) -> bool:
        return not self._pump.done()

    @classmethod
    async def begin(cls, backend: Backend, box: str, command: Command) -> "Session":
        """``command`` is ``START``, perhaps with what goes before it."""
        session = cls(await backend.spawn(box, command))
        said = b""
        try:
            async with asyncio.timeout(BEGIN_S):
                while (heard := await session._heard.get()) is not None:
                    if heard[0] == "out" and session._answer(heard[1]) is not None:
                        return session
                    said = (said + heard[1])[-300:]
                await session._died()
        except TimeoutError:
            await session.kill()
            raise Unavailable(f"Python did not start in the sandbox within {BEGIN_S:g} s.", "timeout") from None
        except BaseException:
            await asyncio.shield(session.kill())
            raise
        raise Unavailable(f"Python does not start in the sandbox: {said.decode('utf-8', 'replace')}")

    async def run(self, code: str, seconds: float, show: Show = nobody) -> Piece:
        """Run a piece. At its time limit, and where it is cancelled, it is interrupted; what goes on then is killed."""
        self._number += 1
        self._forged = 0
        mark = secrets.token_hex(16)
        output = Output()
        too_much: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        listening = asyncio.create_task(self._collect(output, mark.encode(), too_much, show))
        sending = asyncio.create_task(self._send({"run": self._number, "code": code, "end": mark}))
        ended = ""
        try:
            either: list[asyncio.Future[Any]] = [listening, too_much]
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                answer = listening.result()
                ended = "" if answer else await self._died()
            else:
                ended = too_much.result() if too_much.done() else late(seconds)
                answer = await self._finish(listening, GRACE_S)
        except asyncio.CancelledError:
            await asyncio.shield(self._finish(listening, STOP_GRACE_S))
            raise
        except BaseException:
            await asyncio.shield(self.kill())  # whatever it was, the code may not go on
            raise
        finally:
            too_much.cancel()
            sending.cancel()
        if ended:
            ended += " Variables are still there." if self.alive else " All variables are gone; files stay."
        return Piece(output.text, bool(answer and answer.ok) and not ended, answer.figures if answer else (), ended)

    async def kill(self) -> None:
        self._pump.cancel()
        await asyncio.wait([self._pump])
        await self._process.kill()

    async def _finish(self, listening: asyncio.Task[Answer | None], grace: float) -> Answer | None:
        """Interrupt what runs; where it goes on, kill it with the session."""
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._send({"interrupt": self._number})
        done, _ = await asyncio.wait([listening], timeout=grace)
        if done and (answer := listening.result()) is not None:
            return answer
        await self.kill()
        listening.cancel()
        await asyncio.wait([listening])
        return None

    async def _died(self) -> str:
        """Why it says nothing any more."""
        try:
            async with asyncio.timeout(GRACE_S):
                code = await self._process.wait()
        except TimeoutError:
            return "It closed the channels of its session and was ended."
        finally:
            await self.kill()
        return self._process.verdict or f"The Python process ended (exit code {code})."

    async def _send(self, request: dict[str, object]) -> None:
        with suppress(BrokenPipeError):  # it has ended, which listening to it shows
            await self._process.write(json.dumps(request).encode() + b"\n")

    async def _listen(self) -> None:
        with suppress(ClaraError):  # waiting for the process raises it again, to who asked for the piece
            async with aclosing(self._process.output()) as written:
                async for heard in written:
                    await self._heard.put(heard)
        await self._heard.put(None)

    async def _collect(self, output: Output, mark: bytes, too_much: asyncio.Future[str], show: Show) -> Answer | None:
        """Until the piece is answered and all that it wrote has come; None where the process ended."""
        answer: Answer | None = None
        held = b""
        """The newest bytes, where the mark may begin in them."""
        marked, next_show, shown = False, 0.0, ""
        clock = asyncio.get_running_loop().time
        try:
            while answer is None or not marked:
                heard = await self._heard.get()
                if heard is None:
                    return None
                if heard[0] == "out":
                    answer = self._answer(heard[1]) or answer
                    if self._forged > MOST_FORGED and not too_much.done():
                        too_much.set_result(FORGED)
                    continue
                before, found, after = (held + heard[1]).partition(mark)
                marked = marked or bool(found)
                cut = len(before) - (0 if found else _beginning(before, mark))
                output.add(before[:cut])
                held = before[cut:] + after
                if output.endless and not too_much.done():
                    too_much.set_result(endless())
                if clock() >= next_show and (line := output.last_line) and line != shown:
                    await show(line)
                    shown, next_show = line, clock() + PROGRESS_S
            return answer
        finally:
            output.add(held)

    def _answer(self, data: bytes) -> Answer | None:
        """The answer, once it is there as a whole. What is none, because code has written to it, is passed over."""
        if self._forged > MOST_FORGED:
            return None
        self._answers += data
        if len(self._answers) > LONGEST_ANSWER:
            self._forged = MOST_FORGED + 1
        if b"\n" not in data:
            return None
        *lines, rest = self._answers.split(b"\n")
        self._answers = bytearray(rest)
        for line in lines[:MOST_FORGED]:
            try:
                said = _Said.model_validate_json(line)
            except ValueError:
                said = _Said()
            if said.done == self._number:
                return Answer(said.ok, tuple(_pictures(said.figures)))
            self._forged += 1
        return None


class _Said(BaseModel):
    """A line of a session. It may be anything, because code can write there too."""

    done: int | None = None
    ok: bool = False
    figures: list[str] = []


def _pictures(figures: Sequence[str]) -> Iterator[bytes]:
    for figure in figures[:MOST_FIGURES]:
        with suppress(ValueError):
            data = base64.b64decode(figure, validate=True)
            if media_type_of(data) == "image/png":
                yield data


def _beginning(text: bytes, mark: bytes) -> int:
    """How many bytes at the end of ``text`` may be the beginning of the mark."""
    return next((size for size in range(min(len(text), len(mark) - 1), 0, -1) if text.endswith(mark[:size])), 0)
