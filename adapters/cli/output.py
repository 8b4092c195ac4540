"""Showing turns without a prompt: live in a terminal, or only their replies elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from adapters.cli.answer import Answer, Piece
from adapters.cli.follow import Silence
from adapters.cli.status import cropped, doing, held_up
from adapters.cli.trouble import Patience
from adapters.cli.typeset import typeset


class Quiet:
    """Shows nothing of a turn at work, but says on stderr what a silent one waits for: each thing once."""

    def __init__(self) -> None:
        self._told: str | None = None
        self._patience = Patience()

    async def pieces(self, pieces: list[Piece]) -> None:
        return

    def state(self, answer: Answer, silence: Silence | None) -> None:
        self._patience.accepted(silence.trouble if silence else None)
        words = held_up(answer, silence)
        if words and words != self._told:
            self._told = words
            click.echo(f"({words} …)", err=True)


class Vivid:
    """Shows an answer as it grows, in a terminal: what is complete for good, the rest below it."""

    def __init__(self) -> None:
        self._console = Console()
        self._live: Live | None = None
        self._answer = Answer()
        self._silence: Silence | None = None
        self._began = time.monotonic()
        self._patience = Patience()
        self._last_kind: str | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        with Live(console=self._console, get_renderable=self._draw, transient=True, refresh_per_second=8) as self._live:
            yield

    async def pieces(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if self._last_kind is not None and not (piece.kind == self._last_kind == "tool"):
                self._console.print()
            self._last_kind = piece.kind
            self._console.print(Text.from_ansi(typeset(piece, self._console.width)), soft_wrap=True)

    def state(self, answer: Answer, silence: Silence | None) -> None:
        self._patience.accepted(silence.trouble if silence else None)
        self._answer, self._silence = answer, silence

    def _draw(self) -> RenderableType:
        size = self._console.size
        words = doing(self._answer, self._silence, time.monotonic() - self._began)
        lines: list[RenderableType] = [Spinner("dots", Text(f"{words} · Ctrl-C stops", style="dim"))]
        if self._answer.tail.strip():
            tail = typeset(Piece("answer", self._answer.tail), size.width)
            lines.insert(0, Text.from_ansi(cropped(tail, size.height - 4) + "\n"))
        if self._last_kind is not None:
            lines.insert(0, Text())
        return Group(*lines)
