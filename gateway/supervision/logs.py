"""Reading the processes' log files: the end of one, all of them in the order of time, or as they grow."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_BLOCK = 64 * 1024
_TAIL_BYTES = 8 * 1024 * 1024
"""At most so much of a file is looked at for its last lines."""

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:([.,])(\d{1,6}))?")


@dataclass(frozen=True)
class Line:
    name: str
    text: str


def tail(path: Path, count: int) -> list[str]:
    """The last ``count`` lines of a file, whatever bytes are in it; none if there is no such file."""
    try:
        with path.open("rb") as file:
            position, data = file.seek(0, 2), b""
            while position > 0 and data.count(b"\n") <= count and len(data) < _TAIL_BYTES:
                step = min(_BLOCK, position)
                position -= step
                file.seek(position)
                data = file.read(step) + data
    except FileNotFoundError:
        return []
    return [_printable(line) for line in data.split(b"\n")[:-1][-count:]] if count else []


def interleaved(files: dict[str, Path], count: int) -> list[Line]:
    """The last ``count`` lines of all files together, by the times that they begin with."""
    timed: list[tuple[datetime, Line]] = []
    for name, path in files.items():
        at = datetime.min.replace(tzinfo=UTC)
        for text in tail(path, count):
            at = _timestamp(text) or at  # a line without a time belongs to the one before
            timed.append((at, Line(name, text)))
    timed.sort(key=lambda pair: pair[0])
    return [line for _, line in timed][-count:] if count else []


def follow(files: dict[str, Path], pause_s: float = 0.25) -> Iterator[Line]:
    """Lines that are written from now on, without end; where a file is rotated, those of the new one."""
    return _follow(files, {name: _end(path) for name, path in files.items()}, pause_s)


def _follow(files: dict[str, Path], ends: dict[str, tuple[int, int]], pause_s: float) -> Iterator[Line]:
    begun = dict.fromkeys(files, b"")
    while True:
        for name, path in files.items():
            (file_before, position), (file_now, size) = ends[name], _end(path)
            if file_now != file_before or size < position:
                position = 0
            ends[name] = file_now, position
            if size <= position:
                continue
            with path.open("rb") as file:
                file.seek(position)
                data = file.read(_TAIL_BYTES)
            ends[name] = file_now, position + len(data)
            *whole, begun[name] = (begun[name] + data).split(b"\n")
            yield from (Line(name, _printable(text)) for text in whole)
        time.sleep(pause_s)


def _end(path: Path) -> tuple[int, int]:
    """Which file that is, and its size."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_ino, found.st_size


def _printable(line: bytes) -> str:
    """Text without control characters, which could turn a terminal inside out."""
    text = line.decode(errors="replace").rstrip("\r")
    return "".join(c if c == "\t" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _timestamp(text: str) -> datetime | None:
    found = _TIME.search(text[:60])
    if not found:
        return None
    day, clock, mark, fraction = found.groups()
    at = datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0'):0<6}")
    # A comma is the mark of Python's logging, which writes local time; the servers write UTC.
    return at.astimezone() if mark == "," else at.replace(tzinfo=UTC)
