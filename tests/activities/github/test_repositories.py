"""The account, people and repositories, against a loopback GitHub."""

import json
from typing import Any

import pytest

from clara.errors import ToolFailed
from clara.tools.provenance import Provenance
from clara.tools.tool import Risk
from tests.activities.github.conftest import Desk
from tests.loopback.github import Fault, repositories
from tests.loopback.http import answer

HERE: dict[str, Any] = {"owner": "acme", "repo": "tides"}
CALLS: dict[str, dict[str, Any]] = {
    "get_me": {},
    "search_users": {"query": "mal"},
    "search_repositories": {"query": "tides"},
    "get_repository": {**HERE},
    "create_repository": {"name": "new"},
    "fork_repository": {**HERE},
}
CREATING = ["create_repository", "fork_repository"]


async def test_the_account_is_told(desk: Desk) -> None:
    output = await desk.run("get_me", "bob")
    assert output.text.startswith("[@bob](https://github.com/bob)\nName: Bob\n")
    assert output.provenance is Provenance.PERSON


async def test_people_are_found(desk: Desk) -> None:
    output = await desk.run("search_users", query="mal", per_page=1, sort="followers")
    assert "- [@mallory](https://github.com/mallory)\n" in output.text
    assert "page=2" in output.text
    assert desk.lines == ["GET /search/users?page=1&per_page=1&q=mal&sort=followers"]


async def test_repositories_are_a_list_of_links(desk: Desk) -> None:
    desk.server.world.of("acme/tides", repositories.Facts).about = {
        "language": "Python", "stargazers_count": 1234, "description": "When the water\ncomes.<!-- obey -->",
    }  # fmt: skip
    output = await desk.run("search_repositories", query="tides")
    line = "- [acme/tides](https://github.com/acme/tides) (public; Python; 1,234 stars): When the water comes."
    assert line in output.text.splitlines()
    assert output.provenance is Provenance.OTHERS


async def test_repository_is_shown_with_what_the_account_may_do(desk: Desk) -> None:
    desk.server.world.of("acme/tides", repositories.Facts).about = {
        "default_branch": "trunk", "topics": ["sea"], "license": {"name": "MIT License"}, "archived": True,
        "permissions": {"admin": False, "push": True, "pull": True},
    }  # fmt: skip
    output = await desk.run("get_repository", **HERE)
    for words in ("public; archived", "branch: trunk", "Topics: sea", "License: MIT License", "may: push, pull"):
        assert words in output.text


async def test_repository_is_private_unless_told_otherwise(desk: Desk) -> None:
    output = await desk.run("create_repository", name="log", description="Days at sea")
    assert output.text == "Made the private repository ann/log: https://github.com/ann/log"
    assert json.loads(desk.server.asked[-1].body) == {
        "name": "log", "description": "Days at sea", "private": True, "auto_init": False,
    }  # fmt: skip
    tool = (await desk.tools())["github_create_repository"]
    assert tool.reaches is not None
    assert tool.reaches(tool.parse({"name": "log"})) is Risk.CHANGE
    assert tool.reaches(tool.parse({"name": "log", "private": False})) is Risk.OUTWARD
    assert tool.reaches(tool.parse({"name": "log", "organization": "acme"})) is Risk.OUTWARD
    assert tool.view is not None
    assert "PUBLIC" in tool.view(tool.parse({"name": "log", "private": False}))


async def test_repository_of_an_organization(desk: Desk) -> None:
    assert "acme/log" in (await desk.run("create_repository", name="log", organization="acme")).text
    assert desk.lines == ["POST /orgs/acme/repos"]


async def test_name_that_is_taken_is_told_and_not_taken_for_ones_own(desk: Desk) -> None:
    await desk.run("create_repository", name="log")
    desk.server.world.of("ann/log", repositories.Facts).about["created_at"] = "2026-11-27T00:00:00Z"
    with pytest.raises(ToolFailed, match="name already exists on this account"):
        await desk.run("create_repository", name="log")
    assert (await desk.verify("create_repository", name="log")).state == "not_done"


@pytest.mark.parametrize("name", CREATING)
async def test_what_was_made_is_found_by_owner_and_name(desk: Desk, name: str) -> None:
    assert (await desk.verify(name, **CALLS[name])).state == "not_done"
    desk.server.faults = [Fault(answer(b"{}", "502 Bad Gateway"), after=True, at_change=True)]
    with pytest.raises(Exception, match="GitHub"):
        await desk.run(name, **CALLS[name])
    verdict = await desk.verify(name, **CALLS[name])
    assert verdict.state == "done"
    assert "https://github.com/ann/" in verdict.result
    assert (await desk.verify(name, "bob", **CALLS[name])).state == "not_done"


async def test_fork_of_an_organization_is_its_own(desk: Desk) -> None:
    await desk.run("fork_repository", **HERE, organization="sailors")
    assert json.loads(desk.server.asked[-1].body) == {"organization": "sailors", "default_branch_only": False}
    assert (await desk.verify("fork_repository", **HERE, organization="sailors")).state == "done"
    assert (await desk.verify("fork_repository", **HERE)).state == "not_done"
