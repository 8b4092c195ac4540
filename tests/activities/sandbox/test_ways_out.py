"""Which command gets which way out of its box. No box is needed for that."""

import asyncio
from pathlib import Path

import pytest

from activities.files.keeping import KeptFiles
from activities.sandbox import workshop as module
from activities.sandbox.bubblewrap import BubblewrapBackend
from activities.sandbox.proxy import SOCKET
from activities.sandbox.workshop import OpenSandbox, Workshop
from clara.hosts import allowed_host
from clara.settings import load
from store.database import Pool
from tests.activities.sandbox.opened import LIMITS
from tests.patience import PATIENCE_S

BOX = "testbox00"


@pytest.fixture
def opened(pool: Pool, tmp_path: Path) -> OpenSandbox:
    settings = load({"CLARA_HOME": str(tmp_path), "SANDBOX_ALLOWED_HOSTS": "index.example"})
    workshop = Workshop(settings.sandbox, pool, KeptFiles(pool, settings.files))
    return OpenSandbox(BubblewrapBackend(tmp_path / "boxes", LIMITS), workshop, tmp_path)


def sockets(opened: OpenSandbox) -> list[str]:
    return sorted(each.name for each in (opened._ways / BOX).iterdir())


async def test_a_way_out_that_could_not_be_opened_is_opened_for_the_next_command(
    opened: OpenSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(opened, "_folder", full)
        with pytest.raises(OSError, match="No space left"):
            await opened.command(BOX, ["true"])
    assert (await opened.command(BOX, ["true"])).network
    assert sockets(opened) == [module.OPEN]
    await opened.stop(BOX)
    assert sockets(opened) == []


async def test_no_command_waits_for_an_installation(opened: OpenSandbox) -> None:
    async with (
        opened.installing(BOX, [allowed_host("index.example")], ["pip"]) as (command, _),
        asyncio.timeout(PATIENCE_S),
    ):
        assert command.network
        assert (await opened.command(BOX, ["true"])).network
        assert len(sockets(opened)) == 2
    await opened.stop(BOX)


async def test_workers_take_no_socket_from_each_other(opened: OpenSandbox) -> None:
    await opened.command(BOX, ["true"])
    (opened._ways / BOX / f"4711-{SOCKET}").touch()  # that of another worker
    await opened.stop(BOX)
    assert sockets(opened) == [f"4711-{SOCKET}"]
    await opened.wipe(BOX)
    assert not (opened._ways / BOX).exists()
