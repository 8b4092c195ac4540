"""The world that each fault is seeded into."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.gateway.doctor.world import World, closed


@pytest.fixture
async def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[World]:
    for name in os.environ:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    # What is not on this machine is not asked: the way to it ends at a proxy that nobody serves.
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, closed())
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("CLARA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLARA_ENV_FILE", os.devnull)
    async with AsyncExitStack() as stack:
        yield World(tmp_path, monkeypatch, stack, request)
