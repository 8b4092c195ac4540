"""Run something in a box as the runner does: read what it writes, wait, kill."""

import asyncio
from dataclasses import dataclass

from activities.sandbox.backend import Backend, Command, Process


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str
    verdict: str


async def run(backend: Backend, box: str, *arguments: str, within_s: float = 60, data: bytes = b"") -> Done:
    process = await backend.spawn(box, Command(arguments))
    try:
        async with asyncio.timeout(within_s):
            if data:
                await process.write(data)
            await process.close_input()
            return await done(process)
    finally:
        await process.kill()


async def shell(backend: Backend, box: str, script: str, within_s: float = 60) -> Done:
    return await run(backend, box, "bash", "-c", script, within_s=within_s)


async def done(process: Process) -> Done:
    said = {"out": b"", "err": b""}
    async for stream, data in process.output():
        said[stream] += data
    return Done(await process.wait(), said["out"].decode(), said["err"].decode(), process.verdict)


async def first(process: Process, text: str, within_s: float = 60) -> None:
    """Return when it has said so."""
    said = ""
    async with asyncio.timeout(within_s):
        async for _, data in process.output():
            said += data.decode()
            if text in said:
                return
    raise AssertionError(f"it ended and said {said!r}")
