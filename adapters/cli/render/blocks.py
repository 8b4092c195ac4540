"""Where Markdown that still grows can be cut: all blocks but the last one will not change any more."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt().enable("strikethrough").enable("table")


def finished(text: str) -> int:
    """The length of the part of ``text`` that is complete, up to the beginning of its last block.

    Only whole lines count, because half a line can look like something else: ``2`` is a paragraph
    of its own until it becomes the item ``2. …`` of the list before it.
    """
    lines = text.split("\n")[:-1]
    tokens = _parser().parse("\n".join(lines))
    starts = [token.map[0] for token in tokens if token.level == 0 and token.nesting >= 0 and token.map]
    if len(starts) < 2:
        return 0
    return sum(len(line) + 1 for line in lines[: starts[-1]])
