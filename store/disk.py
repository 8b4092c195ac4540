"""The disk that Clara keeps things on."""

import os
from pathlib import Path

from clara import diskspace


def free(folder: Path) -> int:
    """Bytes that this user may still write where ``folder`` is, or would be. Raises OSError."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    found = os.statvfs(existing)
    return found.f_bavail * found.f_frsize


def shortage(home: Path) -> str | None:
    """What to tell people about the disk of CLARA_HOME; None while there is room, or nobody can tell."""
    try:
        return diskspace.shortage(free(home), str(home))
    except OSError:
        return None
