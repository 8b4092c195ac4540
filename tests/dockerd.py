"""A Docker daemon of the tests' own: its socket, its data and its containers end with it, and no network is touched."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from docker import APIClient

from tests import box_image, needs
from tests.servers import Server

IMAGE = "clara-test-box:latest"


_HOST = "CLARA_TEST_DOCKERD"
"""The variable by which the processes of a test find the daemon of the test run."""


@dataclass(frozen=True)
class Dockerd:
    host: str
    """As DOCKER_HOST."""
    server: Server | None
    """None in another process than the one that started it."""

    def client(self) -> APIClient:
        return APIClient(self.host, version="auto", timeout=60)


_SHARED: list[Dockerd] = []


@contextmanager
def shared() -> Iterator[Dockerd]:
    """The daemon of this test run; started by the first who asks, and ended when that one is done."""
    if _SHARED:
        yield _SHARED[0]
    elif _HOST in os.environ:
        yield Dockerd(os.environ[_HOST], None)
    else:
        with dockerd() as running:
            _SHARED.append(running)
            os.environ[_HOST] = running.host
            try:
                yield running
            finally:
                _SHARED.clear()
                del os.environ[_HOST]


@contextmanager
def dockerd() -> Iterator[Dockerd]:
    """A daemon. Skips the test where there is none, or nobody who may start one."""
    needs.require("dockerd")
    if os.geteuid() != 0:
        pytest.skip("only root starts a Docker daemon")
    folder = Path(tempfile.mkdtemp(prefix="clara-test-docker-"))
    host = f"unix://{folder}/socket"
    command = [
        shutil.which("dockerd", path=needs.SEARCHED), "--host", host, "--data-root", folder / "data",
        "--exec-root", folder / "exec", "--pidfile", folder / "pid", "--iptables=false", "--ip6tables=false",
        "--bridge=none", "--ip-forward=false", "--ip-masq=false", "--log-level=error",
    ]  # fmt: skip

    def answers() -> None:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            probe.connect(str(folder / "socket"))
            probe.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            if b" 200 " not in probe.recv(100):
                raise OSError("not yet")

    server = Server(command, folder / "log", answers, signal.SIGTERM, env={"PATH": needs.SEARCHED})
    try:
        server.start()
        running = Dockerd(host, server)
        client = running.client()
        client.import_image_from_file(str(box_image.archive()), *IMAGE.split(":"))
        client.close()
        yield running
    finally:
        server.end(signal.SIGTERM)
        _end_what_is_left(folder)
        _unmount(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _end_what_is_left(folder: Path) -> None:
    """Of containers whose daemon was killed: each has a process of containerd's above it."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(str(folder) in word for word in process.cmdline()):
                for each in (*process.children(recursive=True), process):
                    each.kill()


def _unmount(folder: Path) -> None:
    """What a daemon that was killed has left mounted."""
    for line in Path("/proc/mounts").read_text().splitlines():
        target = line.split(" ")[1]
        if target.startswith(str(folder)):
            subprocess.run(["umount", "--lazy", target], check=False, timeout=20)
