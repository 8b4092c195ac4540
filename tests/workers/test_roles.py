"""What a worker process serves: the roles that it is told, or all of them."""

import subprocess
import sys

import pytest

from clara.errors import Misconfigured
from temporal import queues
from workers.roles import ROLES, chosen


def test_roles_have_queues_and_names_of_their_own() -> None:
    assert len({role.name for role in ROLES}) == len({role.queue for role in ROLES}) == len(ROLES)
    assert {role.name: role.queue for role in ROLES} == queues.OF_ROLES
    assert chosen([]) == ROLES
    assert chosen([ROLES[0].name]) == ROLES[:1]
    with pytest.raises(Misconfigured, match=r"There is no role 'chef'\. There are: sandbox, plugins, clara"):
        chosen(["clara", "chef"])


def test_a_process_refuses_an_unknown_role_before_it_connects_to_anything() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "workers", "nobody"], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode != 0
    assert "There is no role 'nobody'" in ran.stderr
