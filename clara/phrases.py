"""Stop phrases: whole messages that interrupt Clara, never parts of one."""

import unicodedata
from collections.abc import Iterable

DEFAULT_STOP_PHRASES: tuple[str, ...] = (
    "stop",
    "nevermind",
    "never mind",
    "cancel",
    "clara stop",
    "stop clara",
    "clara nevermind",
)


def _bare(text: str) -> str:
    kept = "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFKC", text).casefold())
    return " ".join(kept.split())


def is_stop(text: str, phrases: Iterable[str] = DEFAULT_STOP_PHRASES) -> bool:
    """Whether the whole of ``text`` is a stop phrase, whatever its case, spacing and punctuation.

    ``text`` is the message without the mention: "stop!" is one, "stop at the red light" is not.
    """
    bare = _bare(text)
    return bool(bare) and any(bare == _bare(phrase) for phrase in phrases)
