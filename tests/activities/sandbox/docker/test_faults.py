"""A daemon that is not there, hangs or dies, and images that are missing or of no use."""

import asyncio
import io
import os
import signal
import tarfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from activities.sandbox.backend import Command
from activities.sandbox.docker.address import Address
from activities.sandbox.docker.backend import DockerBackend
from activities.sandbox.docker.daemon import Daemon
from activities.sandbox.supervised import process as supervised
from activities.sandbox.supervised.inside import frames
from clara.errors import Misconfigured, Unavailable
from tests.activities.sandbox.docker.commands import first, shell
from tests.activities.sandbox.docker.conftest import LIMITS
from tests.dockerd import IMAGE, Dockerd

BOUND_S = 120
"""What must not hang is over long before."""


async def started(backend: DockerBackend, box: str) -> None:
    """As an activity that is tried again; a daemon takes its time to come back."""
    async with asyncio.timeout(BOUND_S):
        while True:
            with suppress(Unavailable):
                return await backend.start(box)
            await asyncio.sleep(0.5)


async def test_without_a_daemon_the_probe_says_what_to_do(tmp_path: Path) -> None:
    backend = DockerBackend("tests", IMAGE, LIMITS, f"unix://{tmp_path}/none")
    probe = await backend.probe()
    assert not probe.usable
    assert "start it, or set DOCKER_HOST" in probe.about
    with pytest.raises(Unavailable):
        await backend.start("person0000")
    await backend.close()


@pytest.mark.parametrize("host", ["ssh://somewhere", "tcp://nowhere", "unix://", "tcp://host:port", "nonsense"])
def test_an_address_that_is_none_is_said_to_be_so(host: str) -> None:
    with pytest.raises(Misconfigured, match="DOCKER_HOST must be like"):
        DockerBackend("tests", IMAGE, LIMITS, host)


async def test_the_probe_names_daemon_and_image(docker: DockerBackend, daemon: Dockerd) -> None:
    probe = await docker.probe()
    assert probe.usable
    assert IMAGE in probe.about
    assert "filters no system calls" not in probe.about
    other = DockerBackend("tests", "python:none", LIMITS, daemon.host)
    assert "which is fetched when it is first needed" in (await other.probe()).about
    await other.close()


async def test_a_missing_image_is_fetched_once_and_its_failure_said(daemon: Dockerd) -> None:
    name = "127.0.0.1:9/nobody/nothing:here"
    backend = DockerBackend("tests", name, LIMITS, daemon.host)
    said = set()
    async with asyncio.timeout(BOUND_S):
        while not any("could not fetch" in each for each in said):
            with pytest.raises(Unavailable) as raised:
                await backend.start("person0000")
            assert name in str(raised.value)
            assert raised.value.retry_after is not None
            said.add(str(raised.value))
            await asyncio.sleep(0.1)
    assert any("being prepared" in each for each in said)
    await backend.close()


async def test_an_image_without_python_is_a_matter_of_settings(daemon: Dockerd) -> None:
    client = daemon.client()
    empty = io.BytesIO()
    with tarfile.open(fileobj=empty, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("nothing"))
    client.import_image_from_data(empty.getvalue(), "clara-test-empty", "latest")
    client.close()
    backend = DockerBackend("tests", "clara-test-empty:latest", LIMITS, daemon.host)
    with pytest.raises(Misconfigured, match="has no python3"):
        await backend.start("person0000")
    await backend.wipe("person0000")
    await backend.close()


async def test_a_daemon_that_hangs_is_given_up_in_bounded_time(
    box: str, docker: DockerBackend, daemon: Dockerd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervised, "KILL_S", 1.0)
    hasty = DockerBackend("tests", IMAGE, LIMITS, daemon.host)
    monkeypatch.setattr(hasty, "_daemon", Daemon(Address.of(daemon.host), silence_s=2.0))
    process = await hasty.spawn(box, Command(["bash", "-c", "echo up; sleep 8001"]))
    await first(process, "up")
    assert daemon.server is not None
    os.kill(daemon.server.pid, signal.SIGSTOP)
    try:
        monkeypatch.setattr(frames, "SILENCE_S", 4.0)
        began = time.monotonic()
        assert not (await hasty.probe()).usable
        for ask in (hasty.start(box), hasty.boxes(), hasty.stop(box)):
            with pytest.raises(Unavailable):
                await ask
        with pytest.raises(Unavailable):
            await process.kill()
        assert time.monotonic() - began < BOUND_S
    finally:
        os.kill(daemon.server.pid, signal.SIGCONT)
    await started(docker, box)
    await hasty.close()


async def test_a_daemon_that_dies_takes_its_processes_along_and_keeps_the_files(
    box: str, docker: DockerBackend, daemon: Dockerd
) -> None:
    process = await docker.spawn(box, Command(["bash", "-c", "echo kept > file; sync; echo up; sleep 9001"]))
    await first(process, "up")
    assert daemon.server is not None
    await asyncio.to_thread(daemon.server.end, signal.SIGKILL)
    with pytest.raises(Unavailable):
        async with asyncio.timeout(BOUND_S):
            await process.wait()
    with pytest.raises(Unavailable):
        await process.kill()
    with pytest.raises(Unavailable):
        await docker.start(box)
    await asyncio.to_thread(daemon.server.start)
    await started(docker, box)
    assert (await shell(docker, box, "cat file; ps ax | grep -c [9]001")).out == "kept\n0\n"
