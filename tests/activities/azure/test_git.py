"""Repositories and pull requests, as a model and a person read of them."""

import json
from typing import Any

import pytest

from clara.errors import ToolFailed
from tests.activities.azure.calls import CALLS, REPO
from tests.activities.azure.conftest import PROJECT, Desk
from tests.loopback.azure.world import sha


def shown(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("- ")]


def sent(desk: Desk) -> Any:
    return json.loads(desk.server.asked[-1].body)


async def test_branches_come_in_pages_by_token(desk: Desk) -> None:
    first = await desk.run("list_branches", **REPO, per_page=1)
    url = f"{desk.server.url}/Fog%20Bank/_git/tides"
    assert shown(first.text) == [f"- [main]({url}?version=GBmain) ({desk.tides.branches['main'][:8]}; by Ann)"]
    assert 'call again with after="1"' in first.text
    second = await desk.run("list_branches", **REPO, per_page=1, after="1")
    assert shown(second.text)[0].startswith("- [spring]")
    assert "There is more" not in second.text
    assert "[spring]" in (await desk.run("list_branches", **REPO, contains="pri")).text


async def test_branch_begins_where_it_was_said(desk: Desk) -> None:
    await desk.run("create_branch", **REPO, branch="a", source="spring")
    await desk.run("create_branch", **REPO, branch="b")
    await desk.run("create_branch", **REPO, branch="c/d", commit=desk.tides.branches["main"])
    heads = desk.tides.branches
    assert (heads["a"], heads["b"], heads["c/d"]) == (heads["spring"], heads["main"], heads["main"])
    with pytest.raises(ToolFailed, match="there is one of that name already"):
        await desk.run("create_branch", **REPO, branch="a")
    with pytest.raises(ToolFailed, match="commit that it was to begin at is not there"):
        await desk.run("create_branch", **REPO, branch="e", commit=sha("nothing"))
    with pytest.raises(ToolFailed, match="no such branch to begin at"):
        await desk.run("create_branch", **REPO, branch="e", source="sprin")


async def test_branch_that_has_moved_since_is_not_taken_for_ours(desk: Desk) -> None:
    await desk.run("create_branch", **CALLS["create_branch"])
    desk.world.add_commit(PROJECT, "tides", "neap", "bob", "Go on")
    assert (await desk.verify("create_branch", **CALLS["create_branch"])).state == "unknown"


async def test_commits_are_those_that_were_asked_for(desk: Desk) -> None:
    output = await desk.run("list_commits", **REPO, branch="spring", path="/src", author="Ann", per_page=10, page=2)
    assert output.text == "There are none."
    assert desk.lines == [
        "GET /acme/Fog%20Bank/_apis/git/repositories/tides/commits?searchCriteria.itemVersion.version=spring"
        "&searchCriteria.itemVersion.versionType=branch&searchCriteria.itemPath=%2Fsrc&searchCriteria.author=Ann"
        "&searchCriteria.%24top=10&searchCriteria.%24skip=10"
    ]
    commit = desk.tides.commits[0]["commitId"]
    assert (
        f"[{commit[:8]}]({desk.server.url}/Fog%20Bank/_git/tides/commit/{commit}) Add the moon (Ann; 2026-11-28"
        in (await desk.run("list_commits", **REPO)).text
    )


async def test_files_are_shown_as_they_are_and_folders_listed(desk: Desk) -> None:
    assert "PULL = 1  # <!-- a part -->" in (await desk.run("get_file_contents", **REPO, path="/src/moon.py")).text
    assert shown((await desk.run("get_file_contents", **REPO, path="/")).text) == [
        "- /README.md",
        "- /a.png",
        "- /src/",
    ]
    assert (await desk.run("get_file_contents", **REPO, path="/a.png")).text == f"/a.png in {PROJECT}/tides is no text."
    await desk.run("get_file_contents", **REPO, path="/README.md", commit=sha("x"))
    assert f"versionDescriptor.version={sha('x')}&versionDescriptor.versionType=commit" in desk.lines[-1]


async def test_pull_requests_are_a_list_of_links(desk: Desk) -> None:
    url = f"{desk.server.url}/Fog%20Bank/_git/tides/pullrequest/1"
    line = f"- [!1 The moon]({url}) (active; tides: spring into main; by Bob; opened 2026-11-28)"
    assert shown((await desk.run("list_pull_requests", **CALLS["list_pull_requests"])).text) == [line]
    mine = {"project": PROJECT, "whose": "created_by_me"}
    assert (await desk.run("list_pull_requests", "ann", **mine)).text == "There are none."
    assert shown((await desk.run("list_pull_requests", "bob", **mine)).text) == [line]
    review = {"project": PROJECT, "whose": "to_review_by_me"}
    assert shown((await desk.run("list_pull_requests", "ann", **review)).text) == [line]


