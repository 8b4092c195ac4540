"""Python sessions: one for each conversation, which keeps its variables from one call to the next."""

import asyncio
import base64
import json
import secrets
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TypedDict

from activities.sandbox.backend import Backend, Command, Process, Stream
from activities.sandbox.inside import program
from activities.sandbox.running import PROGRESS_S, Show, endless, late, nobody
from clara.errors import ClaraError, Unavailable
from clara.sandbox.output import Output

GRACE_S = 2.0
"""An interrupted piece may end within this, as with Ctrl-C; then the session is killed."""

STOP_GRACE_S = 0.5
"""The same where the person said stop, who waits for it."""

AHEAD = 8
LONGEST_ANSWER = 100 * 2**20
"""Bytes of one answer: that of some pictures."""

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


class Session:
    """One Python process. Its pieces run one after the other; ``alive`` says whether its variables are still there."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._heard: asyncio.Queue[tuple[Stream, bytes] | None] = asyncio.Queue(AHEAD)
        self._answers = bytearray()
        self._pump = asyncio.create_task(self._listen(), name="listening to a Python session")
        self._number = 0
        self.alive = True
        self.lock = asyncio.Lock()

    @classmethod
    async def begin(cls, backend: Backend, box: str, command: Command) -> "Session":
        """``command`` is ``START``, perhaps with what goes before it."""
        session = cls(await backend.spawn(box, command))
        try:
            async with asyncio.timeout(BEGIN_S):
                said = b""
                while (heard := await session._heard.get()) is not None:
                    if heard[0] == "out" and session._answer(heard[1]) is not None:
                        return session
                    said += heard[1]
            await session._died()
            raise Unavailable(f"Python does not start in the sandbox: {said[-300:].decode('utf-8', 'replace')}")
        except BaseException:
            await asyncio.shield(session.kill())
            raise

    async def run(self, code: str, seconds: float, show: Show = nobody) -> Piece:
        """Run a piece. At its time limit, and where it is cancelled, it is interrupted; what goes on then is killed."""
        self._number += 1
        mark = secrets.token_hex(16)
        output, overflow = Output(), asyncio.Event()
        listening = asyncio.create_task(self._collect(output, mark.encode(), overflow, show))
        overflowing = asyncio.create_task(overflow.wait())
        ended = ""
        try:
            await self._send({"run": self._number, "code": code, "end": mark})
            await asyncio.wait([listening, overflowing], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                answer = listening.result()
                ended = "" if answer else await self._died()
            else:
                ended = endless() if overflow.is_set() else late(seconds)
                answer = await self._finish(listening, GRACE_S)
        except asyncio.CancelledError:
            await asyncio.shield(self._finish(listening, STOP_GRACE_S))
            raise
        finally:
            overflowing.cancel()
        if ended:
            ended += " Variables are still there." if self.alive else " All variables are gone; files stay."
        figures = tuple(map(base64.b64decode, answer["figures"])) if answer else ()
        return Piece(output.text, bool(answer and answer["ok"]) and not ended, figures, ended)

    async def kill(self) -> None:
        self.alive = False
        self._pump.cancel()
        await asyncio.wait([self._pump])
        await self._process.kill()

    async def _finish(self, listening: "asyncio.Task[Answer | None]", grace: float) -> "Answer | None":
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
        try:
            code = await self._process.wait()
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

    async def _collect(self, output: Output, mark: bytes, overflow: asyncio.Event, show: Show) -> "Answer | None":
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
                    continue
                before, found, after = (held + heard[1]).partition(mark)
                marked = marked or bool(found)
                cut = len(before) - (0 if found else _beginning(before, mark))
                output.add(before[:cut])
                held = before[cut:] + after
                if output.endless:
                    overflow.set()
                if clock() >= next_show and (line := output.last_line) and line != shown:
                    await show(line)
                    shown, next_show = line, clock() + PROGRESS_S
            return answer
        finally:
            output.add(held)

    def _answer(self, data: bytes) -> "Answer | None":
        """The answer, once it is there as a whole. What is none, because code has written to it, is passed over."""
        self._answers += data
        if len(self._answers) > LONGEST_ANSWER:
            self._answers.clear()
        while b"\n" in self._answers:
            line, _, rest = self._answers.partition(b"\n")
            self._answers = bytearray(rest)
            with suppress(ValueError, KeyError, TypeError):
                said = json.loads(line)
                if "ready" in said or said["done"] == self._number:
                    return Answer(ok=bool(said.get("ok")), figures=[str(each) for each in said.get("figures", ())])
        return None


def _beginning(text: bytes, mark: bytes) -> int:
    """How many bytes at the end of ``text`` may be the beginning of the mark."""
    return next((size for size in range(min(len(text), len(mark) - 1), 0, -1) if text.endswith(mark[:size])), 0)


class Answer(TypedDict):
    ok: bool
    figures: list[str]
