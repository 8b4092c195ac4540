"""A disk without room for a plugin: told in a sentence, nothing is left of the try, and the next one works."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from activities.plugins import places
from clara.errors import ToolFailed
from clara.settings import Settings, load
from store import plugins
from store.database import Pool
from tests.gateway.test_full_disk import fill, mounted
from tests.loopback.npm import NpmRegistry
from tests.workflows import test_plugins
from tests.workflows.test_plugins import Installing, wish

registry, installing, _needs = test_plugins.registry, test_plugins.installing, test_plugins._needs

FULL = "The disk is full"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    mounted(tmp_path / "disk", 40)
    yield tmp_path / "disk"
    subprocess.run(["umount", "--lazy", tmp_path / "disk"], check=True)


@pytest.fixture
def settings(disk: Path, registry: NpmRegistry) -> Settings:
    return load({"CLARA_HOME": str(disk / "home"), "MCP_TRUSTED_URLS": registry.url})


@pytest.mark.parametrize("when", ["before", "while it is unpacked"])
async def test_a_disk_that_is_full(
    installing: Installing, registry: NpmRegistry, pool: Pool, disk: Path, when: str
) -> None:
    registry.publish("small")
    registry.publish("large", files={f"{number}.txt": f"{number}" * (5 * 2**20) for number in range(1, 10)})
    places.boxes(installing.root).mkdir(parents=True)
    if when == "before":
        fill(disk)
    request = wish("small" if when == "before" else "large")
    outcome = await installing.install(request)
    assert outcome.state == "gone"
    assert FULL in outcome.sentence
    assert str(disk) not in outcome.sentence
    assert await plugins.get(pool, request.plugin_id) is None
    assert installing.on_disk() == []
    (disk / "filling").unlink(missing_ok=True)
    again = await installing.install(wish("small", user_id=request.user_id))
    assert (again.state, again.tools) == ("ready", 2)
    if when == "before":
        plugin = await plugins.get(pool, again.plugin_id)
        assert plugin is not None
        fill(disk)
        with pytest.raises(ToolFailed, match=FULL):
            await installing.servers.call(plugin, request.user_id, "say", {}, timeout=timedelta(seconds=20))
        (disk / "filling").unlink()
        said = await installing.servers.call(plugin, request.user_id, "say", {}, timeout=timedelta(seconds=20))
        assert said.text == "done"
