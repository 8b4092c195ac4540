"""Each fault of the tables is found, and what is said of it mends it."""

import inspect

import pytest

from gateway.doctor.finding import Finding
from tests.gateway.doctor.faults import keys, live, machine, outside, servers, settings
from tests.gateway.doctor.faults.fault import Fault
from tests.gateway.doctor.world import World

FAULTS = [*settings.SETTINGS, *keys.KEYS, *machine.MACHINE, *outside.OUTSIDE, *live.LIVE, *servers.SERVERS]


def test_there_are_many() -> None:
    assert len(FAULTS) >= 50
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_fault_is_found_with_its_fix(world: World, fault: Fault) -> None:
    seeding = fault.seed(world)
    if inspect.isawaitable(seeding):
        await seeding
    found = await world.examine(fault.live)
    fitting = [f for f in found if f.level == fault.level and fault.what in f.what]
    assert fitting, shown(found)
    assert any(fault.fix in finding.fix for finding in fitting), shown(fitting)
    assert all(finding.fix for finding in found if finding.level != "ok"), shown(found)


def shown(found: list[Finding]) -> str:
    return "\n".join(f"{f.level} {f.name}: {f.what}\n    {f.fix}" for f in found)
