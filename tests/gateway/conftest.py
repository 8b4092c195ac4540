"""Homes for the tests of this folder; whatever a test leaves running in them is stopped."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.gateway.homes import TestHome

NewHome = Callable[..., TestHome]


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[NewHome]:
    homes: list[TestHome] = []

    def make(name: str = "home", **variables: str) -> TestHome:
        homes.append(TestHome(tmp_path / name, variables))
        return homes[-1]

    yield make
    for home in homes:
        if not home.root.exists():
            continue
        stopped = home.clara("stop")
        assert stopped.code == 0, stopped.err


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestHome]:
    """A started home for all tests here that leave it as they found it. Its name would trip most quoting.

    Its processes are executed as everybody's are.
    """
    home = TestHome(tmp_path_factory.mktemp("running") / 'it\'s a 100% "home" ; #1 %(x)s')
    home.start(hands_on=False)
    yield home
    stopped = home.clara("stop")
    assert stopped.code == 0, stopped.err
