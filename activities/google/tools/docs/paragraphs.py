"""Markdown as changes to a document of Docs: headings, lists, bold, italics and links. The rest stays as it is written.

Docs counts positions in UTF-16 code units.
"""

import re
from dataclasses import dataclass, field
from typing import Any

_HEADING = re.compile(r"(#{1,6}) +(.*)")
_BULLET = re.compile(r"\s*[-*+] +(.*)")
_NUMBER = re.compile(r"\s*\d{1,4}[.)] +(.*)")
# Bounded, and without what they begin with: a long line of brackets takes no longer than any other.
_STYLED = re.compile(
    r"\*\*(?P<bold>[^\s*](?:[^*\n]{0,998}[^\s*])?)\*\*"
    r"|(?<!\*)\*(?P<italic>[^\s*](?:[^*\n]{0,998}[^\s*])?)\*(?!\*)"
    r"|\[(?P<text>[^\[\]\n]{1,500})\]\((?P<url>https?://[^\s()]{1,2000})\)"
)
# Docs takes these out of what is inserted, and positions would no longer be right.
_STRIPPED = re.compile(r"[\x00-\x08\x0c-\x1f\ue000-\uf8ff]")

_LISTS = {"bullet": "BULLET_DISC_CIRCLE_SQUARE", "number": "NUMBERED_DECIMAL_ALPHA_ROMAN"}


@dataclass
class Addition:
    """Text, and how it is to look: requests of Docs' ``batchUpdate``."""

    text: str
    requests: list[dict[str, Any]] = field(default_factory=list)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def addition(markdown: str, at: int) -> Addition:
    """``markdown`` as lines that are inserted at position ``at``, without a last line end."""
    lines: list[str] = []
    styles: list[dict[str, Any]] = []
    lists: list[tuple[str, dict[str, int]]] = []
    where = at
    for line in _STRIPPED.sub("", markdown.replace("\r\n", "\n").replace("\r", "\n")).strip("\n").split("\n"):
        kind, level, rest = _kind(line)
        text, styled = _inline(rest, where)
        span = {"startIndex": where, "endIndex": where + units(text) + 1}
        style = f"HEADING_{level}" if kind == "heading" else "NORMAL_TEXT"
        styles.append(
            {
                "updateParagraphStyle": {
                    "range": span,
                    "paragraphStyle": {"namedStyleType": style},
                    "fields": "namedStyleType",
                }
            }
        )
        styles += styled
        if kind in _LISTS:
            # One request for each list, so that its items are numbered on.
            if lists and lists[-1][0] == kind and lists[-1][1]["endIndex"] == where:
                lists[-1][1]["endIndex"] = span["endIndex"]
            else:
                lists.append((kind, dict(span)))
        lines.append(text)
        where = span["endIndex"]
    bullets = [{"createParagraphBullets": {"range": span, "bulletPreset": _LISTS[kind]}} for kind, span in lists]
    return Addition("\n".join(lines), [*styles, *bullets])


def _kind(line: str) -> tuple[str, int, str]:
    if found := _HEADING.fullmatch(line):
        return "heading", len(found[1]), found[2]
    if found := _BULLET.fullmatch(line):
        return "bullet", 0, found[1]
    if found := _NUMBER.fullmatch(line):
        return "number", 0, found[1]
    return "text", 0, line


def _inline(line: str, at: int) -> tuple[str, list[dict[str, Any]]]:
    """The line without its marks, and how its parts look."""
    text, requests, done = "", [], 0
    for found in _STYLED.finditer(line):
        text += line[done : found.start()]
        inner = found["bold"] or found["italic"] or found["text"]
        begin = at + units(text)
        style: dict[str, Any] = (
            {"link": {"url": found["url"]}} if found["url"] else {"bold" if found["bold"] else "italic": True}
        )
        requests.append(
            {
                "updateTextStyle": {
                    "range": {"startIndex": begin, "endIndex": begin + units(inner)},
                    "textStyle": style,
                    "fields": ",".join(style),
                }
            }
        )
        text += inner
        done = found.end()
    return text + line[done:], requests
