"""A document of Docs as Markdown: headings, lists, tables, links, bold and italics, of all its tabs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from clara.memory.kinds import one_line
from clara.tools.material import written

Json = Mapping[str, Any]

TEXT_LIMIT = 400_000
"""Characters. A conversation carries less, and reads on by ``read_output``."""

_HEADINGS = {"TITLE": "#", "SUBTITLE": "##", **{f"HEADING_{level}": "#" * level for level in range(1, 7)}}
_NUMBERED = frozenset({"DECIMAL", "ZERO_DECIMAL", "ALPHA", "UPPER_ALPHA", "ROMAN", "UPPER_ROMAN"})


def whole(document: Json) -> str:
    """All tabs, if it was asked for with them; else what stands in the only one."""
    tabs = list(_tabs(document.get("tabs", ())))
    if not tabs:
        return written(_Renderer(document).text(document.get("body", {})), TEXT_LIMIT)
    parts = []
    for tab in tabs:
        content = tab.get("documentTab", {})
        title = one_line(str(tab.get("tabProperties", {}).get("title", "")))
        heading = f"[tab: {title}]\n\n" if len(tabs) > 1 else ""
        parts.append(heading + _Renderer(content).text(content.get("body", {})))
    return written("\n\n".join(parts), TEXT_LIMIT)


def _tabs(tabs: Iterable[Json]) -> Iterator[Json]:
    for tab in tabs:
        yield tab
        yield from _tabs(tab.get("childTabs", ()))


class _Renderer:
    """``content`` is that of a tab: its lists and footnotes are referred to from its body."""

    def __init__(self, content: Json) -> None:
        self._content = content
        self._notes: list[str] = []

    def text(self, body: Json) -> str:
        blocks = [*self._blocks(body.get("content", ()))]
        notes = [f"[^{number}]: {self._note(id)}" for number, id in enumerate(self._notes, 1)]
        return "\n".join([*blocks, *([""] if notes else []), *notes]).strip("\n")

    def _note(self, id: str) -> str:
        found = self._content.get("footnotes", {}).get(id, {})
        return " ".join(" ".join(self._blocks(found.get("content", ()))).split())

    def _blocks(self, elements: Iterable[Json]) -> Iterator[str]:
        before = None
        for element in elements:
            if "paragraph" in element:
                block = self._paragraph(element["paragraph"])
                if block:
                    # Items of a list stand together; everything else is a block of its own.
                    of_list = element["paragraph"].get("bullet", {}).get("listId")
                    yield from (block,) if of_list and of_list == before else ("", block)
                    before = of_list
            elif "table" in element:
                yield from ("", self._table(element["table"]))
                before = None

    def _paragraph(self, paragraph: Json) -> str:
        text = "".join(map(self._element, paragraph.get("elements", ()))).strip("\n")
        if not text.strip():
            return ""
        if bullet := paragraph.get("bullet"):
            level = int(bullet.get("nestingLevel", 0))
            return f"{'   ' * level}{self._glyph(bullet.get('listId', ''), level)} {text}"
        heading = _HEADINGS.get(paragraph.get("paragraphStyle", {}).get("namedStyleType", ""))
        return f"{heading} {' '.join(text.split())}" if heading else text

    def _glyph(self, list_id: str, level: int) -> str:
        levels = self._content.get("lists", {}).get(list_id, {}).get("listProperties", {}).get("nestingLevels", ())
        kind = levels[level].get("glyphType", "") if level < len(levels) else ""
        return "1." if kind in _NUMBERED else "-"

    def _element(self, element: Json) -> str:
        if "textRun" in element:
            return _run(element["textRun"])
        if "inlineObjectElement" in element:
            return "[picture]"
        if "footnoteReference" in element:
            self._notes.append(element["footnoteReference"].get("footnoteId", ""))
            return f"[^{len(self._notes)}]"
        if "person" in element:
            who = element["person"].get("personProperties", {})
            return f"@{who.get('name') or who.get('email', '')}"
        if "richLink" in element:
            to = element["richLink"].get("richLinkProperties", {})
            return f"[{to.get('title') or 'link'}]({to.get('uri', '')})"
        if "dateElement" in element:
            return str(element["dateElement"].get("dateElementProperties", {}).get("displayText", ""))
        if "equation" in element:
            return "[equation]"
        return "\n---\n" if "horizontalRule" in element else ""

    def _table(self, table: Json) -> str:
        rows = [[self._cell(cell) for cell in row.get("tableCells", ())] for row in table.get("tableRows", ())]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        if rows:
            lines.insert(1, "|---" * len(rows[0]) + "|")
        return "\n".join(lines)

    def _cell(self, cell: Json) -> str:
        lines = [line for block in self._blocks(cell.get("content", ())) for line in block.splitlines()]
        return "<br>".join(lines).replace("|", "\\|")


def _run(run: Json) -> str:
    """A piece of text in one style; marks of it stand next to a letter, as Markdown wants them."""
    # A vertical tab is a line break within a paragraph.
    content = str(run.get("content", "")).replace("\v", "\n")
    core, style = content.strip(), run.get("textStyle", {})
    if not core:
        return content
    before, _, after = content.partition(core)
    for name, around in (("bold", "**"), ("italic", "*"), ("strikethrough", "~~")):
        if style.get(name):
            core = f"{around}{core}{around}"
    url = style.get("link", {}).get("url")
    return f"{before}[{core}]({url}){after}" if url else f"{before}{core}{after}"


def end_of(document: Json) -> int:
    """The index at which text is added to the end of the first tab: before the last line's end."""
    content = document.get("body", {}).get("content", ())
    return max(int(content[-1]["endIndex"]) - 1, 1) if content else 1
