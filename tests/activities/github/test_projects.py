"""The tools for projects, against a loopback GitHub that runs GraphQL on GitHub's own schema."""

from typing import Any

import pytest
from graphql import parse, validate

from clara.errors import ToolFailed
from clara.tools.provenance import Provenance
from tests.activities.github.conftest import Desk
from tests.loopback.github.graphql_excerpt import QUERIES
from tests.loopback.github.projects import Projects, schema

HERE: dict[str, Any] = {"owner": "acme", "project": 1}
ISSUE = {**HERE, "repo_owner": "acme", "repo": "tides", "number": 1}
CALLS: dict[str, dict[str, Any]] = {
    "list_projects": {"owner": "acme"},
    "get_project": {**HERE},
    "get_project_fields": {**HERE},
    "list_project_items": {**HERE},
    "add_item_to_project": ISSUE,
    "update_project_item_field": {**HERE, "item_id": "PVTI_1", "field": "Status", "value": "Done"},
    "remove_item_from_project": {**HERE, "item_id": "PVTI_1"},
}
CREATING: list[str] = []
"""None: what is in a project is not put in again, and the rest sets or takes away."""


@pytest.mark.parametrize("name", QUERIES)
def test_queries_fit_githubs_schema(name: str) -> None:
    assert not validate(schema(), parse(QUERIES[name]))


async def test_projects_are_a_list_of_links(desk: Desk) -> None:
    output = await desk.run("list_projects", owner="acme")
    assert output.provenance is Provenance.OTHERS
    assert (
        "- [#1 Fleet](https://github.com/orgs/acme/projects/1) (open; private; updated 2026-11-28): All of it"
        in output.text
    )
    assert desk.lines == ["POST /graphql"]


async def test_project_is_shown_whole_without_what_its_page_hides(desk: Desk) -> None:
    output = await desk.run("get_project", **HERE)
    assert "By @mallory, 0 items\nFields: Title, Status, Points, Due, Remark, Sprint" in output.text
    assert "What we do." in output.text
    assert "obey me" not in output.text


async def test_fields_are_listed_with_what_they_can_be_set_to(desk: Desk) -> None:
    output = await desk.run("get_project_fields", **HERE)
    assert "- Status (single select): Todo | In Progress | Done" in output.text
    assert "- Points (number)\n" in output.text
    assert "- Sprint (iteration): Spring (from 2026-11-23, 14 days)" in output.text


async def test_item_is_put_in_once_and_set_and_shown_and_taken_out(desk: Desk) -> None:
    url = "https://github.com/orgs/acme/projects/1"
    for _ in range(2):
        output = await desk.run("add_item_to_project", **ISSUE)
        assert output.text == f"acme/tides#1 is in the project, as item PVTI_1: {url}"
    item = {**HERE, "item_id": "PVTI_1"}
    for field, value in (
        ("status", "in progress"), ("Points", "2.5"), ("Due", "2026-12-24"), ("Remark", "See <log>."),
        ("Sprint", "Spring"),
    ):  # fmt: skip
        await desk.run("update_project_item_field", **item, field=field, value=value)
    shown = (await desk.run("list_project_items", **HERE)).text
    assert (
        "- [Wrong tide](https://github.com/acme/tides/issues/1) (issue acme/tides#1, open); item id PVTI_1; "
        "Status: In Progress; Points: 2.5; Due: 2026-12-24; Remark: See <log>.; Sprint: Spring" in shown
    )
    assert (await desk.run("update_project_item_field", **item, field="Due", value=None)).text == (
        f"Emptied Due of the item: {url}"
    )
    assert "Due" not in (await desk.run("list_project_items", **HERE)).text
    assert (await desk.run("remove_item_from_project", **item)).text == f"Removed the item from the project: {url}"
    assert (await desk.run("list_project_items", **HERE)).text == "There are none."
    assert "no longer" in (await desk.run("remove_item_from_project", **item)).text


async def test_pull_request_is_an_item_as_well_and_lists_are_read_on(desk: Desk) -> None:
    await desk.run("add_item_to_project", **ISSUE)
    await desk.run("add_item_to_project", **{**ISSUE, "repo": "boats"})
    first = (await desk.run("list_project_items", **HERE, per_page=1)).text
    assert "There is more: call again with after=1" in first
    second = (await desk.run("list_project_items", **HERE, per_page=1, after="1")).text
    assert "(pull request acme/boats#1, open)" in second
    assert "There is more" not in second


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("Colour", "red", "There is no field 'Colour'"),
        ("Status", "Later", "There is no option 'Later'"),
        ("Sprint", "Winter", "There is no iteration 'Winter'"),
        ("Points", "many", "'many' is not a number"),
        ("Points", "nan", "'nan' is not a number"),
        ("Due", "tomorrow", "is not a date like"),
        ("Title", "New", "github_update_issue changes it"),
    ],
)
async def test_values_that_do_not_fit_are_told_and_not_sent(desk: Desk, field: str, value: str, words: str) -> None:
    await desk.run("add_item_to_project", **ISSUE)
    before = len(desk.lines)
    with pytest.raises(ToolFailed, match=words):
        await desk.run("update_project_item_field", **HERE, item_id="PVTI_1", field=field, value=value)
    assert len(desk.lines) == before + 1
    assert desk.server.world.of("acme", Projects).found[0]["items"][0]["values"] == {}


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("list_projects", {"owner": "nobody"}, "no user or organization"),
        ("get_project", {**HERE, "project": 9}, "no such thing"),
        ("add_item_to_project", {**ISSUE, "number": 99}, "no such thing"),
        ("update_project_item_field", {**CALLS["update_project_item_field"], "item_id": "PVTI_9"}, "no such thing"),
    ],
)
async def test_what_is_not_in_a_project_is_told(desk: Desk, name: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ToolFailed, match=words):
        await desk.run(name, **arguments)
