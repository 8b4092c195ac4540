"""What strangers made, given to a process that reads it, which is killed if it takes too long."""

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Sequence

from activities.files.child import DAMAGED, Header
from store.files.readings import FileReading

log = logging.getLogger(__name__)

TIMEOUT_S = 120.0
"""Of one file, whose process may use 20 s of CPU time; the machine may have other things to do meanwhile."""

TRIES = 2
SLOW = "it takes too long to read"
_OVER_LIMIT = {
    -signal.SIGXCPU: SLOW,
    -signal.SIGKILL: "it takes too much memory or time to read",
    -signal.SIGSEGV: DAMAGED,
    -signal.SIGABRT: DAMAGED,
    -signal.SIGBUS: DAMAGED,
}


class Unreadable(Exception):
    """A clause that says why nothing can be read, such as "it takes too long to read"."""


class Interrupted(Exception):
    """The process ended in a way that says nothing about the file."""


async def read(data: bytes, media_type: str, max_dimension: int) -> FileReading:
    """What a file shows the model, or why it shows nothing; Interrupted if that could not be found out."""
    try:
        return _reading(await output_of("activities.files.child", [str(max_dimension)], data), data)
    except Unreadable as error:
        return FileReading("unreadable", media_type, str(error))


async def output_of(module: str, arguments: Sequence[str], data: bytes) -> bytes:
    """What a module of ours, run as a process that limits itself (``activities.files.limits``), makes of ``data``.

    Unreadable says that the data went beyond the limits; Interrupted that nothing could be found out.
    """
    for _ in range(TRIES):
        try:
            code, output = await _run(module, arguments, data)
        except TimeoutError:
            raise Unreadable(SLOW) from None
        except OSError as error:
            log.warning("no process could be started to read a file: %s", error.strerror)
            continue
        if code in _OVER_LIMIT:
            log.info("the process that read a file was ended by %s", signal.Signals(-code).name)
            raise Unreadable(_OVER_LIMIT[code])
        if code == 0:
            return output
        log.warning("the process that read a file ended with %d", code)
    raise Interrupted


async def _run(module: str, arguments: Sequence[str], data: bytes) -> tuple[int, bytes]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={}, start_new_session=True,  # Ctrl-C ends the worker first, which ends this
    )  # fmt: skip
    try:
        output, _ = await asyncio.wait_for(process.communicate(data), TIMEOUT_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output


def _reading(output: bytes, data: bytes) -> FileReading:
    line, _, body = output.partition(b"\n")
    header = Header(**json.loads(line))
    if header.fault:
        log.info("a file of type %s could not be read: %s", header.media_type, header.fault)
    if header.kind == "image":
        return FileReading("image", header.media_type, data=data if header.unchanged else body)
    return FileReading(header.kind, header.media_type, body.decode())
