"""What a box is, and what stays of it."""

import asyncio
import tempfile
from pathlib import Path

import pytest

from activities.sandbox.docker.backend import DockerBackend
from tests.activities.sandbox.docker.commands import run, shell
from tests.activities.sandbox.docker.conftest import LIMITS
from tests.dockerd import IMAGE, Dockerd

CONFINEMENT = """
import os
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
print(os.getuid(), os.getgid(), os.getgroups(), int(status["CapBnd"], 16), int(status["CapEff"], 16),
      status["NoNewPrivs"].strip(), status["Seccomp"].strip(), os.listdir("/sys/class/net"))
"""


async def test_a_box_has_no_rights_and_no_network(docker: DockerBackend, shared: str) -> None:
    assert (await run(docker, shared, "python3", "-c", CONFINEMENT)).out.strip() == "1000 1000 [1000] 0 0 1 2 ['lo']"


@pytest.mark.parametrize("path", ["/x", "/etc/x", "/usr/bin/x", "/home/x", "/home/.clara/x", "/home/.clara/inside/x"])
async def test_only_the_home_and_temporary_files_can_be_written(docker: DockerBackend, shared: str, path: str) -> None:
    assert (await shell(docker, shared, f"echo x > {path}")).code != 0


async def test_nothing_of_the_hosts_environment_is_in_a_box(
    docker: DockerBackend, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://canary:secret@127.0.0.1:1")
    seen = await shell(docker, box, "env; cat /proc/*/environ")
    assert "canary" not in seen.out + seen.err
    assert "HOME=/home/user" in seen.out


async def test_files_outlive_the_box_and_the_limits_that_it_was_made_with(
    docker: DockerBackend, daemon: Dockerd
) -> None:
    await docker.start("keeps0001")
    await shell(docker, "keeps0001", "echo kept > file; mkdir .local; echo gone > /tmp/file")
    await docker.stop("keeps0001")
    assert "keeps0001" in await docker.boxes(), "its files are still there"
    larger = DockerBackend("tests", IMAGE, LIMITS.__class__(**{**vars(LIMITS), "memory_mib": 300}), daemon.host)
    for backend in (docker, larger):
        await backend.start("keeps0001")
        assert (await shell(backend, "keeps0001", "cat file; ls /tmp")).out == "kept\n"
    await larger.wipe("keeps0001")
    assert "keeps0001" not in await docker.boxes()
    await larger.wipe("keeps0001")
    await larger.close()


async def test_a_box_that_was_removed_by_hand_is_made_again(docker: DockerBackend, box: str, daemon: Dockerd) -> None:
    await shell(docker, box, "echo kept > file")
    client = daemon.client()
    client.remove_container(f"clara-tests-{box}", force=True)
    client.close()
    await docker.start(box)
    assert (await shell(docker, box, "cat file")).out == "kept\n"


async def test_two_installations_on_one_daemon_do_not_see_each_other(
    docker: DockerBackend, box: str, daemon: Dockerd
) -> None:
    other = DockerBackend("others", IMAGE, LIMITS, daemon.host)
    await shell(docker, box, "echo mine > file")
    await other.start(box)
    assert (await shell(other, box, "ls")).out == ""
    assert list(await other.boxes()) == [box]
    await other.wipe(box)
    assert list(await other.boxes()) == []
    assert (await shell(docker, box, "cat file")).out == "mine\n"
    await other.close()


async def test_a_proxys_socket_is_reached_while_it_is_there(daemon: Dockerd) -> None:
    with tempfile.TemporaryDirectory(prefix="clara-ways-") as folder:  # a short path, as sockets need
        backend = DockerBackend("tests", IMAGE, LIMITS, daemon.host, ways=Path(folder))
        ask = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/clara/proxy.sock'); print(s.recv(9))"
        await backend.start("goesout01")
        assert (await run(backend, "goesout01", "python3", "-c", ask)).code == 1
        path = Path(folder) / "goesout01" / "proxy.sock"

        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"hello")
            writer.close()

        async with await asyncio.start_unix_server(greet, path):
            path.chmod(0o666)
            assert (await run(backend, "goesout01", "python3", "-c", ask)).out == "b'hello'\n"
        await backend.wipe("goesout01")
        await backend.close()


async def test_memory_is_limited_and_the_box_stays(docker: DockerBackend, box: str) -> None:
    ended = await run(docker, box, "python3", "-c", "x = bytearray(600 << 20)")
    assert ended.code == 137
    assert "256 MiB of memory" in ended.verdict
    assert (await shell(docker, box, "echo well")).out == "well\n"
