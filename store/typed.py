"""The lines that a person has typed at the terminal, for the arrow keys: a file for each, below CLARA_HOME.

It is no table, and it is a person's all the same: who is forgotten is forgotten here too.
"""

import hashlib
from contextlib import suppress
from pathlib import Path

from clara.memory.kinds import Owner

FOLDER = "typed"

SHARED = "chat_history"
"""Where everybody's lines were, up to release 2026.48."""


def path(home: Path, owner: Owner) -> Path:
    """The person's file. Its name tells whose it is; the hash keeps apart what some file systems take for the same."""
    name = owner.partition(":")[2]
    return home / FOLDER / f"{name}-{hashlib.sha256(owner.encode()).hexdigest()[:8]}"


def wipe(home: Path, owner: Owner) -> int:
    """Delete a person's lines, and those of which nobody knows whose they are; returns how many files there were."""
    wiped = 0
    for each in (path(home, owner), home / SHARED):
        with suppress(FileNotFoundError):
            each.unlink()
            wiped += 1
    return wiped
