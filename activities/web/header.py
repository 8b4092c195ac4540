"""What the process that reads a page says of it, before its text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Header:
    what: str
    """A media type, by what the bytes are."""
    title: str = ""
    author: str = ""
    date: str = ""
    remarks: tuple[str, ...] = ()
    why_empty: str = ""
    """A sentence; no text follows."""
    hidden: int = 0
    """Characters that nobody sees and that were taken out of it."""
    fault: str = ""
    """The class of what a parser failed with, for the log."""
