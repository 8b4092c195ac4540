"""The way out of a real box: pip installs from an index that is allowed, and reaches nothing else."""

import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from activities.sandbox.backend import WAY_OUT, Command
from activities.sandbox.bubblewrap import BubblewrapBackend
from activities.sandbox.proxy import SOCKET, Proxy, through
from activities.sandbox.running import Run, run
from activities.sandbox.tools.packages import ELSEWHERE
from clara.hosts import allowed_host
from tests import needs
from tests.activities.sandbox.opened import LIMITS
from tests.loopback.http import Server, answer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")

BOX = "wayout0001"
WHEEL = "tides-1.0-py3-none-any.whl"


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[Server]:
    """An index with one package."""
    with zipfile.ZipFile(tmp_path / WHEEL, "w") as archive:
        archive.writestr("tides.py", "HIGH = 2\n")
        archive.writestr("tides-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tides\nVersion: 1.0\n")
        archive.writestr("tides-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tides-1.0.dist-info/RECORD", "tides.py,,\n")
    page = f"<a href='/{WHEEL}'>{WHEEL}</a>".encode()
    routes = {
        "/simple/tides/": answer(page, content_type="text/html"),
        f"/{WHEEL}": answer((tmp_path / WHEEL).read_bytes()),
    }
    async with Server(routes) as running:
        yield running


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[BubblewrapBackend]:
    needs.require("bubblewrap")
    opened = BubblewrapBackend(tmp_path / "boxes", LIMITS, tmp_path / "ways")
    probe = await opened.probe()
    if not probe.usable:
        pytest.skip(probe.about)
    (tmp_path / "ways" / BOX).mkdir(parents=True)
    await opened.start(BOX)
    yield opened
    await opened.wipe(BOX)


async def test_pip_installs_in_a_box_from_what_is_allowed_alone(
    backend: BubblewrapBackend, index: Server, tmp_path: Path
) -> None:
    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async def pip(url: str, *packages: str) -> Run:
        options = ["--user", "--no-input", "--no-deps", "--no-cache-dir", "--retries", "0", "--trusted-host", place]
        install = [*ELSEWHERE, "python3", "-m", "pip", "install", *options, "--index-url", url, *packages]
        return await run(backend, BOX, Command(through(install, f"{WAY_OUT}/{SOCKET}"), network=True), 120)

    # The home has files that are called like modules of pip and of Python.
    await run(backend, BOX, Command(["sh", "-c", "for n in json pip queue; do echo 'print(1 / 0)' > $n.py; done"]), 60)
    place = f"index.example:{index.port}"
    way = tmp_path / "ways" / BOX / SOCKET
    async with Proxy(way, [allowed_host(place)], trusted=[f"http://{place}"], resolve=here) as proxy:
        done = await pip(f"http://{place}/simple", "tides")
        assert done.code == 0, done.output
        assert "Successfully installed tides-1.0" in done.output
        refused = await pip("https://evil.example/simple", "tides==2.0")
        assert refused.code != 0
        assert proxy.refused == ("evil.example:443 is not among the hosts that may be reached from here.",)
    use = "import tides, sys; print(tides.HIGH, tides.__file__)"
    installed = await run(backend, BOX, Command(["python3", "-c", f"import sys; sys.path.pop(0); {use}"]), 60)
    assert installed.output.startswith("2 /home/user/.local/lib/python3")
    closed = await pip(f"http://{place}/simple", "--force-reinstall", "tides")
    assert closed.code != 0, "the way is closed when its proxy is"
