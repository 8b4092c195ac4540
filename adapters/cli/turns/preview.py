"""The changing part above the prompt: the growing end of an answer, what is being done, what waits."""

import time
from collections.abc import Sequence
from textwrap import wrap

from adapters.cli.render.pieces import MARK, Piece, render
from adapters.cli.render.printable import one_line
from adapters.cli.turns.answer_view import AnswerView
from adapters.cli.turns.follow import Silence
from adapters.cli.turns.progress import cropped, doing

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_DIM, _OFF = "\x1b[2m", "\x1b[0m"
_REST = 4
"""Setting a long unfinished block may take so many times less than what else there is to do."""

_SHOWN_WAITING = 3
_STATUS_ROWS = 4
_STATUS_CHARACTERS = 300
_KEPT_ROWS = 8
"""Rows of the screen that are left for the prompt and what stands around it."""


class Preview:
    """What is drawn while a turn runs. Nothing of it is kept."""

    def __init__(self) -> None:
        self.hint = ""
        self.stopping = False
        self._answer: AnswerView | None = None
        self._silence: Silence | None = None
        self._began = 0.0
        self._set_from = ("", 0)
        self._set = ""
        self._not_before = 0.0

    @property
    def running(self) -> bool:
        return self._answer is not None

    def begin(self) -> None:
        # Now rather than with the first words: nothing else happens until the model speaks.
        from adapters.cli.render import markdown  # noqa: F401

        self._answer, self._silence, self.stopping = AnswerView(), None, False
        self._began = time.monotonic()

    def end(self) -> None:
        self._answer = None
        self.stopping = False

    def state(self, answer: AnswerView, silence: Silence | None) -> None:
        self._answer, self._silence = answer, silence

    def draw(self, columns: int, rows: int, waiting: Sequence[str]) -> str:
        """Lines with ANSI colours. ``waiting``: messages that come after the one at work."""
        lines: list[str] = [""]
        if self._answer is not None:
            status = self._status(self._answer, columns)
            tail = self._tail(self._answer.tail, columns)
            if tail:
                taken = _KEPT_ROWS + len(status) - 1 + min(len(waiting), _SHOWN_WAITING)
                lines += [cropped(tail, rows - taken), ""]
            lines += [_dim(line, columns) for line in status]
        lines += [_dim(f"  {MARK} {one_line(text, columns - 6)}", columns) for text in waiting[:_SHOWN_WAITING]]
        if len(waiting) > _SHOWN_WAITING:
            lines.append(_dim(f"  and {len(waiting) - _SHOWN_WAITING} more", columns))
        if self.hint:
            lines.append(_dim(self.hint, columns))
        return "\n".join(lines)

    def _status(self, answer: AnswerView, columns: int) -> list[str]:
        """What is being done, on as few lines as hold it: why nothing happens must not be cut."""
        seconds = time.monotonic() - self._began
        words = "stopping …" if self.stopping else doing(answer, self._silence, seconds)
        turn = _SPINNER[int(seconds * 8) % len(_SPINNER)]
        text = f"{turn} {one_line(words, _STATUS_CHARACTERS)} · Ctrl-C stops"
        return wrap(text, max(20, columns - 1), subsequent_indent="  ")[:_STATUS_ROWS]

    def _tail(self, source: str, columns: int) -> str:
        """The unfinished block, set anew when it has grown, though not so often that it takes all the time."""
        grown = source.startswith(self._set_from[0]) and self._set_from[0] and self._set_from[1] == columns
        now = time.monotonic()
        if (source, columns) != self._set_from and not (grown and now < self._not_before):
            self._set = render(Piece("answer", source), columns) if source.strip() else ""
            self._set_from = (source, columns)
            after = time.monotonic()
            self._not_before = after + _REST * (after - now)
        return self._set


def _dim(text: str, columns: int) -> str:
    return f"{_DIM}{text[: columns - 1]}{_OFF}"
