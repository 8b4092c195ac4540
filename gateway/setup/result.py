"""What a setup decides to write, and what it found out on the way."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Result:
    changes: dict[str, str] = field(default_factory=dict)
    """Settings to be written, by variable."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What was found out, for programs; without secrets."""
    failed: bool = False
    """Something was refused, so nothing is written."""
