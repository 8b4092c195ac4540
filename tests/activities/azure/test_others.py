"""Pipelines, builds, wikis, iterations, test plans and code, as a model reads of them, and as they are sent."""

import json

import pytest

from activities.azure.client import path, search_address
from clara.errors import ToolFailed
from tests.activities.azure.calls import CALLS, HERE, WIKI
from tests.activities.azure.conftest import PROJECT, Desk
from tests.loopback.azure import Fault
from tests.loopback.azure.answers import as_json


async def test_build_tells_what_failed_in_it(desk: Desk) -> None:
    text = (await desk.run("get_build", **HERE, build=100)).text
    assert f"[Nightly 20261128.1]({desk.server.url}/Fog%20Bank/_build/results?buildId=100) (build 100; failed" in text
    assert "- Task Compile (failed; log 1)\n- error: moon.py: no such tide" in text


async def test_logs_are_listed_and_read_from_their_end(desk: Desk) -> None:
    assert "- log 1: Task Compile (1000 lines; failed)" in (await desk.run("get_build_logs", **HERE, build=100)).text
    end = (await desk.run("get_build_logs", **HERE, build=100, log=1, lines=2)).text
    assert "line 999\nline 1000\n\nThere is more above: call again with before=999." in end
    before = (await desk.run("get_build_logs", **HERE, build=100, log=1, lines=2, before=999)).text
    assert "line 997\nline 998" in before
    whole = (await desk.run("get_build_logs", **HERE, build=100, log=1, lines=5000)).text
    assert "line 1\n" in whole
    assert "There is more" not in whole
    with pytest.raises(ToolFailed, match="There is no log 2"):
        await desk.run("get_build_logs", **HERE, build=100, log=2)


async def test_begun_run_is_what_was_asked_for(desk: Desk) -> None:
    call = CALLS["run_pipeline"] | {"branch": "spring", "variables": {"region": "north"}}
    output = await desk.run("run_pipeline", **call)
    assert output.text.endswith(f"{desk.server.url}/Fog%20Bank/_build/results?buildId=101")
    assert json.loads(desk.server.asked[-1].body) == {
        "resources": {"repositories": {"self": {"refName": "refs/heads/spring"}}},
        "templateParameters": {"deep": "yes"}, "variables": {"region": {"value": "north"}},
    }  # fmt: skip
    text = (await desk.run("get_pipeline_run", **HERE, pipeline=7, run=101)).text
    assert "Parameter deep: yes\nVariable region: north" in text
    with pytest.raises(ToolFailed, match=r"You can't set the following variables \(secret\)"):
        await desk.run("run_pipeline", **CALLS["run_pipeline"] | {"variables": {"secret": "x"}})
    tool = (await desk.tools())["ado_run_pipeline"]
    assert tool.view is not None
    assert tool.view(tool.parse(call)) == f"run pipeline 7 of {PROJECT} on spring; deep: yes; region: north"


async def test_runs_and_builds_come_in_pages_by_token(desk: Desk) -> None:
    for _ in range(2):
        desk.world.add_build(PROJECT, 7, "ann")
    for name in ("list_builds", "list_pipeline_runs"):
        first = (await desk.run(name, **CALLS[name], per_page=2)).text
        assert "build 102" in first
        assert 'after="2"' in first
        assert "build 100" in (await desk.run(name, **CALLS[name], per_page=2, after="2")).text
    assert "build 100" not in (await desk.run("list_builds", **HERE, mine=True)).text


async def test_page_of_a_wiki_is_changed_by_the_version_that_was_read(desk: Desk) -> None:
    text = (await desk.run("get_wiki_page", **WIKI, path="/Home")).text
    assert "Welcome." in text
    assert "Pages below it:\n- /Home/Boats" in text
    version = text.partition("(version ")[2].partition(")")[0]
    call = WIKI | {"path": "/Home", "content": "New.\nText."}
    with pytest.raises(ToolFailed, match="already exists"):
        await desk.run("create_or_update_wiki_page", **call)
    assert (await desk.run("create_or_update_wiki_page", **call, version=version)).text.startswith("Changed /Home")
    assert desk.here.wikis["Fog.wiki"]["/Home"] == "New.\r\nText."
    assert (await desk.verify("create_or_update_wiki_page", **call, version=version)).state == "done"
    desk.here.wikis["Fog.wiki"]["/Home"] = "Of somebody else."
    with pytest.raises(ToolFailed, match="has been modified since it was last read"):
        await desk.run("create_or_update_wiki_page", **call, version=version)
    assert (await desk.verify("create_or_update_wiki_page", **call, version=version)).state == "unknown"


