"""Adding an extra to the environment that runs, from a lock with hashes. May be interrupted and repeated."""

import fcntl
import importlib
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from activities.sandbox.extra import environment
from clara.errors import UserError
from clara.extras import EXTRAS, adding
from gateway.errors import InstallFailed
from gateway.extras.lock import ROOT, lock_of
from gateway.extras.state import is_for_this_python

_INSTALL = ROOT / "deploy" / "install.py"


def check(name: str) -> None:
    """UserError if the extra does not exist, is not for this Python, or nothing can be added here."""
    if name not in EXTRAS:
        raise UserError(f"There is no extra {name}. There are: {', '.join(EXTRAS)}")
    extra = EXTRAS[name]
    if not is_for_this_python(extra):
        needed, here = (".".join(map(str, version[:2])) for version in (extra.python, sys.version_info))
        raise UserError(f"{name} needs Python {needed} or newer, and this is Python {here}.")
    packages = sysconfig.get_path("purelib")
    if not os.access(packages, os.W_OK) or find_spec("pip") is None or not _INSTALL.is_file():
        raise UserError(
            f"Nothing can be added to {sys.prefix}: it is a part of an image, or belongs to somebody else.\n"
            f"In a container: set CLARA_EXTRAS={name} in .env, then docker compose up -d --build\n"
            f"Elsewhere: run this as whoever has run make setup."
        )


def add(name: str) -> None:
    """Install what the extra's lock has. InstallFailed if that failed; what was printed says why."""
    with _alone():
        # A process of its own, because neither uv nor pip has an API; its output is the person's.
        into = environment(name)
        if EXTRAS[name].apart:
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", into], check=True)
        done = subprocess.run([sys.executable, _INSTALL, into, lock_of(name)], check=False)
    importlib.invalidate_caches()
    if done.returncode != 0:
        raise InstallFailed(f"{name} was not installed; pip says why above. To try again, {adding(name)}")


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time in this environment."""
    with (Path(sys.prefix) / ".clara-install").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError("Something else is being installed here at this moment; wait for its end.") from None
        yield
