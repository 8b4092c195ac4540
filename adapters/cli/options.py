"""What is asked for on the command line."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ChatOptions:
    message: str | None = None
    """Ask this and leave; ``-`` reads it from standard input."""
    conversation: str = "main"
    user: str | None = None
    project: str | None = None
    """What the conversation is about from now on; ``none`` ends it."""
    json: bool = False
    attach: tuple[Path, ...] = ()
