"""A daemon for all tests of the process, and a back end with a box."""

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from activities.sandbox.backend import Limits
from activities.sandbox.docker.backend import DockerBackend
from tests import dockerd
from tests.dockerd import IMAGE, Dockerd

LIMITS = Limits(memory_mib=256, cpus=1.0, processes=48, disk_mib=32)

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def daemon() -> Iterator[Dockerd]:
    with dockerd.shared() as running:
        yield running


@pytest.fixture(scope="session")
async def docker(daemon: Dockerd) -> AsyncIterator[DockerBackend]:
    backend = DockerBackend("tests", IMAGE, LIMITS, daemon.host)
    yield backend
    await backend.close()


@pytest.fixture
async def box(docker: DockerBackend) -> AsyncIterator[str]:
    """A box that was started; it is wiped afterwards."""
    name = f"person{next(_NUMBERS):04}"
    await docker.start(name)
    yield name
    await docker.wipe(name)


@pytest.fixture
async def shared(docker: DockerBackend) -> str:
    """A box for tests that leave it as it was. Started for each, because others have the daemon end meanwhile."""
    await docker.start("everybody")
    return "everybody"
