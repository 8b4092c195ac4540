"""The HTML of work items, as Markdown, and back.

It is in pieces of a page: what finds the main text of a page drops short ones, and tears sentences at each tag.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

LIMIT = 300_000
"""Characters of HTML that are read."""

DEEP = 8
"""Lists within lists are moved in no further."""

TOO_DEEP = "(This is nested too deep to be read here.)"

_EMPHASIS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
_HEADINGS = {f"h{level}": f"{'#' * level} " for level in range(1, 7)}
_BLOCKS = {"p", "div", "ul", "ol", "table", "tr", "blockquote", "pre", "hr", "dl", "dt", "dd", "section", *_HEADINGS}
_UNSEEN = {"script", "style", "head", "title", "template"}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE)
_FOLLOWED = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")


def to_markdown(html: object) -> str:
    """The text with its links, lists and emphasis; without what the page does not show."""
    text = str(html or "")[:LIMIT].replace("\0", "")
    if not text.strip():
        return ""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    tree = etree.fromstring(f"<body>{text}</body>".encode("utf-8", "replace"), parser)
    if any("depth" in error.message for error in parser.error_log):
        return TOO_DEEP  # the rest is not in the tree
    writer = _Writer()
    for event, element in etree.iterwalk(tree, events=("start", "end")) if tree is not None else ():
        if event == "start":
            writer.start(element.tag, element.attrib)
            writer.data(element.text)
        else:
            writer.end(element.tag)
            writer.data(element.tail)
    lines = [each.rstrip() for each in "".join(writer.text).replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def to_html(markdown: str) -> str:
    """For a field that holds HTML. HTML within is shown as it is typed."""
    return str(_renderer().render(markdown)).strip()


@cache
def _renderer() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


class _Writer:
    """Is told of elements and texts in their order."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self._fresh = True
        """Nothing stands on the line yet, but perhaps a sign of what it is."""
        self._hidden = 0
        """Elements that are open, from the one that hides them."""
        self._lists: list[int | None] = []
        """The number of the next point, or None where they have none."""
        self._links: list[str] = []
        self._verbatim = 0

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        if self._hidden or tag in _UNSEEN or "hidden" in given or _HIDING.search(given.get("style", "")):
            self._hidden += 1
        elif tag in _BLOCKS:
            self._line()
            self._begin(tag)
        elif tag in _EMPHASIS:
            self._put("" if self._verbatim else _EMPHASIS[tag])
        elif tag == "br":
            self._put("\n")
        elif tag == "img":
            self._put(f"[image: {given['alt']}]" if given.get("alt") else "[image]")
        elif tag == "a":
            address = "".join(given.get("href", "").split())
            self._links.append(address if _FOLLOWED.match(address) else "")
            self._put("[" if self._links[-1] else "")
        elif tag == "li":
            self._line()
            self._point()
        elif tag in ("td", "th"):
            self._put("" if self._fresh else " | ")

    def end(self, tag: str) -> None:
        if self._hidden:
            self._hidden -= 1
        elif tag in _BLOCKS:
            self._line()
            self._finish(tag)
        elif tag in _EMPHASIS:
            self._put("" if self._verbatim else _EMPHASIS[tag])
        elif tag == "a":
            address = self._links.pop()
            self._put(f"]({address.replace(')', '%29')})" if address else "")

    def data(self, text: str | None) -> None:
        if self._hidden or not text:
            return
        if not self._verbatim:
            text = _SPACES.sub(" ", text)
            text = text.lstrip(" ") if self._fresh else text
        self._put(text)

    def _begin(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "pre":
            self._verbatim += 1
            self._put("```\n")
        elif tag == "blockquote":
            self._put("> ", fresh=True)
        elif tag == "hr":
            self._put("---\n")
        elif tag in _HEADINGS:
            self._put(_HEADINGS[tag], fresh=True)

    def _finish(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self._lists.pop()
        elif tag == "pre":
            self._verbatim -= 1
            self._put("```\n")
        if tag == "p" or (tag in ("ul", "ol", "pre", "table") and not self._lists):
            self._put("\n")

    def _point(self) -> None:
        number = self._lists[-1] if self._lists else None
        if number is not None:
            self._lists[-1] = number + 1
        depth = min(max(len(self._lists) - 1, 0), DEEP)
        self._put("  " * depth + (f"{number}. " if number is not None else "- "), fresh=True)

    def _put(self, text: str, fresh: bool = False) -> None:
        if text:
            self.text.append(text)
            self._fresh = fresh or text.endswith("\n")

    def _line(self) -> None:
        if not self._fresh:
            self._put("\n")
