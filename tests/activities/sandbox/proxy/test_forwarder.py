"""What runs in a box before a command with network, run here without one: a command finds the proxy by it."""

import asyncio
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from activities.sandbox.proxy import SOCKET, Proxy, through
from clara.hosts import allowed_host
from tests.loopback.http import Server, answer
from tests.patience import PATIENCE_S

ASK = "import urllib.request as r, sys; print(r.urlopen(sys.argv[1], timeout=20).read().decode())"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server({"/": answer(b"hello from the index")}) as running:
        yield running


@pytest.fixture
async def proxy(server: Server, tmp_path: Path) -> AsyncIterator[Proxy]:
    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    name = f"index.example:{server.port}"
    async with Proxy(tmp_path / SOCKET, [allowed_host(name)], trusted=[f"http://{name}"], resolve=here) as opened:
        yield opened


async def run(tmp_path: Path, *command: str, **environment: str) -> tuple[int, str]:
    """A command's exit code and all that it wrote; its streams must end with it."""
    process = await asyncio.create_subprocess_exec(
        *through(command, str(tmp_path / SOCKET)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", **environment},
        cwd=tmp_path,
    )
    async with asyncio.timeout(120):
        output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


@pytest.mark.usefixtures("proxy")
async def test_a_command_reaches_what_is_allowed_and_nothing_else(server: Server, tmp_path: Path) -> None:
    assert await run(tmp_path, "python3", "-c", ASK, f"http://index.example:{server.port}/") == (
        0,
        "hello from the index\n",
    )
    code, output = await run(tmp_path, "python3", "-c", ASK, "http://evil.example/")
    assert code == 1
    assert "HTTP Error 403: evil.example:80 is not among the hosts that may be reached from here." in output
    code, output = await run(tmp_path, "python3", "-c", ASK, "https://evil.example/")
    assert "Tunnel connection failed: 403 evil.example:443 is not among the hosts" in output


@pytest.mark.usefixtures("proxy")
async def test_a_command_is_what_it_would_be_without(tmp_path: Path) -> None:
    assert await run(tmp_path, "sh", "-c", "echo $A; exit 7", A="b") == (7, "b\n")
    code, output = await run(tmp_path, "sh", "-c", "kill -9 $$")
    assert code == -9
    assert await run(tmp_path, "no-such-command") == (127, "no-such-command: No such file or directory\n")
    code, output = await run(
        tmp_path, "python3", "-c", "import os\ntry: os.wait()\nexcept ChildProcessError: print('none')"
    )
    assert (code, output) == (0, "none\n"), "it has no child that it did not start"


@pytest.mark.usefixtures("proxy")
async def test_nothing_is_left_when_the_command_has_ended(tmp_path: Path) -> None:
    listening = "import os; print(os.environ['HTTP_PROXY'].rpartition(':')[2])"
    _, port = await run(tmp_path, "python3", "-c", listening)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", int(port))
            except ConnectionRefusedError:
                break
            except ConnectionResetError:
                continue  # it ended in the middle of this
            writer.close()
            await asyncio.sleep(0.02)


async def test_without_a_proxy_nothing_is_reached(tmp_path: Path) -> None:
    code, output = await run(tmp_path, "python3", "-c", ASK, "http://index.example/")
    assert code == 1
    assert "RemoteDisconnected" in output or "ConnectionResetError" in output


async def test_pip_installs_from_an_index_that_is_allowed(server: Server, proxy: Proxy, tmp_path: Path) -> None:
    wheel = tmp_path / "tides-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tides.py", "HIGH = 2\n")
        archive.writestr("tides-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tides\nVersion: 1.0\n")
        archive.writestr("tides-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tides-1.0.dist-info/RECORD", "tides.py,,\n")
    server.routes |= {
        "/simple/tides/": answer(f"<a href='/{wheel.name}'>{wheel.name}</a>".encode(), content_type="text/html"),
        f"/{wheel.name}": answer(wheel.read_bytes()),
    }
    pip = [
        "python3",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "--no-deps",
        "--no-cache-dir",
    ]
    place = f"index.example:{server.port}"
    index = ["--index-url", f"http://{place}/simple", "--trusted-host", place, "--target", "made"]
    code, output = await run(tmp_path, *pip, *index, "tides", PIP_CONFIG_FILE="/dev/null", HOME=str(tmp_path))
    assert code == 0, output
    assert (tmp_path / "made" / "tides.py").read_text() == "HIGH = 2\n"
    elsewhere = ["--index-url", "https://evil.example/simple", "--target", "made", "--retries", "0"]
    code, output = await run(tmp_path, *pip, *elsewhere, "x", PIP_CONFIG_FILE="/dev/null", HOME=str(tmp_path))
    assert code != 0
    # pip says no more than that it found nothing.
    assert proxy.refused == ("evil.example:443 is not among the hosts that may be reached from here.",)
