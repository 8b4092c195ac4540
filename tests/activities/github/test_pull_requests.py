"""The tools for pull requests, against a loopback GitHub."""

import json
from typing import Any

import pytest

from clara.errors import ToolFailed, Unavailable
from clara.tools.provenance import Provenance
from tests.activities.github.conftest import Desk
from tests.loopback.github import Fault
from tests.loopback.github.pulls import Pulls, head_of
from tests.loopback.github.wire import refusal
from tests.loopback.http import answer

HERE: dict[str, Any] = {"owner": "acme", "repo": "boats"}
ONE = {**HERE, "number": 1}
CALLS: dict[str, dict[str, Any]] = {
    "list_pull_requests": {**HERE},
    "get_pull_request": {**ONE},
    "get_pull_request_diff": {**ONE},
    "list_pull_request_files": {**ONE},
    "create_pull_request": {**HERE, "title": "Oars", "head": "oars", "base": "main"},
    "update_pull_request": {**ONE, "title": "Sail on"},
    "merge_pull_request": {**ONE, "sha": head_of("Sail"), "method": "squash"},
}
CREATING = ["create_pull_request", "merge_pull_request"]


async def test_pull_requests_are_a_list_of_links(desk: Desk) -> None:
    output = await desk.run("list_pull_requests", **HERE, head="acme:sail")
    assert output.provenance is Provenance.OTHERS
    assert (
        "- [#1 Sail](https://github.com/acme/boats/pull/1) "
        "(open; by @mallory; acme:sail into acme:main; updated 2026-11-28)" in output.text
    )
    query = "direction=desc&head=acme%3Asail&page=1&per_page=30&sort=created&state=open"
    assert desk.lines == [f"GET /repos/acme/boats/pulls?{query}"]
    assert (await desk.run("list_pull_requests", **HERE, base="other")).text == "There are none."


async def test_pull_request_is_shown_with_the_commit_that_a_merge_takes(desk: Desk) -> None:
    output = await desk.run("get_pull_request", **ONE)
    assert f"Head commit: {head_of('Sail')}" in output.text
    assert "Mergeable: clean" in output.text
    assert "Review asked of @bob" in output.text
    assert "obey me" not in output.text
    assert output.source == "pull request acme/boats#1"


async def test_diff_is_read_as_text_with_all_that_is_in_the_code(desk: Desk) -> None:
    output = await desk.run("get_pull_request_diff", **ONE)
    assert desk.server.asked[-1].headers["accept"] == "application/vnd.github.diff"
    assert "+<!-- a comment -->" in output.text
    assert "\u202e" not in output.text
    assert "1 characters that nobody sees were taken out" in output.text
    assert output.provenance is Provenance.OTHERS


async def test_diff_that_github_does_not_make_says_why(desk: Desk) -> None:
    words = "Sorry, the diff exceeded the maximum number of lines (20000)"
    desk.server.faults = [Fault(refusal("406 Not Acceptable", words))]
    with pytest.raises(ToolFailed, match="exceeded the maximum number of lines"):
        await desk.run("get_pull_request_diff", **ONE)


async def test_files_are_listed_and_their_lines_on_demand(desk: Desk) -> None:
    output = await desk.run("list_pull_request_files", **ONE)
    assert "- `tide.py`: modified, +2 -1\n- `docs/moon.png`: renamed from `moon.png`, +0 -0" in output.text
    output = await desk.run("list_pull_request_files", **ONE, patches=True)
    assert "+off = 0" in output.text
    assert "it is binary or too large" in output.text


async def test_opened_pull_request_is_what_was_asked_for(desk: Desk) -> None:
    output = await desk.run("create_pull_request", **HERE, title="Oars", head="bob:oars", base="main", draft=True)
    assert output.text == "Opened pull request #2: https://github.com/acme/boats/pull/2"
    sent = json.loads(desk.server.asked[-1].body)
    assert sent["body"].startswith("<!-- clara:")
    assert {key: sent[key] for key in ("title", "head", "base", "draft")} == {
        "title": "Oars", "head": "bob:oars", "base": "main", "draft": True,
    }  # fmt: skip


async def test_update_changes_only_what_was_given(desk: Desk) -> None:
    output = await desk.run("update_pull_request", **ONE, state="closed")
    assert output.text == "Changed pull request #1, which is closed: https://github.com/acme/boats/pull/1"
    assert json.loads(desk.server.asked[-1].body) == {"state": "closed"}
    with pytest.raises(ToolFailed, match="what is to change"):
        await desk.run("update_pull_request", **ONE)


async def test_what_was_seen_is_what_is_merged(desk: Desk) -> None:
    with pytest.raises(ToolFailed, match="Head branch was modified"):
        await desk.run("merge_pull_request", **ONE, sha="d" * 40)
    output = await desk.run("merge_pull_request", **ONE, sha=head_of("Sail"), method="rebase", commit_title="Sail on")
    assert output.text.startswith(f"Merged pull request #1 as commit {'c' * 40}: http")
    assert output.text.endswith("/acme/boats/pull/1")
    assert json.loads(desk.server.asked[-1].body) == {
        "sha": head_of("Sail"), "merge_method": "rebase", "commit_title": "Sail on",
    }  # fmt: skip
    with pytest.raises(ToolFailed, match=r"as things are\. It says: Pull Request is not mergeable"):
        await desk.run("merge_pull_request", **ONE, sha=head_of("Sail"))


async def test_merge_at_another_commit_is_not_taken_for_this_one(desk: Desk) -> None:
    desk.server.faults = [Fault(answer(b"{}", "502 Bad Gateway"))]
    with pytest.raises(Unavailable):
        await desk.run("merge_pull_request", **CALLS["merge_pull_request"])
    assert (await desk.verify("merge_pull_request", **CALLS["merge_pull_request"])).state == "not_done"
    pull = desk.server.world.of("acme/boats", Pulls).found[1]
    pull["head"]["sha"] = "e" * 40  # somebody has pushed
    await desk.run("merge_pull_request", "bob", **ONE, sha="e" * 40)
    assert (await desk.verify("merge_pull_request", **CALLS["merge_pull_request"])).state == "not_done"


@pytest.mark.parametrize("sha", ["HEAD", "abc", "a" * 39, "a" * 40 + "\n", "A" * 40])
async def test_merge_takes_a_whole_commit_alone(desk: Desk, sha: str) -> None:
    tool = (await desk.tools())["github_merge_pull_request"]
    with pytest.raises(ValueError, match="arguments of github_merge_pull_request are wrong"):
        tool.parse({**ONE, "sha": sha})
