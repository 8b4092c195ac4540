"""What a running turn is doing, on one line, and how much of its answer fits below what is done."""

from adapters.cli.answer import Answer
from adapters.cli.follow import Silence, waiting_for


def doing(answer: Answer, silence: Silence | None, seconds: float) -> str:
    """``seconds``: since the turn is being followed."""
    words = (waiting_for(silence) if silence else None) or answer.notice or answer.doing
    if not words:
        words = "writing" if answer.tail else "thinking"
    return f"{words} … {seconds:.0f} s"


def cropped(text: str, lines: int) -> str:
    """The last lines of ``text``, for an answer longer than the screen."""
    return "\n".join(text.split("\n")[-max(1, lines) :])
