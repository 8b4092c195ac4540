"""Settings that were changed after what runs was started, which therefore does not know them."""

import json
import time
from pathlib import Path

from clara.errors import ClaraError
from clara.settings import source
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, ok, warn
from gateway.stack import is_outdated

NAME = "changed settings"
_SERVERS = ("postgres", "temporal")
"""They read none of the settings."""

SLACK_S = 2
"""Start times are known in whole seconds."""


def check(facts: Facts) -> list[Finding]:
    if not facts.supervision.processes or facts.record is None:
        return []
    oldest = {p.name: p.uptime_s for p in facts.supervision.processes if p.group not in _SERVERS and p.uptime_s}
    now = time.time()
    file = source().file
    stale = [name for name, uptime in oldest.items() if file and changed_since(file, now - uptime)]
    if stale:
        words = f"{file} was changed after {', '.join(stale)} started"
        return [warn(NAME, words, "To apply the changes: clara restart")]
    try:
        if is_outdated(facts.settings):
            return [warn(NAME, "other processes run than these settings ask for", "To apply them: clara restart")]
    except (ClaraError, OSError, json.JSONDecodeError):
        return []  # the home's own checks name what is wrong with it
    return [ok(NAME, "what runs has the settings as they are now")]


def changed_since(file: Path, started: float) -> bool:
    """Whether ``file`` was written after ``started``, in seconds since 1970."""
    try:
        return file.stat().st_mtime > started + SLACK_S
    except OSError:
        return False
