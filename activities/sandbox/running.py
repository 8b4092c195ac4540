"""Running one command in a box to its end: its output bounded while it comes, all of it ended when its time is over."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from activities.sandbox.backend import Backend, Command, Process
from clara.sandbox.output import ENDLESS, Output

PROGRESS_S = 0.5
"""Between two lines that are shown to the person."""

Show = Callable[[str], Awaitable[None]]
"""Shows the person a line of what a run writes; best effort."""


async def nobody(line: str) -> None:
    """Nobody is shown anything."""


@dataclass(frozen=True)
class Run:
    """How a command ended."""

    output: str
    """What it wrote, both streams in the order in which they came."""
    code: int | None = None
    """None if it was ended before it ended itself."""
    ended: str = ""
    """Why it was ended, as a sentence for the model; empty where it ended by itself."""


async def run(
    backend: Backend, box: str, command: Command, seconds: float, input: bytes = b"", show: Show = nobody
) -> Run:
    """Run a command in a box that was started. Whatever happens, nothing of it runs any more when this is over."""
    return await to_its_end(await backend.spawn(box, command), seconds, input, show)


async def to_its_end(process: Process, seconds: float, input: bytes = b"", show: Show = nobody) -> Run:
    """``run``, for a process that was started."""
    output = Output()
    ended = ""
    code: int | None = None
    try:
        async with asyncio.timeout(seconds):
            feeding = asyncio.create_task(_feed(process, input))
            try:
                if await _collect(process, output, show):
                    code = await process.wait()
                else:
                    ended = endless()
            finally:
                feeding.cancel()
    except TimeoutError:
        ended = late(seconds)
    finally:
        await asyncio.shield(process.kill())
    if process.verdict:
        code, ended = None, process.verdict
    return Run(output.text, code, ended)


def late(seconds: float) -> str:
    return f"It took longer than {seconds:g} s and was ended."


def endless() -> str:
    return f"It wrote more than {ENDLESS // 10**6} MB and was ended."


async def _feed(process: Process, input: bytes) -> None:
    try:
        if input:
            await process.write(input)
        await process.close_input()
    except BrokenPipeError:
        pass  # it has read what it wanted


async def _collect(process: Process, output: Output, show: Show) -> bool:
    """Whether the output came to its end."""
    shown, next_show = "", 0.0
    clock = asyncio.get_running_loop().time
    async with aclosing(process.output()) as written:
        async for _, data in written:
            output.add(data)
            if output.endless:
                return False
            if clock() >= next_show and (line := output.last_line) and line != shown:
                await show(line)
                shown, next_show = line, clock() + PROGRESS_S
    return True
