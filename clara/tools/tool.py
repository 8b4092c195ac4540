"""What a tool declares about itself, and how much of its output a conversation carries."""

from datetime import timedelta
from enum import StrEnum

from clara.messages import ToolCallPart

PREVIEW_LIMIT = 12_000
"""Characters of a tool's output that the model reads; the whole text is kept in the store."""

OUTPUT_LIMIT = 20_000_000
"""Characters of a tool's output that are kept at all."""

RESULT_LABEL_LIMIT = 160
"""Characters of a tool call's summary in histories and progress lines."""


class Effect(StrEnum):
    """What running a tool twice would do to the world."""

    READ = "read"
    """Nothing: it may be retried freely."""
    IDEMPOTENT = "idempotent"
    """The same as once: it carries a key that is stable over attempts."""
    WRITE = "write"
    """Twice as much: at most one attempt may go through, and an unknown outcome is reported."""


class Risk(StrEnum):
    """How far the effect of a tool reaches; what may run without asking depends on it."""

    LOOK = "look"
    """Nothing is changed."""
    CHANGE = "change"
    """Things of the person's own, which they can change back."""
    OUTWARD = "outward"
    """It reaches other people."""
    EXECUTE = "execute"
    """It runs code where that could reach anything."""
    ADMIN = "admin"
    """It changes Clara herself, for everybody."""


class Audience(StrEnum):
    """Who may use a tool."""

    EVERYONE = "everyone"
    ADMINS = "admins"


DEFAULT_TIMEOUT = timedelta(seconds=30)
MAX_TIMEOUT = timedelta(minutes=10)

DEFAULT_SETTLING = timedelta(seconds=30)
MAX_SETTLING = timedelta(minutes=10)


def label(call: ToolCallPart) -> str:
    """One line for people, for progress and for Temporal's page: the tool and the first line of its first argument."""
    for value in call.arguments.values():
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            lines = [" ".join(line.split()) for line in str(value).splitlines() if line.strip()]
            shown = f"{lines[0]} …" if len(lines) > 1 else "".join(lines)
            return f"{call.name}: {shown}"[:RESULT_LABEL_LIMIT]
    return call.name[:RESULT_LABEL_LIMIT]


def preview(text: str, limit: int = PREVIEW_LIMIT, call_id: str = "") -> str:
    """``text`` cut in its middle to ``limit`` characters, saying how much is missing.

    ``call_id`` is that of the tool call whose output it is: the model can read the rest by it.
    """
    if len(text) <= limit:
        return text
    rest = f'; read_output(call="{call_id}") shows it' if call_id else ""
    notice = f"\n\n[… {len(text) - limit:,} of {len(text):,} characters left out{rest} …]\n\n"
    head = (limit - len(notice)) * 2 // 3
    tail = limit - len(notice) - head
    return text[:head] + notice + text[-tail:]
