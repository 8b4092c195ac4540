"""The kinds of memories, and whose they are."""

import hashlib
import re
import unicodedata
from datetime import datetime
from typing import Literal, NewType

from pydantic import Field

from clara.errors import UserError
from clara.messages import Value

Kind = Literal["user", "project", "key", "emotional"]
"""``key`` memories are in every context; ``project`` ones only in conversations of their project;
``emotional`` ones say how the person felt, and expire."""

Origin = Literal["conversation", "tool", "command", "import"]
"""Extracted after a reply; asked for in the chat; given by command; from a profile."""

Owner = NewType("Owner", str)
"""A person's id that ``scope`` has let through. Nothing else reaches a query as an owner."""

QUOTATION_LIMIT = 600
"""Characters of one memory: some sentences of a person's, not a document."""

READING_LIMIT = 120
"""Characters of what Clara makes of them."""

KEYWORDS_LIMIT = 8

KEY_LIMIT = 25
"""Key memories of one person: they are paid for with every message."""

EMOTIONAL_DAYS = 7
"""Days after which a mood is no longer worth mentioning."""

_JOINERS = "\u200c\u200d"
_TAGS = ("\U000e0020", "\U000e007f")
"""What makes the flags of Scotland and Wales."""

_BREAKS = ("Cc", "Zl", "Zp")

_OWNER = re.compile(r"[a-z][a-z0-9-]*:[A-Za-z0-9_.@-]{1,100}")
_PROJECT = re.compile(r"[\w][\w .@:/+-]{0,99}")


class Memory(Value):
    """One thing that Clara remembers."""

    id: str
    user_id: str
    kind: Kind
    text: str
    project: str | None = None
    private: bool = Field(True, description="told in private: not to surface where others read")
    origin: Origin
    turn_id: str | None = Field(None, description="the turn whose message it was learned from")
    quoted: bool = Field(True, description="text is what the person said, word for word; else Clara's wording of it")
    reading: str | None = Field(None, description="one line of Clara's, for lists and searches; never given as said")
    keywords: tuple[str, ...] = Field((), description="Clara's too, for searches")
    conversation: str | None = Field(None, description="where it was said")
    emotion: str | None = None
    valence: float | None = Field(None, description="-1 miserable to 1 delighted")
    expires_at: datetime | None = None
    created_at: datetime


def scope(user_id: str) -> Owner:
    """``user_id`` as an owner; UserError for wildcards, lists, empty ones and all else that is no id.

    mem0 reads ``*`` as every user, so this is the one gate to its filters.
    """
    if not isinstance(user_id, str) or not _OWNER.fullmatch(user_id):
        raise UserError("That is not the id of a person. I know people as platform:id, such as cli:me.")
    return Owner(user_id)


def project_name(name: str | None) -> str | None:
    """A project's name as it is compared: exactly, but for case and surrounding space."""
    if name is None or not name.strip():
        return None
    clean = " ".join(name.split()).casefold()
    if not _PROJECT.fullmatch(clean):
        raise UserError("A project's name has up to 100 letters, digits, spaces and . @ : / + -")
    return clean


def project_wish(words: str) -> str | None:
    """What somebody wants a conversation to be about; None for "none"."""
    project = project_name(words)
    return None if project == "none" else project


def one_line(text: str) -> str:
    """``text`` on one line, without what is invisible or turns a line around; what joins letters stays."""
    if not text.isprintable():  # otherwise it has neither, and that is found out a hundred times as fast
        text = "".join(" " if unicodedata.category(c) in _BREAKS else c for c in text if not _is_unseen(c))
    return " ".join(text.split())


def _is_unseen(character: str) -> bool:
    if character in _JOINERS or _TAGS[0] <= character <= _TAGS[1]:
        return False
    return unicodedata.category(character) in ("Cf", "Cn", "Co", "Cs")


def clean_text(text: str) -> str:
    """``text`` as one line of a memory; UserError if it is empty or too long."""
    line = one_line(text)
    if not line:
        raise UserError("There is nothing to remember in an empty text.")
    if len(line) > QUOTATION_LIMIT:
        raise UserError(f"That has {len(line)} characters; one memory has up to {QUOTATION_LIMIT}. Please split it.")
    return line


def fingerprint(text: str) -> str:
    """The same for texts that differ in case, spacing and punctuation only: they are one memory.

    Signs that are parts of words or numbers stay: "C++", "-5", and the vowels of Hindi.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = folded.translate(_SPACED).split()
    return hashlib.sha256(" ".join(word for word in words if word != "-").encode()).hexdigest()[:32]


def _is_told(character: str) -> bool:
    return character.isalnum() or character in "-#%@" or unicodedata.category(character)[0] in "MS"


class _Spaced(dict[int, int]):
    """For ``str.translate``: a space for what is not told. Kept for the characters of nearly all texts."""

    def __missing__(self, code: int) -> int:
        made = code if _is_told(chr(code)) else ord(" ")
        if code < _KEPT_CODES:
            self[code] = made
        return made


_KEPT_CODES = 0x10000
_SPACED = _Spaced()


def mood_text(emotion: str, valence: float) -> str:
    """How a mood reads as a memory."""
    strength = "very " if abs(valence) >= 0.75 else ""
    return f"seemed {strength}{emotion}"
