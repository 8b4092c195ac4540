"""What a check found."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["ok", "warn", "broken"]


@dataclass(frozen=True)
class Finding:
    name: str
    """What was looked at."""
    level: Level
    what: str
    fix: str = ""
    """What to do about it; empty when nothing is wrong."""
    mend: Callable[[], str] | None = None
    """Does what is safe to do without asking, and returns what it did, in the past tense."""
    mended: str = ""
    """What ``--fix`` did about it."""

    def as_json(self) -> dict[str, Any]:
        found = {"name": self.name, "level": self.level, "what": self.what, "fix": self.fix}
        return {**found, "mended": self.mended} if self.mended else found


def ok(name: str, what: str) -> Finding:
    return Finding(name, "ok", what)


def warn(name: str, what: str, fix: str, mend: Callable[[], str] | None = None) -> Finding:
    return Finding(name, "warn", what, fix, mend)


def broken(name: str, what: str, fix: str, mend: Callable[[], str] | None = None) -> Finding:
    return Finding(name, "broken", what, fix, mend)


def worst(findings: list[Finding]) -> Level:
    """Broken before warn before ok, which is also the verdict on nothing."""
    levels = {finding.level for finding in findings}
    return "broken" if "broken" in levels else "warn" if "warn" in levels else "ok"