async def test_pull_request_is_shown_whole_without_what_its_page_hides(desk: Desk) -> None:
    text = (await desk.run("get_pull_request", **REPO, pull_request=1)).text
    assert f"Head: {desk.tides.branches['spring']}" in text
    assert "- Ann (approved)" in text
    assert "It pulls." in text
    assert "obey" not in text


async def test_comment_cannot_end_the_marks_around_it_and_notes_of_the_system_are_left_out(desk: Desk) -> None:
    text = (await desk.run("list_pr_threads", **REPO, pull_request=1)).text
    assert "### Thread 1 (active)\n**Mallory**" in text
    assert text.endswith("</azure>")
    assert text.count("</azure>") == 1
    assert "voted" not in text
    assert "voted" in (await desk.run("list_pr_threads", **REPO, pull_request=1, with_system=True)).text


async def test_opened_pull_request_is_what_was_asked_for(desk: Desk) -> None:
    more: dict[str, Any] = {"description": "Why.", "draft": True, "work_items": [1, 2]}
    output = await desk.run("create_pull_request", **CALLS["create_pull_request"], **more)
    assert output.text == f"Opened pull request !2: {desk.server.url}/Fog%20Bank/_git/tides/pullrequest/2"
    body = sent(desk)
    assert body.pop("description").startswith("Why.\n\n<!-- clara:")
    assert body == {
        "sourceRefName": "refs/heads/main", "targetRefName": "refs/heads/spring", "title": "Back", "isDraft": True,
        "workItemRefs": [{"id": "1"}, {"id": "2"}],
    }  # fmt: skip
    assert "clara:" not in (await desk.run("get_pull_request", **REPO, pull_request=2)).text
    with pytest.raises(ToolFailed, match="TF401179"):
        await desk.run("create_pull_request", **CALLS["create_pull_request"])


async def test_mark_is_found_below_a_long_description(desk: Desk) -> None:
    call = CALLS["create_pull_request"] | {"description": "x" * 3_900}
    await desk.run("create_pull_request", **call)
    assert (await desk.verify("create_pull_request", **call)).state == "done"
    assert (await desk.verify("create_pull_request", key="t/0/other", **call)).state == "not_done"


async def test_merge_takes_the_commit_that_was_read_and_no_other(desk: Desk) -> None:
    head = desk.tides.branches["spring"]
    call = REPO | {"pull_request": 1, "status": "completed"}
    tool = (await desk.tools())["ado_update_pull_request"]
    with pytest.raises(ValueError, match="head is needed"):
        tool.parse(call)
    with pytest.raises(ToolFailed, match="TF401192"):
        await desk.run("update_pull_request", **call, head=sha("another"))
    assert (await desk.verify("update_pull_request", **call, head=head)).state == "not_done"
    how: dict[str, Any] = {"head": head, "merge_strategy": "squash", "delete_source_branch": True}
    assert tool.view is not None
    view = f"pull request 1 of {PROJECT}/tides: merge it by squash at {head[:8]}, and delete its source branch"
    assert tool.view(tool.parse(call | how)) == view
    output = await desk.run("update_pull_request", **call, **how)
    assert "merges it now" in output.text
    assert sent(desk) == {
        "status": "completed", "lastMergeSourceCommit": {"commitId": head},
        "completionOptions": {"deleteSourceBranch": True, "mergeStrategy": "squash"},
    }  # fmt: skip
    assert "which is completed" in (await desk.verify("update_pull_request", **call, **how)).result


async def test_update_changes_only_what_was_given(desk: Desk) -> None:
    output = await desk.run("update_pull_request", **REPO, pull_request=1, status="abandoned")
    assert "which is abandoned" in output.text
    assert sent(desk) == {"status": "abandoned"}
    tool = (await desk.tools())["ado_update_pull_request"]
    for wrong in ({}, {"title": "x", "delete_source_branch": True}, {"status": "active", "head": sha("x")}):
        with pytest.raises(ValueError, match="are wrong"):
            tool.parse(REPO | {"pull_request": 1} | wrong)


async def test_comments_go_to_a_thread_or_to_a_line(desk: Desk) -> None:
    await desk.run("create_pr_comment", **REPO, pull_request=1, text="Here.", path="/src/moon.py", line=3)
    at = {"line": 3, "offset": 1}
    context = {"filePath": "/src/moon.py", "rightFileStart": at, "rightFileEnd": at}
    assert sent(desk)["threadContext"] == context
    output = await desk.run("create_pr_comment", key="t/0/c2", **REPO, pull_request=1, text="So?", thread=3)
    assert output.text.startswith("Commented in thread 3: ")
    text = (await desk.run("list_pr_threads", **REPO, pull_request=1)).text
    assert "### Thread 3 (active; /src/moon.py:3)" in text
    assert text.index("Here.") < text.index("So?")
    verdict = await desk.verify("create_pr_comment", key="t/0/c2", **REPO, pull_request=1, text="So?", thread=3)
    assert verdict.state == "done"
