"""What a running turn is doing, on one line, and how much of its answer fits below what is done."""

import re

from adapters.cli.turns.answer_view import AnswerView
from adapters.cli.turns.follow import Silence, waiting_for

_IN_SECONDS = re.compile(r"\bin (\d+(?:\.\d+)?) s\b")


def doing(answer: AnswerView, silence: Silence | None, seconds: float) -> str:
    """``seconds``: since the turn is being followed."""
    if answer.notice and not (silence and silence.trouble):
        return f"{counted_down(answer.notice, answer.notice_age).rstrip(' .…')} · {seconds:.0f} s"
    words = (waiting_for(silence) if silence else None) or answer.doing
    if not words:
        words = "writing" if answer.tail else "thinking"
    return f"{words} … {seconds:.0f} s"


def held_up(answer: AnswerView, silence: Silence | None) -> str | None:
    """What a turn waits for, as it was told: for where it is printed once and not drawn anew."""
    if answer.notice and not (silence and silence.trouble):
        return answer.notice.rstrip(" .…")
    return waiting_for(silence) if silence else None


def counted_down(notice: str, age: float) -> str:
    """``notice`` as it is true ``age`` seconds after it came: "in 8 s" becomes "in 5 s", and in the end "now"."""

    def left(found: re.Match[str]) -> str:
        seconds = float(found[1]) - age
        return f"in {seconds:.0f} s" if seconds >= 0.5 else "now"

    return _IN_SECONDS.sub(left, notice)


def cropped(text: str, lines: int) -> str:
    """The last lines of ``text``, for an answer longer than the screen."""
    return "\n".join(text.split("\n")[-max(1, lines) :])
