"""Where ``clara install`` puts an extra that Clara imports nothing of, such as packages for code in a sandbox."""

import sys
from pathlib import Path

from clara.extras import EXTRAS


def environment(name: str) -> Path:
    """The environment that Clara runs in, or one of its own below it."""
    return Path(sys.prefix) / name if EXTRAS[name].apart else Path(sys.prefix)


def site_packages(name: str) -> Path:
    """The folder of modules in the environment of an extra that is apart."""
    version = ".".join(map(str, sys.version_info[:2]))
    return environment(name) / "lib" / f"python{version}" / "site-packages"
