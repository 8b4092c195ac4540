"""What tests use of the system, and ``python -m tests.needs``, which ``make test`` runs to install what is missing.

As root on Debian or Ubuntu it installs with apt. Otherwise, or where that fails, tests that need what is missing are
skipped, and the run says at its end which packages they want. It never fails the run by itself.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import pytest

LIMIT_S = 240
"""For all installing: a mirror that hangs must not take the time of the tests."""

SEARCHED = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin{os.pathsep}/sbin"
"""Where commands are looked for; the PATH of many users lacks the two last ones."""


class Need(NamedTuple):
    name: str
    command: str
    """It is there if this command is."""
    package: str
    """Of Debian and Ubuntu."""
    purpose: str


NEEDS = (
    Need("mount", "mount", "mount", "a small disk that runs full"),
    Need("dockerd", "dockerd", "docker.io", "code in Docker's sandbox"),
    Need("bubblewrap", "bwrap", "bubblewrap", "code in a sandbox without a daemon, and plugins"),
    Need("npm", "npm", "npm", "real servers of plugins"),
)  # fmt: skip


def missing(needs: Sequence[Need] = NEEDS) -> list[Need]:
    return [need for need in needs if shutil.which(need.command, path=SEARCHED) is None]


def found(name: str) -> bool:
    """Whether ``name`` is on this machine."""
    return not missing([need for need in NEEDS if need.name == name])


def require(name: str) -> None:
    """Skip the test that calls this where ``name`` is missing."""
    [need] = [need for need in NEEDS if need.name == name]
    if missing([need]):
        pytest.skip(f"{name} is not on this machine; on Debian or Ubuntu it is in the package {need.package}")


def report(needs: Sequence[Need] = NEEDS) -> list[str]:
    """Lines for the end of a test run: what was skipped and how to get it; none if nothing was."""
    lacking = missing(needs)
    if not lacking:
        return []
    skipped = [f"skipped without {need.name}: {need.purpose}" for need in lacking]
    return [*skipped, f"To run them too: sudo apt-get install {' '.join(need.package for need in lacking)}"]


def install(needs: Sequence[Need] = NEEDS, apt: str | None = None, limit_s: float = LIMIT_S) -> list[Need]:
    """Install what is missing where that is possible; returns what is missing then. ``apt`` is found by itself."""
    lacking = missing(needs)
    apt = apt or shutil.which("apt-get")
    if not lacking or apt is None or os.geteuid() != 0:
        return lacking
    ends = time.monotonic() + limit_s
    packages = [need.package for need in lacking]
    sys.stdout.write(f"Installing what tests need of the system: {' '.join(packages)}\n")
    sys.stdout.flush()
    bounds = ["-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"]
    wanted = [apt, "-qq", *bounds, "install", "--yes", "--no-install-recommends", *packages]
    if _run(wanted, ends) or (_run([apt, "-qq", *bounds, "update"], ends) and _run(wanted, ends)):
        return missing(needs)
    sys.stdout.write("That did not work; what is missing is named when the tests have run.\n")
    return missing(needs)


def _run(command: list[str], ends: float) -> bool:
    """Whether it succeeded before ``ends``; it is killed then, with all that it started."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        start_new_session=True,
    )
    try:
        return process.wait(max(0.0, ends - time.monotonic())) == 0
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False


if __name__ == "__main__":
    install()
