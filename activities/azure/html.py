"""The HTML of work items, as Markdown, and back.

It is in pieces of a page: libraries that find the text of a page drop short ones, and tear sentences at each tag.
"""

import re
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

LIMIT = 500_000
"""Characters of HTML that are read."""

_EMPHASIS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
_BLOCKS = {"p", "div", "ul", "ol", "table", "tr", "blockquote", "pre", "hr", "dl", "dt", "dd", "section"}
_UNSEEN = {"script", "style", "head", "title", "template"}
_VOID = {"br", "img", "hr", "input", "meta", "link", "col", "wbr", "area", "base", "embed", "source", "track"}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE)
_FOLLOWED = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


def to_markdown(html: object) -> str:
    """The text with its links, lists and emphasis; without what the page does not show."""
    reader = _Reader()
    reader.feed(str(html or "")[:LIMIT])
    reader.close()
    lines = [each.rstrip() for each in "".join(reader.text).replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def to_html(markdown: str) -> str:
    """For a field that holds HTML. HTML within is shown as it is typed."""
    return str(_writer().render(markdown)).strip()


@cache
def _writer() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._lists: list[int | None] = []
        """The number of the next point, or None where they have none."""
        self._links: list[str] = []
        self._hidden: list[str] = []
        """Elements that are open, from the one that hides them."""
        self._verbatim = 0
        self._fresh = True
        """Nothing stands on the line yet, but perhaps a sign of what it is."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._hidden or tag in _UNSEEN or "hidden" in given or _HIDING.search(given.get("style", "")):
            if tag not in _VOID:
                self._hidden.append(tag)
            return
        if tag in _EMPHASIS and not self._verbatim:
            self._put(_EMPHASIS[tag])
        elif tag == "img":
            self._put(f"[image{': ' + given['alt'] if given.get('alt') else ''}]")
        elif tag == "a":
            address = "".join(given.get("href", "").split())
            self._links.append(address if _FOLLOWED.match(address) else "")
            self._put("[" if self._links[-1] else "")
        elif tag == "li":
            self._point()
        elif tag in ("td", "th"):
            self._put("" if self._fresh else " | ")
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self._line()
            self._put(f"{'#' * int(tag[1])} ", fresh=True)
        else:
            self._begin(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag in self._hidden:  # and what was left open within
                del self._hidden[len(self._hidden) - 1 - self._hidden[::-1].index(tag) :]
            return
        if tag in _EMPHASIS and not self._verbatim:
            self._put(_EMPHASIS[tag])
        elif tag == "a" and self._links:
            address = self._links.pop()
            self._put(f"]({address.replace(')', '%29')})" if address else "")
        elif tag == "pre" and self._verbatim:
            self._verbatim -= 1
            self._line()
            self._put("```\n")
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            self._line()
        elif tag in _BLOCKS or tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self._line()
            self._put("\n" if tag == "p" else "")

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if not self._verbatim:
            data = re.sub(r"[ \t\r\n\f]+", " ", data)
            data = data.lstrip(" ") if self._fresh else data
        self._put(data)

    def _put(self, text: str, fresh: bool = False) -> None:
        if text:
            self.text.append(text)
            self._fresh = fresh or text.endswith("\n")

    def _line(self) -> None:
        if not self._fresh:
            self._put("\n")

    def _begin(self, tag: str) -> None:
        if tag == "br":
            self._put("\n")
        if tag not in _BLOCKS:
            return
        self._line()
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "pre":
            self._verbatim += 1
            self._put("```\n")
        elif tag == "blockquote":
            self._put("> ", fresh=True)
        elif tag == "hr":
            self._put("---\n")

    def _point(self) -> None:
        self._line()
        number = self._lists[-1] if self._lists else None
        if number is not None:
            self._lists[-1] = number + 1
        mark = f"{number}. " if number is not None else "- "
        self._put("  " * max(len(self._lists) - 1, 0) + mark, fresh=True)
