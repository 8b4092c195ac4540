"""Phrases with a meaning of their own: whole messages that interrupt Clara or answer her, never parts of one."""

import unicodedata
from collections.abc import Iterable
from typing import Literal

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


_YES, _NO = frozenset({"y", "yes", "ok", "okay"}), frozenset({"n", "no"})


def answer(text: str) -> Literal["allow", "deny"] | None:
    """What a message says to a question that can only be answered by yes or no, if it is nothing but that."""
    bare = _bare(text)
    if bare in _YES:
        return "allow"
    return "deny" if bare in _NO else None
