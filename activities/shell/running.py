"""Running a shell command of the operator's: bounded in time and output, and with none of Clara's secrets."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clara.settings import environment

KEEPER = Path(__file__).with_name("keeper.py")

PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
"""What a command is given of this process's environment. The rest may be secrets."""

OUTPUT_LIMIT = 64 * 1024
"""Bytes of its output that are kept: the last ones."""

CHUNK = 16 * 1024
END_S = 5.0


@dataclass(frozen=True)
class Ended:
    code: int
    """Of the shell; 128 and more for a signal."""
    output: str
    """Both streams, as they came."""
    is_late: bool = False
    """Its time was up, and it was ended."""


async def run(
    command: str, timeout_s: float, folder: Path, variables: Mapping[str, str] | None = None, given: bytes = b""
) -> Ended:
    """Run one. A cancellation ends it, as the end of this process does. OSError where it could not be begun."""
    lifeline, hold = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(KEEPER), str(lifeline), command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=folder,
            env=_passed_on() | dict(variables or {}),
            pass_fds=(lifeline,),
        )
    except BaseException:
        os.close(hold)
        raise
    finally:
        os.close(lifeline)
    kept = bytearray()
    is_late = False
    try:
        async with asyncio.timeout(timeout_s):
            await asyncio.gather(_give(process, given), _take(process, kept))
            await process.wait()
    except TimeoutError:
        is_late = True
    finally:
        os.close(hold)
        if process.returncode is None:
            await _ended(process, kept)
    return Ended(process.returncode or 0, kept.decode("utf-8", "replace"), is_late)


def _passed_on() -> dict[str, str]:
    here = environment()
    return {name: here[name] for name in PASSED_ON if name in here}


async def _give(process: asyncio.subprocess.Process, data: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(data)
        await process.stdin.drain()
        process.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        return  # it does not want to read


async def _take(process: asyncio.subprocess.Process, kept: bytearray) -> None:
    assert process.stdout is not None
    while data := await process.stdout.read(CHUNK):
        kept += data
        del kept[:-OUTPUT_LIMIT]


async def _ended(process: asyncio.subprocess.Process, kept: bytearray) -> None:
    """Wait for the keeper, which ends by itself; a keeper that does not is killed."""
    try:
        async with asyncio.timeout(END_S):
            await _take(process, kept)
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
