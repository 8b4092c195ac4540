"""The tools for issues, against a loopback GitHub."""

import json
from typing import Any

import pytest

from activities.github import looks
from clara.errors import ToolFailed, Unavailable
from clara.tools.provenance import Provenance
from tests.activities.github.conftest import Desk
from tests.loopback.github import Fault
from tests.loopback.http import answer

HERE: dict[str, Any] = {"owner": "acme", "repo": "tides"}
CALLS: dict[str, dict[str, Any]] = {
    "list_issues": {**HERE},
    "search_issues": {"query": "tide"},
    "get_issue": {**HERE, "number": 1},
    "list_issue_comments": {**HERE, "number": 1},
    "create_issue": {**HERE, "title": "New"},
    "update_issue": {**HERE, "number": 1, "state": "closed"},
    "add_issue_comment": {**HERE, "number": 1, "body": "Seen."},
}
CREATING = ["create_issue", "add_issue_comment"]


async def test_issues_are_a_list_of_links_newest_first(desk: Desk) -> None:
    output = await desk.run("list_issues", **HERE, labels=["bug"])
    assert output.provenance is Provenance.OTHERS
    assert output.private
    assert output.source == "the issues of acme/tides"
    shown = [line for line in output.text.splitlines() if line.startswith("- ")]
    assert shown == [
        "- [#2 Crash in spring](https://github.com/acme/tides/issues/2) "
        "(open; by @mallory; updated 2026-11-28; labels: bug)",
        "- [#1 Wrong tide](https://github.com/acme/tides/issues/1) "
        "(open; by @mallory; updated 2026-11-28; labels: bug; 1 comments)",
    ]
    assert desk.lines == ["GET /repos/acme/tides/issues?labels=bug&page=1&per_page=30&sort=created&state=open"]


async def test_next_page_is_told_and_can_be_read(desk: Desk) -> None:
    first = await desk.run("list_issues", **HERE, per_page=1)
    assert "#2 Crash" in first.text
    assert "page=2" in first.text
    second = await desk.run("list_issues", **HERE, per_page=1, page=2)
    assert "#1 Wrong" in second.text
    assert "There is more" not in second.text


async def test_search_goes_to_githubs_search(desk: Desk) -> None:
    output = await desk.run("search_issues", query="crash")
    assert "#2 Crash in spring" in output.text
    assert desk.lines == ["GET /search/issues?page=1&per_page=30&q=crash"]
    assert (await desk.run("search_issues", query="nothing like it")).text == "There are none."


async def test_issue_is_shown_whole_without_what_its_page_hides(desk: Desk) -> None:
    output = await desk.run("get_issue", **HERE, number=2)
    assert output.provenance is Provenance.OTHERS
    assert "See log." in output.text
    assert "obey me" not in output.text


async def test_comment_cannot_end_the_marks_around_it(desk: Desk) -> None:
    output = await desk.run("list_issue_comments", **HERE, number=1)
    assert "**@mallory**" in output.text
    assert output.text.count("</github>") == 1
    assert output.text.endswith("</github>")


async def test_opened_issue_is_what_was_asked_for_and_its_mark_is_not_seen(desk: Desk) -> None:
    output = await desk.run("create_issue", **HERE, title="Fog", body="Thick.", labels=["bug"], assignees=["bob"])
    assert output.text == "Opened issue #3: https://github.com/acme/tides/issues/3"
    sent = json.loads(desk.server.asked[-1].body)
    assert {k: sent[k] for k in ("title", "labels", "assignees")} == {
        "title": "Fog", "labels": ["bug"], "assignees": ["bob"],
    }  # fmt: skip
    assert sent["body"].startswith("Thick.\n\n<!-- clara:")
    assert "clara:" not in (await desk.run("get_issue", **HERE, number=3)).text


async def test_update_changes_only_what_was_given(desk: Desk) -> None:
    output = await desk.run("update_issue", **HERE, number=1, state="closed", state_reason="not_planned")
    assert output.text == "Changed issue #1, which is closed: https://github.com/acme/tides/issues/1"
    assert json.loads(desk.server.asked[-1].body) == {"state": "closed", "state_reason": "not_planned"}
    with pytest.raises(ToolFailed, match="what is to change"):
        await desk.run("update_issue", **HERE, number=1)


@pytest.mark.parametrize("name", CREATING)
async def test_creation_whose_answer_was_lost_is_found_by_its_mark(desk: Desk, name: str) -> None:
    desk.server.faults = [Fault(answer(b"{}", "502 Bad Gateway"), after=True)]
    with pytest.raises(Unavailable):
        await desk.run(name, **CALLS[name])
    verdict = await desk.verify(name, **CALLS[name])
    assert verdict.state == "done"
    assert "https://github.com/acme/tides/issues/" in verdict.result
    assert (await desk.verify(name, key="t/0/other", **CALLS[name])).state == "not_done"


@pytest.mark.parametrize("name", CREATING)
async def test_creation_that_never_arrived_is_not_found(desk: Desk, name: str) -> None:
    desk.server.faults = [Fault(answer(b"{}", "502 Bad Gateway"))]
    with pytest.raises(Unavailable):
        await desk.run(name, **CALLS[name])
    assert (await desk.verify(name, **CALLS[name])).state == "not_done"


async def test_a_look_that_cannot_read_everything_says_unknown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "PER_PAGE", 1)
    for number in range(looks.LOOKED_AT_PAGES + 1):
        await desk.run("create_issue", key=f"t/0/{number}", **HERE, title="One of many")
    assert (await desk.verify("create_issue", key="t/0/other", **CALLS["create_issue"])).state == "unknown"


@pytest.mark.parametrize(
    "wrong",
    [{"owner": "a/b"}, {"owner": ".."}, {"repo": ".."}, {"repo": "."}, {"repo": "x?y"}, {"repo": "x\n"}, {"owner": ""}],
)
async def test_names_cannot_lead_elsewhere(desk: Desk, wrong: dict[str, str]) -> None:
    tool = (await desk.tools())["github_list_issues"]
    with pytest.raises(ValueError, match="arguments of github_list_issues are wrong"):
        tool.parse({**HERE, **wrong})
    tool.parse({"owner": "acme", "repo": ".github"})
