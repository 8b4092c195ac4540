"""One fixture over all back ends: every test that asks for ``backend`` holds for each of them.

What is not on a machine is skipped, and the run says so.
"""

from collections.abc import AsyncIterator
from itertools import count

import pytest

from activities.sandbox.backend import Backend
from store.database import Pool
from tests.activities.sandbox.opened import LIMITS, OPENED
from tests.activities.sandbox.workbench import Workbench

_NUMBERS = count(1)


@pytest.fixture(scope="session", params=list(OPENED))
async def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Backend]:
    """A back end for all tests; each takes a ``box`` of its own."""
    async with OPENED[request.param](tmp_path_factory.mktemp("sandbox")) as opened:
        yield opened


@pytest.fixture(scope="session")
def bench(backend: Backend, pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """The tools, over each back end."""
    return Workbench(backend, pool, tmp_path_factory.mktemp("workbench"), {"SANDBOX_DISK": f"{LIMITS.disk_mib}m"})


@pytest.fixture
async def box(backend: Backend) -> AsyncIterator[str]:
    """A box that is ready."""
    name = f"testbox{next(_NUMBERS):06d}"
    await backend.start(name)
    yield name
    await backend.wipe(name)


@pytest.fixture
async def another(backend: Backend) -> AsyncIterator[str]:
    """Somebody else's."""
    name = f"testbox{next(_NUMBERS):06d}"
    await backend.start(name)
    yield name
    await backend.wipe(name)
