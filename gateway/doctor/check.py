"""The outcome of one check."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    name: str
    status: Verdict
    detail: str
    advice: str = ""
    """What to do about it; empty when nothing is wrong."""
