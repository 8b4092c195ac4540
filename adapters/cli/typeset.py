"""Pieces of a conversation as text with ANSI colours, as wide as the terminal."""

import io
import re
from functools import cache
from typing import ClassVar

from rich.console import Console, ConsoleOptions, Group, JustifyMethod, RenderableType, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, TableElement
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from adapters.cli.answer import Piece

MARK = "›"  # noqa: RUF001 -- an arrow, not a comparison
"""Stands before what the person says."""

WIDEST = 100
"""Columns: longer lines of prose are hard to read."""

# Colours of the terminal's own palette and no backgrounds, so that it is readable on dark and on light.
_THEME = Theme(
    {"markdown.code": "cyan", "markdown.h1": "bold underline", "markdown.h2": "bold", "markdown.table.border": "none"}
)
_CODE_THEME = "ansi_dark"
_SPACE_AT_END = re.compile(r" +((?:\x1b\[0m)?)$", re.MULTILINE)


class _LeftHeading(Heading):
    LEVEL_ALIGN: ClassVar[dict[str, JustifyMethod]] = {}


class _Code(CodeBlock):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Syntax(str(self.text).rstrip(), self.lexer_name, theme=self.theme, word_wrap=True, padding=(0, 1))


class _Table(TableElement):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            assert isinstance(table, Table)
            table.show_edge = False  # an edge of spaces, which would add empty lines around the table
            yield table


class _Answer(Markdown):
    elements: ClassVar = {
        **Markdown.elements,
        "heading_open": _LeftHeading,
        "fence": _Code,
        "code_block": _Code,
        "table_open": _Table,
    }


@cache
def _console() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, theme=_THEME, highlight=False)


def typeset(piece: Piece, columns: int) -> str:
    """``piece`` without line ends around it, and without spaces at the ends of lines: copying stays clean."""
    width = max(20, min(columns - 1, WIDEST))
    console = _console()
    with console.capture() as capture:
        console.print(_renderable(piece), width=width)
    return _SPACE_AT_END.sub(r"\1", capture.get()).strip("\n")


def _renderable(piece: Piece) -> RenderableType:
    match piece.kind:
        case "answer":
            return _Answer(piece.text, code_theme=_CODE_THEME, hyperlinks=False)
        case "person":
            return _hanging(MARK, piece.text, "bold")
        case "tool":
            return _hanging("⚙", piece.text, "dim")
        case "warning":
            return Text(piece.text, style="yellow")
        case "past":
            # In a group, because a console joins texts that stand alone, and their lines wrap again.
            return Group(Text(piece.text, style="dim", no_wrap=True, overflow="ellipsis"))
        case "words":
            return _columns(piece.text)
        case "note":
            return Text(piece.text, style="dim")


def _hanging(mark: str, text: str, style: str) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_row(Text(mark, style=style), Text(text, style=style))
    return grid


def _columns(text: str) -> Group:
    """Lines as they are, but what stands before and after a tab as two columns."""
    parts: list[Text | Table] = []
    table: Table | None = None
    for line in text.split("\n"):
        left, tab, right = line.partition("\t")
        if not tab:
            table = None
            parts.append(Text(line))
            continue
        if table is None:
            table = Table.grid(padding=(0, 2))
            parts.append(table)
        table.add_row(Text(left, no_wrap=True), Text(right))
    return Group(*parts)
