"""How tests open each back end. One joins the conformance suite by an entry in ``OPENED``.

Opened in a process of its own as well (``mortal``), which is killed.
"""

import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from activities.sandbox.backend import Backend, Limits
from activities.sandbox.bubblewrap import BubblewrapBackend
from activities.sandbox.docker import DockerBackend
from activities.sandbox.incus import IncusBackend
from tests import dockerd, lxd, needs

LIMITS = Limits(memory_mib=256, cpus=1.0, processes=48, disk_mib=64)
"""Small, so that tests reach them soon. All back ends are opened with these."""

Opened = Callable[[Path], AbstractAsyncContextManager[Backend]]


@asynccontextmanager
async def bubblewrap(folder: Path) -> AsyncIterator[Backend]:
    if sys.platform != "linux":
        pytest.skip("bubblewrap is for Linux")
    needs.require("bubblewrap")
    backend = BubblewrapBackend(folder / "boxes", LIMITS)
    probe = await backend.probe()
    if not probe.usable:
        pytest.skip(probe.about)
    yield backend
    await backend.close()


@asynccontextmanager
async def docker(folder: Path) -> AsyncIterator[Backend]:
    with dockerd.shared() as daemon:
        backend = DockerBackend("conformance", dockerd.IMAGE, LIMITS, daemon.host)
        yield backend
        await backend.close()


@asynccontextmanager
async def incus(folder: Path) -> AsyncIterator[Backend]:
    """With LXD, because no distribution that we test on has Incus."""
    with lxd.shared() as path:
        backend = IncusBackend("conformance", lxd.IMAGE, LIMITS, remote=path)
        yield backend
        await backend.close()


OPENED: dict[str, Opened] = {"bubblewrap": bubblewrap, "docker": docker}
if os.environ.get("TEST_INCUS"):  # make test-lxd
    OPENED["incus"] = incus
