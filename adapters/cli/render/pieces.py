"""Pieces of a conversation as text with ANSI colours, as wide as the terminal."""

import io
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from adapters.cli.render.printable import printable

Kind = Literal["person", "answer", "tool", "note", "file", "unsaved", "words", "warning", "past"]

MARK = "›"  # noqa: RUF001 -- an arrow, not a comparison
"""Stands before what the person says."""

WIDEST = 100
"""Columns: longer lines of prose are hard to read."""

# Colours of the terminal's own palette and no backgrounds, so that it is readable on dark and on light.
_THEME = Theme(
    {"markdown.code": "cyan", "markdown.h1": "bold underline", "markdown.h2": "bold", "markdown.table.border": "none"}
)
_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")
_SPACE_AT_END = re.compile(r" +((?:\x1b\[0m)?)$", re.MULTILINE)


@dataclass(frozen=True)
class Piece:
    """Something printed for good."""

    kind: Kind
    text: str


@cache
def _console() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, theme=_THEME, highlight=False)


def render(piece: Piece, columns: int) -> str:
    """``piece`` without line ends around it, and without spaces at the ends of lines: copying stays clean."""
    width = max(20, min(columns - 1, WIDEST))
    console = _console()
    with console.capture() as capture:
        console.print(_renderable(piece, width), width=width)
    # Once more after the setting: Markdown writes characters by their numbers, such as &#x202e;
    parts = _COLOUR.split(capture.get())
    text = "".join(part if number % 2 else printable(part) for number, part in enumerate(parts))
    return _SPACE_AT_END.sub(r"\1", text).strip("\n")


def _renderable(piece: Piece, width: int) -> RenderableType:
    match piece.kind:
        case "answer":
            # Takes a tenth of a second, which the prompt need not wait for.
            from adapters.cli.render.markdown import AnswerText

            return AnswerText(piece.text)
        case "person":
            return _hanging(MARK, piece.text, "bold")
        case "tool":
            mark, _, call = piece.text.partition(" ")
            return _hanging(mark, call, "dim" if mark == "✓" else "yellow")
        case "warning" | "unsaved":
            return Text(piece.text, style="yellow")
        case "past":
            # In a group, because a console joins texts that stand alone, and their lines wrap again.
            return Group(Text(piece.text, style="dim", no_wrap=True, overflow="ellipsis"))
        case "words":
            return _columns(piece.text, width)
        case "note":
            return Text(piece.text, style="dim")
        case "file":
            return Text(piece.text, style="green")


def _hanging(mark: str, text: str, style: str) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_row(Text(mark, style=style), Text(text, style=style))
    return grid


def _columns(text: str, width: int) -> Group:
    """Lines as they are, but what stands before and after a tab as two columns, where the window has room for two."""
    pairs = [line.split("\t", 1) for line in text.split("\n")]
    widest = max((len(pair[0]) for pair in pairs if len(pair) == 2), default=0)
    parts: list[RenderableType] = []
    table: Table | None = None
    for pair in pairs:
        if len(pair) == 1:
            table = None
            parts.append(Text(pair[0]))
        elif widest > width // 2:
            parts += [Text(pair[0]), Padding(Text(pair[1]), (0, 0, 0, 4))]
        else:
            if table is None:
                table = Table.grid(padding=(0, 2))
                parts.append(table)
            table.add_row(Text(pair[0], no_wrap=True), Text(pair[1]))
    return Group(*parts)
