"""The window that a command prints into."""

import shutil
import sys
from textwrap import fill

INDENT = "  "


def columns() -> int | None:
    """How many it has; None where the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def wrapped(text: str, width: int | None) -> str:
    """``text`` with its long lines broken between words and indented; as it is without a width."""
    return text if width is None else "\n".join(_line(line, width) for line in text.split("\n"))


def _line(line: str, width: int) -> str:
    if len(line) < width:
        return line
    indent = " " * (len(line) - len(line.lstrip())) + INDENT
    return fill(
        line,
        max(20, width - 1),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )
