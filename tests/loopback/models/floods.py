"""Answers that never end, as bytes: what a broken proxy or a hostile service may send."""

import zlib
from collections.abc import Iterator

from tests.loopback.models.plan import Flood, Reply, ToolUse

BLOCK = 64 * 1024
"""Bytes of one write, at least."""

HEADERS = {"content-type": "text/event-stream; charset=utf-8"}


def reply_to_repeat(flood: Flood) -> Reply:
    """A whole answer, one event of which is then repeated."""
    match flood.shape:
        case "thinking":
            return Reply(thinking=flood.piece * 2)
        case "arguments":
            return Reply(calls=(ToolUse("weather", '{"city": "' + flood.piece * 2),))
        case _:
            return Reply((flood.piece,))


def blocks(flood: Flood, frames: Iterator[bytes], preamble: int) -> Iterator[bytes]:
    """The bytes as they are sent, for ever; ``preamble`` of ``frames`` come before the one that repeats."""
    yield from (next(frames) for _ in range(preamble))
    block = _block(flood, next(frames))
    while True:
        yield block


def _block(flood: Flood, frame: bytes) -> bytes:
    match flood.shape:
        case "comments":
            frame = b": still here\n\n"
        case "line" | "error":
            frame = b"x" * BLOCK
        case "lines":
            frame = b"data: x\n"
    return frame * (BLOCK // len(frame) + 1)


def compressed(plain: Iterator[bytes]) -> Iterator[bytes]:
    """The same as gzip, a megabyte of it at a time: a thousandth of its size."""
    packer = zlib.compressobj(9, wbits=31)
    for block in plain:
        yield packer.compress(block * 16) + packer.flush(zlib.Z_SYNC_FLUSH)
