"""Whether there is room on the disk that plugins lie on."""

from pathlib import Path

from clara.diskspace import FULL, MB
from clara.errors import ToolFailed
from store import disk


def check(root: Path) -> None:
    """Raises ToolFailed where there is none: what follows would fail somewhere, for a reason that nobody understands.

    OSError where nobody can tell.
    """
    free = disk.free(root)
    if free < FULL:
        raise ToolFailed(
            f"The disk is full: {free // MB} MB are left where plugins lie. It works again once whoever runs Clara has "
            "made room."
        )
