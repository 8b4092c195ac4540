"""Cutting a Markdown answer into messages of a limited length, without breaking what is in it.

A cut never falls inside a character as people see it (a grapheme), nor inside a link, a mention or
inline code, unless that alone is longer than a whole message. A code block that has to be cut is
closed in the one message and opened again, with its language, in the next. Code blocks are found
the way chat platforms find them: three backticks or more open one, wherever they stand, and the
next three close it.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import regex

MESSAGE_LIMIT = 2_000
"""Of Discord, in UTF-16 units."""

_TICKS = re.compile(r"(?<!`)`{3,16}(?!`)")
_INFO = re.compile(r"[A-Za-z0-9_+.#-]{0,30}(?=\n)")
_ATOM = re.compile(
    r"!?\[[^\[\]\n]*\]\(<?[^()\s]*(?:\([^()\s]*\)[^()\s]*)*>?\)"  # [text](address)
    r"|<?https?://[^\s<>`]+>?"
    r"|<(?:[@#]|@!|@&|a?:\w+:|t:)-?\w+(?::\w)?>"  # the platform's mentions, emoji and times
    r"|(?<!`)(`{1,2})(?!`)[^`\n]+\1(?!`)"
)
_GAP = re.compile(r"\s*\n|[ \t]+")
_ATOM_RESERVE = 100
"""What an opened and a closed fence may need around something unbreakable."""


def length(text: str) -> int:
    """Length in UTF-16 units, as chat platforms count: an emoji is two or more."""
    return len(text) + sum(character > "\uffff" for character in text)


@dataclass(frozen=True)
class _Fence:
    """A code block by its offsets in the text; ``body`` to ``close`` is the code."""

    open: int
    body: int
    close: int
    end: int
    opener: str
    closer: str

    @property
    def unclosed(self) -> bool:
        return self.close == self.end


def split(text: str, limit: int = MESSAGE_LIMIT) -> list[str]:
    """``text`` as messages of at most ``limit`` UTF-16 units (200 at least); none of them is blank.

    Text that fits is returned as it is. White space at a cut is dropped, and nothing else.
    """
    if limit < 200:
        raise ValueError("a limit below 200 leaves no room for a cut")
    if not text.strip():
        return []
    if length(text) <= limit:
        return [text]
    return _Cutter(text, limit).parts()


class _Cutter:
    def __init__(self, text: str, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._units = [0, *accumulate(2 if character > "\uffff" else 1 for character in text)]
        self._fences = _fences(text)
        self._starts = [fence.open for fence in self._fences]
        self._graphemes = bytearray(len(text) + 1)
        for match in regex.finditer(r"\X", text):
            self._graphemes[match.end()] = True
        self._breakable = bytearray(self._graphemes)
        for match in _ATOM.finditer(text):
            start, end = match.span()
            if self._size(start, end) <= limit - _ATOM_RESERVE:
                self._breakable[start + 1 : end] = bytes(end - start - 1)

    def parts(self) -> list[str]:
        found: list[str] = []
        position, opener = 0, ""
        while position < len(self._text):
            part, position, opener = self._next(position, opener)
            if part.strip():
                found.append(part)
        return found

    def _next(self, position: int, opener: str) -> tuple[str, int, str]:
        """One message from ``position`` on: it, where the next begins, and the fence that it opens again."""
        budget = self._limit - length(opener)
        last = self._fences[-1] if self._fences else None
        closing = f"\n{last.closer}" if last and last.unclosed else ""
        if self._size(position, len(self._text)) + length(closing) <= budget:
            return opener + self._text[position:] + closing, len(self._text), ""
        cut = self._choose(position, budget)
        fence = self._fence_around(cut)
        if fence is None:
            return opener + self._text[position:cut].rstrip(), self._after_gap(cut), ""
        # One line break goes with the cut; what follows in the code keeps its indentation.
        following = cut + 1 if self._text.startswith("\n", cut) else cut
        part = f"{opener}{self._text[position:cut]}\n{fence.closer}"
        if not self._text[following : fence.close].strip():
            return part, self._after_gap(fence.end), ""
        return part, following, f"{fence.opener}\n"

    def _size(self, start: int, end: int) -> int:
        return self._units[end] - self._units[start]

    def _after_gap(self, position: int) -> int:
        """Past the white space at a cut, but not past the indentation of the next line."""
        gap = _GAP.match(self._text, position)
        end = gap.end() if gap else position
        while not self._graphemes[end] and end > position:
            end -= 1
        return end

    def _choose(self, position: int, budget: int) -> int:
        """The best place for a cut within ``budget`` units, the closing fence included."""
        end = bisect_right(self._units, self._units[position] + budget) - 1
        for boundary, least in (("\n\n", 0.5), ("\n", 0.3), (" ", 0.2), ("", 0.0)):
            floor = position + max(1, int((end - position) * least))
            for cut in self._occurrences(boundary, floor, end):
                if self._allowed(cut, position, budget):
                    return cut
        return self._force(position, end, budget)

    def _occurrences(self, boundary: str, floor: int, end: int) -> Iterator[int]:
        """Where ``boundary`` begins between the two, the last first; every place where it is empty."""
        found = self._text.rfind(boundary, floor, end + len(boundary))
        while found >= floor:
            yield found
            found = self._text.rfind(boundary, floor, found + len(boundary) - 1)

    def _allowed(self, cut: int, position: int, budget: int) -> bool:
        fence = self._fence_around(cut)
        if fence is not None:
            if not fence.body <= cut <= fence.close:
                return False  # within the backticks
            if position <= fence.open and not self._text[fence.body : cut].strip():
                return False  # it would leave an empty code block behind
            budget -= length(fence.closer) + 1
        return bool(self._breakable[cut]) and self._size(position, cut) <= budget

    def _force(self, position: int, end: int, budget: int) -> int:
        """Something unbreakable is longer than a message: cut it at a grapheme, or at worst anywhere."""
        fence = self._fence_around(end)
        if fence is not None:
            room = budget - length(fence.closer) - 1
            end = bisect_right(self._units, self._units[position] + room) - 1
        boundary = self._graphemes.rfind(True, position + 1, end + 1)
        return boundary if boundary > position else end

    def _fence_around(self, cut: int) -> _Fence | None:
        """The code block that a cut there would leave open."""
        index = bisect_left(self._starts, cut) - 1
        return self._fences[index] if index >= 0 and cut < self._fences[index].end else None


def _fences(text: str) -> list[_Fence]:
    found: list[_Fence] = []
    runs = list(_TICKS.finditer(text))
    index = 0
    while index < len(runs):
        run = runs[index]
        ticks = run.group()
        longer = (i for i in range(index + 1, len(runs)) if len(runs[i].group()) >= len(ticks))
        closing = next(longer, index + 1)
        line = text[text.rfind("\n", 0, run.start()) + 1 : run.start()]
        if closing == len(runs) and line.strip():
            break  # backticks in the middle of a line that nothing closes are just backticks
        info = _INFO.match(text, run.end())
        body = info.end() + 1 if info else run.end()
        close, end = runs[closing].span() if closing < len(runs) else (len(text), len(text))
        opener = ticks + (info.group() if info else "")
        found.append(_Fence(run.start(), body, close, end, opener, ticks))
        index = closing + 1
    return found


def closed(text: str) -> str:
    """``text`` with its last code block closed, as for showing what is not finished yet."""
    fences = _fences(text)
    return f"{text}\n{fences[-1].closer}" if fences and fences[-1].unclosed else text
