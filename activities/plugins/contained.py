"""Where no plugin can be run, because there can be no box for it."""

from pathlib import Path

from clara.errors import ToolFailed

MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
"""Files that are in containers, of Docker and of Podman."""


def no_box(about: str) -> ToolFailed:
    """To be raised where bubblewrap cannot be used; ``about`` says why."""
    if any(mark.exists() for mark in MARKS):  # what could be installed there would not help
        why = "Clara runs in a container here, which has no sandbox for plugins"
    else:
        why = f"Plugins that run here need bubblewrap: {about}"
    return ToolFailed(f"{why}. A plugin at an address can be used all the same, as in https://example.org/mcp.")
