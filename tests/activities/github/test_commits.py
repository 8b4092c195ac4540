"""Branches, commits, trees and the search in code."""

import json
from typing import Any

import pytest

from activities.github.tools import code
from clara.errors import ToolFailed, Unavailable
from tests.activities.github.conftest import Desk
from tests.loopback.github import Fault
from tests.loopback.github import code as loopback
from tests.loopback.github.git import Git
from tests.loopback.github.wire import refusal
from tests.loopback.http import answer

HERE: dict[str, Any] = {"owner": "acme", "repo": "tides"}
CALLS: dict[str, dict[str, Any]] = {
    "list_branches": {**HERE},
    "create_branch": {**HERE, "branch": "fog"},
    "list_commits": {**HERE},
    "get_commit": {**HERE, "ref": "main"},
    "search_code": {"query": "tide"},
    "get_repository_tree": {**HERE},
}
CREATING = ["create_branch"]


def head(desk: Desk, branch: str = "main") -> str:
    return desk.server.world.of("acme/tides", Git).branches[branch]


async def test_branches_are_listed(desk: Desk) -> None:
    await desk.run("create_branch", **HERE, branch="feature/fog")
    shown = (await desk.run("list_branches", **HERE)).text
    assert f"- feature/fog ({head(desk)[:10]})\n- main ({head(desk)[:10]}, protected)" in shown


async def test_branch_begins_where_it_should(desk: Desk) -> None:
    first = head(desk)
    await desk.run("create_or_update_file", **HERE, path="a", content="a", message="m")
    for name, ref, sha in (("x", None, head(desk)), ("y", "main", head(desk)), ("z", first, first)):
        output = await desk.run("create_branch", **HERE, branch=name, **({"from_ref": ref} if ref else {}))
        assert output.text == f"Made the branch {name} of acme/tides at {sha}."
        assert json.loads(desk.server.asked[-1].body) == {"ref": f"refs/heads/{name}", "sha": sha}
    with pytest.raises(ToolFailed, match="Reference already exists"):
        await desk.run("create_branch", **HERE, branch="x")


async def test_lost_branch_is_found_by_its_commit(desk: Desk) -> None:
    asked = {**HERE, "branch": "feature/fog"}
    desk.server.faults = [Fault(answer(b"{}", "502 Bad Gateway"), after=True, at_change=True)]
    with pytest.raises(Unavailable):
        await desk.run("create_branch", **asked)
    assert (await desk.verify("create_branch", **asked)).state == "done"
    assert "GET /repos/acme/tides/git/ref/heads%2Ffeature%2Ffog" in desk.lines
    assert (await desk.verify("create_branch", **HERE, branch="other")).state == "not_done"
    desk.server.world.of("acme/tides", Git).commit(desk.server.world, "feature/fog", "mallory", "m", {"a": b"a"})
    assert (await desk.verify("create_branch", **asked)).state == "unknown"


async def test_commits_are_a_list_newest_first(desk: Desk) -> None:
    await desk.run("create_or_update_file", **HERE, path="a.md", content="a", message="Second\n\nlong")
    shown = await desk.run("list_commits", **HERE)
    lines = [line for line in shown.text.splitlines() if line.startswith("- ")]
    sha = head(desk)
    link = f"[{sha[:10]}](https://github.com/acme/tides/commit/{sha})"
    assert lines[0].startswith(f"- {link} Second (by @ann; 2026-11-28 00:0")
    assert "Begin (by @mallory;" in lines[1]


async def test_commits_can_be_narrowed(desk: Desk) -> None:
    output = await desk.run(
        "list_commits", **HERE, ref="main", path="src/", author="mallory", since="2026-11-28T01:00:00+02:00",
        until="2026-11-30T00:00:00Z",
    )  # fmt: skip
    assert output.text == "There are none."
    assert desk.lines == [
        "GET /repos/acme/tides/commits?author=mallory&page=1&path=src&per_page=30&sha=main"
        "&since=2026-11-27T23%3A00%3A00Z&until=2026-11-30T00%3A00%3A00Z"
    ]


async def test_commit_is_shown_with_its_changes(desk: Desk) -> None:
    content = "def tide() -> float:\n    return 2.0\n"
    await desk.run("create_or_update_file", **HERE, path="src/tide.py", content=content, message="Higher")
    shown = (await desk.run("get_commit", **HERE, ref=head(desk))).text
    assert f"[Commit {head(desk)}](https://github.com/acme/tides/commit/{head(desk)})" in shown
    assert "### src/tide.py (modified; +1 -1)\n@@" in shown
    assert "-    return 1.0\n+    return 2.0" in shown


async def test_tree_is_all_files_or_those_of_a_folder(desk: Desk) -> None:
    whole = (await desk.run("get_repository_tree", **HERE, ref="main")).text
    assert (
        "- README.md (8 bytes)\n- logo.png (264 bytes)\n- src (folder)\n- src/old (folder)\n- src/old/moon.py (9 bytes)"
        in whole
    )
    assert desk.lines == ["GET /repos/acme/tides/git/trees/main?recursive=1"]
    below = (await desk.run("get_repository_tree", **HERE, under="src", recursive=False)).text
    assert "- src/old (folder)\n- src/tide.py" in below
    assert "moon" not in below
    assert "README" not in below


async def test_tree_that_is_cut_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "TREE_LIMIT", 3)
    shown = (await desk.run("get_repository_tree", **HERE)).text
    assert "GitHub has cut this list. Read single folders by github_get_file_contents." in shown
    monkeypatch.setattr(code, "ENTRIES_LIMIT", 1)
    assert "2 more are not shown. Narrow it by under." in (await desk.run("get_repository_tree", **HERE)).text


async def test_code_is_found_with_the_places(desk: Desk) -> None:
    output = await desk.run("search_code", query="return")
    sha = head(desk)
    line = f"- [acme/tides: src/tide.py](https://github.com/acme/tides/blob/{sha}/src/tide.py)"
    assert f"{line}\n      def tide() -> float:\n          return 1.0" in output.text
    assert desk.lines == ["GET /search/code?page=1&per_page=30&q=return"]


async def test_limit_of_code_searches_is_told_as_theirs(desk: Desk) -> None:
    limit = refusal(
        "403 Forbidden", "API rate limit exceeded", retry_after="20", x_ratelimit_remaining="0",
        x_ratelimit_resource="code_search",
    )  # fmt: skip
    desk.server.faults = [Fault(limit)]
    with pytest.raises(Unavailable, match="GitHub's rate limit for code searches is reached until") as raised:
        await desk.run("search_code", query="tide")
    assert raised.value.retry_after is not None
    assert raised.value.retry_after.total_seconds() == 20
