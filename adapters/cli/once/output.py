"""Showing turns without a prompt: live in a terminal, or only their replies elsewhere."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from adapters.cli.render.pieces import Piece, render
from adapters.cli.render.printable import printable
from adapters.cli.turns.answer_view import AnswerView
from adapters.cli.turns.follow import Silence
from adapters.cli.turns.outages import Patience
from adapters.cli.turns.preview import Preview
from adapters.cli.turns.progress import held_up


class Quiet:
    """Shows nothing of a turn at work, but says on stderr what a silent one waits for: each thing once."""

    def __init__(self) -> None:
        self._told: str | None = None
        self._patience = Patience()

    async def pieces(self, pieces: list[Piece]) -> None:
        tell_files(pieces)

    def state(self, answer: AnswerView, silence: Silence | None) -> None:
        self._patience.accepted(silence.trouble if silence else None)
        words = held_up(answer, silence)
        if words and words != self._told:
            self._told = words
            click.echo(f"({words} …)", err=True)


def tell_files(pieces: Iterable[Piece]) -> None:
    """Say on stderr where files were saved, and which were not: what a program reads on stdout is the answer alone."""
    for piece in pieces:
        if piece.kind in ("file", "unsaved"):
            click.echo(f"({printable(piece.text)})", err=True)


class Vivid:
    """Shows an answer as it grows, in a terminal: what is complete for good, the rest below it."""

    def __init__(self) -> None:
        self._console = Console()
        self._preview = Preview()
        self._patience = Patience()
        self._last_kind: str | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        self._preview.begin()
        with Live(console=self._console, get_renderable=self._draw, transient=True, refresh_per_second=8):
            yield

    async def pieces(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if self._last_kind is not None and not (piece.kind == self._last_kind == "tool"):
                self._console.print()
            self._last_kind = piece.kind
            self._console.print(Text.from_ansi(render(piece, self._console.width)), soft_wrap=True)

    def state(self, answer: AnswerView, silence: Silence | None) -> None:
        self._patience.accepted(silence.trouble if silence else None)
        self._preview.state(answer, silence)

    def _draw(self) -> RenderableType:
        size = self._console.size
        drawn = self._preview.draw(size.width, size.height, ())
        return Text.from_ansi(drawn if self._last_kind is not None else drawn.removeprefix("\n"))
