"""An extra's lock file against what is installed. Reads metadata only; imports nothing of the extra."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def lock_of(name: str) -> Path:
    return ROOT / f"requirements-{name}.lock"


@dataclass(frozen=True)
class Pin:
    """One package of a lock."""

    package: str
    version: str

    def is_installed(self, apart: Path | None) -> bool:
        """In this version, and whole: the list of a package's files and its installer are written last.

        ``apart``: the folder of modules of another environment, where it is to be in that.
        """
        path = [str(apart)] if apart else sys.path
        found = next(iter(Distribution.discover(name=self.package, path=path)), None)
        if found is None:
            return False
        whole = found.files is not None and found.read_text("INSTALLER") is not None
        return whole and found.version == self.version


def pins(lock: Path) -> Iterator[Pin]:
    """The packages of a lock that are for this system and this Python."""
    for line in lock.read_text().splitlines():
        if line.startswith((" ", "#")) or "==" not in line:
            continue
        wanted = Requirement(line.removesuffix("\\").strip())
        if wanted.marker is None or wanted.marker.evaluate():
            yield Pin(wanted.name, next(iter(wanted.specifier)).version)
