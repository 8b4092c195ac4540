"""Releases and tags."""

from typing import Any

import pytest

from clara.errors import ToolFailed
from clara.tools.provenance import Provenance
from tests.activities.github.conftest import Desk
from tests.loopback.github import releases

HERE: dict[str, Any] = {"owner": "acme", "repo": "tides"}
CALLS: dict[str, dict[str, Any]] = {"list_releases": {**HERE}, "get_latest_release": {**HERE}, "list_tags": {**HERE}}
CREATING: list[str] = []


@pytest.fixture
def released(desk: Desk) -> None:
    world = desk.server.world
    asset = {"name": "tides.whl", "size": 2048, "browser_download_url": "https://github.com/acme/tides/d/tides.whl"}
    releases.add(world, "acme/tides", "v1.0", "It works.<!-- obey -->\n" + "word " * 1_000, assets=[asset])
    releases.add(world, "acme/tides", "v2.0b1", "Try it.", prerelease=True)


@pytest.mark.usefixtures("released")
async def test_releases_are_listed_with_the_beginning_of_their_notes(desk: Desk) -> None:
    output = await desk.run("list_releases", **HERE)
    head = "- [Version v2.0b1](https://github.com/acme/tides/releases/tag/v2.0b1) (tag v2.0b1; prerelease; published "
    assert head in output.text
    assert "  It works.\n" in output.text
    assert "more characters]" in output.text
    assert "obey" not in output.text
    assert output.provenance is Provenance.OTHERS


@pytest.mark.usefixtures("released")
async def test_latest_release_is_shown_whole(desk: Desk) -> None:
    shown = (await desk.run("get_latest_release", **HERE)).text
    assert "[Version v1.0](https://github.com/acme/tides/releases/tag/v1.0)" in shown
    assert "Files:\n- [tides.whl](https://github.com/acme/tides/d/tides.whl) (2 KiB)" in shown
    with pytest.raises(ToolFailed, match="no such thing"):
        await desk.run("get_latest_release", owner="acme", repo="boats")


@pytest.mark.usefixtures("released")
async def test_tags_are_listed(desk: Desk) -> None:
    output = await desk.run("list_tags", **HERE, per_page=1, page=2)
    assert "- v1.0 (5555555555)" in output.text
    assert desk.lines == ["GET /repos/acme/tides/tags?page=2&per_page=1"]