async def test_pages_of_a_wiki_are_listed_page_by_page(desk: Desk) -> None:
    first = (await desk.run("list_wiki_pages", **WIKI, per_page=1)).text
    assert f"- [/Home]({desk.server.url}/Fog%20Bank/_wiki/wikis/Fog.wiki?pagePath=%2FHome)" in first
    second = (await desk.run("list_wiki_pages", **WIKI, per_page=1, after="1")).text
    assert "[/Home/Boats]" in second
    assert "There is more" not in second


async def test_iterations_have_paths_and_dates(desk: Desk) -> None:
    assert "- Fog Bank\\Sprint 1 (2026-11-16 to 2026-11-29)" in (await desk.run("list_iterations", **HERE)).text
    text = (await desk.run("list_team_iterations", **HERE, team="Pilots", current=True)).text
    assert "- Fog Bank\\Sprint 1 (2026-11-16 to 2026-11-29; current)" in text
    assert "GET /acme/Fog%20Bank/Pilots/_apis/work/teamsettings/iterations?%24timeframe=current" in desk.lines


async def test_test_plans_and_suites(desk: Desk) -> None:
    first = (await desk.run("list_test_plans", **HERE, active=False)).text
    assert "2: [Neap]" in first
    assert 'after="2"' in first
    assert "3: [Old]" in (await desk.run("list_test_plans", **HERE, active=False, after="2")).text
    assert "Old" not in (await desk.run("list_test_plans", **HERE)).text
    assert "2: [Ebb]" in (await desk.run("list_test_suites", **HERE, plan=1)).text


async def test_code_is_searched_with_its_place(desk: Desk) -> None:
    output = await desk.run("search_code", query="PULL", **HERE, repo="tides", path="/src")
    assert "[/src/moon.py]" in output.text
    assert "  - `PULL = 1 # <!-- a part -->`" in output.text
    assert json.loads(desk.server.asked[-1].body)["filters"] == {
        "Project": [PROJECT], "Repository": ["tides"], "Path": ["/src"],
    }  # fmt: skip
    tool = (await desk.tools())["ado_search_code"]
    with pytest.raises(ValueError, match="needs project"):
        tool.parse({"query": "x", "repo": "tides"})
    desk.server.faults = [Fault(as_json({"count": 0, "results": [], "infoCode": 2}))]
    assert "no index of this yet" in (await desk.run("search_code", query="x")).text


async def test_projects_and_teams(desk: Desk) -> None:
    text = (await desk.run("list_projects")).text
    assert f"- [Fog Bank]({desk.server.url}/Fog%20Bank) (private; changed 2026-11-01)" in text
    assert "- **Pilots**: A team" in (await desk.run("list_project_teams", **HERE)).text


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://dev.azure.com/acme", "https://almsearch.dev.azure.com/acme"),
        ("https://acme.visualstudio.com", "https://almsearch.dev.azure.com/acme"),
        ("https://tfs.acme.example/tfs/Default", "https://tfs.acme.example/tfs/Default"),
        ("https://acme.visualstudio.com.evil.example", "https://acme.visualstudio.com.evil.example"),
    ],
)
def test_search_is_asked_where_it_is(base: str, expected: str) -> None:
    assert search_address(base) == expected


def test_names_are_quoted_as_parts_of_a_path() -> None:
    assert (
        path("Fog & Bank ö", "_apis/git/repositories", "a+b", 7)
        == "/Fog%20%26%20Bank%20%C3%B6/_apis/git/repositories/a%2Bb/7"
    )
