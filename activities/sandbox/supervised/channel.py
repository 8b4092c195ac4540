"""The way to a program in a box: its input and its output, as a back end's daemon carries them."""

from typing import Protocol


class Channel(Protocol):
    """Both directions at once; breaks raise OSError or end the output."""

    async def read(self) -> bytes:
        """What the program has written to its output; nothing at its end. Not read is not taken from it."""

    def write(self, data: bytes) -> None:
        """To its input, whole and in order, without waiting."""

    async def drain(self) -> None:
        """Wait until most of what was written is on its way."""

    async def close(self) -> None:
        """Its input ends; its output is of no interest any more. Bounded in time."""
