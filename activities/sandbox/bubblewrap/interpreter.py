"""Which Python is in a box: the one that Clara's own environment was made from, read-only, without Clara's packages.

It is there on every machine that Clara runs on, wherever it came from. ``clara install sandbox-python`` adds
packages for data and pictures, in a folder that is bound beside it.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from activities.sandbox.backend import HOME
from activities.sandbox.extra import site_packages

SHIMS = "/opt/clara/bin"
PACKAGES = "/opt/clara/packages"
PIP = "/opt/clara/pip"

OF_PYTHON = ("bin", "include", "lib", "lib64")
"""What Python has below its prefix. That may be somebody's home, so nothing else of it is shown."""


@dataclass(frozen=True)
class Interpreter:
    executable: Path
    """On the host and in the box, by the same path: libraries and scripts may have it built in."""
    binds: Mapping[str, Path]
    """What is bound besides ``/usr``: the path in the box, and the one on the host."""
    path: tuple[str, ...]
    """Where modules are looked for after those that the person has installed."""

    @property
    def environment(self) -> dict[str, str]:
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        own = f"{HOME}/.local/lib/{version}/site-packages"
        return {
            "PATH": f"{HOME}/.local/bin:{SHIMS}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "PYTHONPATH": ":".join((own, *self.path)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PIP_BREAK_SYSTEM_PACKAGES": "1",  # there is no system that could break
            "PIP_USER": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "MPLBACKEND": "agg",
        }


def interpreter() -> Interpreter:
    executable = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    base = Path(sys.base_prefix).resolve()
    binds: dict[str, Path] = {}
    if not base.is_relative_to("/usr"):
        binds |= {str(base / name): base / name for name in OF_PYTHON if (base / name).is_dir()}
    if not executable.is_relative_to(base / "bin") and not executable.is_relative_to("/usr"):
        binds[str(executable.parent)] = executable.parent
    path: list[str] = []
    packages = site_packages("sandbox-python")
    if packages.is_dir():
        binds[PACKAGES] = packages
        path.append(PACKAGES)
    own_pip = find_spec("pip")
    if own_pip is not None and own_pip.origin is not None:
        binds[f"{PIP}/pip"] = Path(own_pip.origin).parent
        path.append(PIP)
    return Interpreter(executable, binds, tuple(path))
