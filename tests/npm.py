"""Real MCP servers, installed from npm once for all runs of the tests, into a cache of this user."""

import fcntl
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests import needs

VERSION = "2026.8.31"
SERVERS = {
    "everything": "node_modules/@modelcontextprotocol/server-everything/dist/index.js",
    "filesystem": "node_modules/@modelcontextprotocol/server-filesystem/dist/index.js",
    "memory": "node_modules/@modelcontextprotocol/server-memory/dist/index.js",
}
"""What is run of each, in the folder that ``servers`` returns."""

INSTALL_S = 180


def folder() -> Path:
    cached = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cached / "clara-tests" / f"mcp-{VERSION}"


def servers() -> Path:
    """The folder with all of them; skips the test that calls this where they cannot be had."""
    needs.require("npm")
    if fault := _installed():
        pytest.skip(f"npm cannot install the servers of the tests: {fault}")
    return folder()


def installed() -> Path | None:
    """The same for who is no test: None where they cannot be had."""
    return folder() if needs.found("npm") and not _installed() else None


@cache
def _installed() -> str:
    """Why they could not be installed; empty where they are. One process installs, the others wait for it."""
    where = folder()
    where.parent.mkdir(parents=True, exist_ok=True)
    with where.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if all((where / path).is_file() for path in SERVERS.values()):
            return ""
        wanted = [f"@modelcontextprotocol/server-{name}@{VERSION}" for name in SERVERS]
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(where), *wanted]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            shutil.rmtree(where, ignore_errors=True)
            return type(error).__name__
        if done.returncode != 0:
            shutil.rmtree(where, ignore_errors=True)
            return " ".join(done.stderr.split())[-300:]
    return ""
