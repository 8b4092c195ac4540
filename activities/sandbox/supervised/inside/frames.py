"""What the worker and a supervisor say to each other: frames of a kind, a length and data.

Both send ALIVE every ``BEAT_S``; who hears nothing for ``SILENCE_S`` takes the other for dead.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_HEADER = struct.Struct(">cI")
LARGEST = 1 << 20
"""Bytes of data in one frame. More means that something else than a supervisor is writing."""

BEAT_S = 2.0
SILENCE_S = 20.0
WINDOW = 1 << 18
"""Bytes of input that may be under way, which the command has not read."""

# From the worker
START = b"s"
"""An ``Order``."""
INPUT = b"i"
CLOSE = b"c"
KILL = b"k"

# From the supervisor
HELLO = b"h"
OUT = b"o"
ERR = b"e"
"""Either may be empty: nobody holds the stream any more."""
EXIT = b"x"
"""The exit code of the command, in decimal digits."""
TAKEN = b"a"
"""How many bytes of input the command has read, in decimal digits."""
VERDICT = b"v"
"""Why the supervisor ended it, or the kernel did: DISK or MEMORY."""
DEAF = b"b"
"""It reads no more."""
GONE = b"g"
"""Nothing of it runs any more."""

DISK = b"disk"
MEMORY = b"memory"

# From both
ALIVE = b"."

_KINDS = START + INPUT + CLOSE + KILL + HELLO + OUT + ERR + EXIT + TAKEN + VERDICT + DEAF + GONE + ALIVE


class NotFrames(ValueError):
    """What comes is something else; ``text`` is its beginning."""

    def __init__(self, text: bytes) -> None:
        super().__init__("no frames")
        self.text = text


def pack(kind: bytes, data: bytes = b"") -> bytes:
    return _HEADER.pack(kind, len(data)) + data


class Parser:
    """Bytes as they come, to frames."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The frames that are complete now; raises NotFrames."""
        self._waiting += data
        while len(self._waiting) >= _HEADER.size:
            kind, length = _HEADER.unpack_from(self._waiting)
            if kind not in _KINDS or length > LARGEST:
                raise NotFrames(bytes(self._waiting[:2000]))
            end = _HEADER.size + length
            if len(self._waiting) < end:
                return
            frame = bytes(self._waiting[_HEADER.size : end])
            del self._waiting[:end]
            yield kind, frame


class Order:
    """What a supervisor is to start."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        disk: int,
        user: int | None = None,
    ) -> None:
        """``disk`` is in bytes; ``user`` is whom the command runs as, None to stay who the supervisor is."""
        self.arguments = list(arguments)
        self.environment = dict(environment)
        self.disk = disk
        self.user = user

    def packed(self) -> bytes:
        """Raises ValueError where a text has a NUL, which no process can be given."""
        texts = [str(self.disk), "" if self.user is None else str(self.user), str(len(self.arguments)), *self.arguments]
        for pair in self.environment.items():
            texts += pair
        if any("\0" in text for text in texts):
            raise ValueError("a NUL in a command")
        return "\0".join(texts).encode("utf-8", "surrogateescape")

    @classmethod
    def unpack(cls, data: bytes) -> Order:
        disk, user, count, *texts = data.decode("utf-8", "surrogateescape").split("\0")
        arguments, rest = texts[: int(count)], texts[int(count) :]
        return cls(arguments, dict(zip(rest[::2], rest[1::2])), int(disk), int(user) if user else None)
