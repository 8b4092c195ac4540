"""Where plugins lie on the disk of the worker that serves them."""

from pathlib import Path

from clara.settings import Settings


def root(settings: Settings) -> Path:
    return settings.plugins.folder or settings.runtime.home / "plugins"


def installed(root: Path, plugin_id: str) -> Path:
    """What was installed of a plugin: readable for everybody, written by nobody, the same for all who use it."""
    return root / "installed" / plugin_id


def boxes(root: Path) -> Path:
    """The folders of the boxes that servers run in, one for each person and plugin."""
    return root / "boxes"


def installing(root: Path) -> Path:
    """The folders of the boxes that plugins are installed in, for as long as that takes."""
    return root / "installing"


INSIDE = "/opt/plugin"
"""Where a box sees what was installed."""
