"""An LXD of the tests' own: its folder, its images and its instances end with it. No network, no virtual machines."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import box_image, needs
from tests.servers import Server

IMAGE = "clara-test-box"

PRESEED = """
storage_pools:
- {name: default, driver: dir}
profiles:
- name: default
  config:
    security.privileged: "true"
    boot.host_shutdown_timeout: "1"
    raw.lxc: |-
      lxc.init.cmd=/bin/sleep infinity
      lxc.mount.auto=cgroup:ro:force
  devices:
    root: {path: /, pool: default, type: disk}
"""
"""The image has no init, which would mount the control groups, and would end when it is asked to. The machines of
tests have no user ids to spare for containers, so theirs are privileged."""

_SOCKET = "CLARA_TEST_LXD"
"""The variable by which the processes of a test find the server of the test run."""


NEED = needs.Need("LXD", "lxd", "lxd", "code in LXD's sandbox")


def install() -> None:
    """As root on Debian; it takes 70 MB, so only ``make test-lxd`` does it."""
    needs.install([NEED])


@contextmanager
def shared() -> Iterator[str]:
    """The path of the server's socket; started by the first who asks."""
    if _SOCKET in os.environ:
        yield os.environ[_SOCKET]
        return
    with lxd() as path:
        os.environ[_SOCKET] = path
        try:
            yield path
        finally:
            del os.environ[_SOCKET]


@contextmanager
def lxd() -> Iterator[str]:
    """Skips the test where there is no LXD, or nobody who may start it; ``make test-lxd`` installs it."""
    program = shutil.which("lxd", path=needs.SEARCHED)
    if program is None:
        pytest.skip("LXD is not on this machine; make test-lxd installs it")
    if os.geteuid() != 0:
        pytest.skip("only root starts LXD")
    folder = Path(tempfile.mkdtemp(prefix="clara-test-lxd-"))
    environment = {"PATH": needs.SEARCHED, "LXD_DIR": str(folder / "lxd"), "HOME": str(folder)}
    path = folder / "lxd" / "unix.socket"

    def answers() -> None:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            probe.connect(str(path))

    def client(*arguments: str, text: str = "") -> None:
        command = [shutil.which(arguments[0], path=needs.SEARCHED), *arguments[1:]]
        subprocess.run(command, env=environment, input=text.encode(), check=True, capture_output=True, timeout=120)

    server = Server([program, "--group", "root"], folder / "log", answers, signal.SIGPWR, env=environment, cwd=folder)
    try:
        server.start()
        client("lxd", "waitready", "--timeout", "60")
        client("lxd", "init", "--preseed", text=PRESEED)
        client("lxc", "image", "import", str(box_image.archive(lxd=True)), "--alias", IMAGE)
        yield str(path)
    finally:
        server.end(signal.SIGPWR)
        _unmount(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _unmount(folder: Path) -> None:
    mounted = [line.split(" ")[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for target in sorted((each for each in mounted if each.startswith(str(folder))), reverse=True):
        subprocess.run(["umount", "--lazy", target], check=False, timeout=20)
