"""Boxes that take long to be made, and workers that end meanwhile. No daemon is needed for that."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from activities.sandbox.docker.address import Address
from activities.sandbox.docker.daemon import Daemon
from activities.sandbox.docker.image import Image
from activities.sandbox.incus import IncusBackend
from activities.sandbox.incus.server import Server
from clara.errors import Unavailable
from tests.activities.sandbox.opened import LIMITS


async def test_a_box_that_two_ask_for_at_once_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend, made = IncusBackend("tests", "image", LIMITS, remote=str(tmp_path / "socket")), []

    async def ready(box: str) -> bool:
        await asyncio.sleep(0.01)
        return False

    async def begin(box: str) -> None:
        made.append(box)
        await asyncio.sleep(0.05)

    monkeypatch.setattr(backend, "_ready", ready)
    monkeypatch.setattr(backend, "_begin", begin)
    await asyncio.gather(*(backend.start("person0000") for _ in range(3)))
    assert made == ["person0000"]
    await backend.close()


async def test_an_operation_is_waited_for_in_short_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(IncusBackend("tests", "image", LIMITS, remote=str(tmp_path / "socket"))._server.address)
    answers = iter([{"id": "1", "status_code": 103}] * 3 + [{"id": "1", "status_code": 200}])
    asked = []

    async def metadata(ask: Any) -> dict[str, Any]:
        asked.append(ask)
        return next(answers)

    monkeypatch.setattr(server, "_metadata", metadata)
    await server.delete("box", 900)
    assert len(asked) == 4
    answers = iter([{"id": "1", "status_code": 103}] * 100)
    with pytest.raises(Unavailable, match="takes longer"):
        await server.delete("box", 0)
    answers = iter([{"id": "1", "status_code": 400, "err": "no space"}])
    with pytest.raises(Unavailable, match="no space"):
        await server.delete("box", 900)
    server.close()


def test_a_worker_ends_while_an_image_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()
    monkeypatch.setattr(Image, "_fetch_blocking", lambda _: "late." if let_go.wait(60) else "too late.")

    async def absent(_: Image) -> bool:
        return False

    monkeypatch.setattr(Image, "present", absent)

    async def work() -> None:
        image = Image(Daemon(Address.of(f"unix://{tmp_path}/none")), "python:none")
        with pytest.raises(Unavailable, match="being prepared"):
            await image.require()
        await asyncio.sleep(0.1)
        await image.close()

    began = time.monotonic()
    asyncio.run(work())
    took = time.monotonic() - began
    let_go.set()
    assert took < 50, "its end has waited for the fetch"
