"""What a worker process serves: the roles that it is told, or all of them."""

import subprocess
import sys

import pytest

from clara.errors import Misconfigured
from workers.roles import ROLES, chosen


def test_the_roles_that_are_named_or_all() -> None:
    assert chosen([]) == ROLES
    assert chosen([ROLES[0].name]) == ROLES[:1]


def test_an_unknown_role_is_told_with_those_there_are() -> None:
    with pytest.raises(Misconfigured, match=r"no role 'nobody'\. There are: .*clara"):
        chosen([ROLES[0].name, "nobody"])


def test_the_process_refuses_it_before_it_connects_to_anything() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "workers", "nobody"], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode != 0
    assert "There is no role 'nobody'" in ran.stderr
