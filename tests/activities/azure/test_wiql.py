"""Queries for work items: what somebody asks for is a value, whatever it holds."""

from datetime import UTC, datetime

import pytest

from activities.azure import wiql
from clara.errors import ToolFailed
from tests.activities.azure.calls import HERE
from tests.activities.azure.conftest import Desk
from tests.loopback.azure.items import CONDITION

HOSTILE = [
    "' OR [System.Id] > 0 OR [System.Title] = '",
    "'; DROP",
    "''",
    "'",
    "\\'",
    '" OR "" = "',
    "x') OR ([System.Id] <> 0",
    "@me",
    "@project",
    "[System.Title]",
    "x' ORDER BY [System.Id] ASC --",
    "\u2018 OR 1=1",
    "a' AND [System.CreatedBy] = @me AND 'a' = 'a",
    "日本's",
    "%00",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_value_is_one_string_that_means_itself(value: str) -> None:
    text = wiql.equals("System.Title", value).text
    found = CONDITION.fullmatch(text)
    assert found is not None
    assert found["value"][1:-1].replace("''", "'") == value


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\x00b", "a\u2028b", "a\x85b", "\t"])
def test_value_that_ends_a_line_cannot_be_written(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be in one"):
        wiql.quoted(value)


@pytest.mark.parametrize("value", HOSTILE)
async def test_hostile_filters_find_nothing_that_was_not_meant(desk: Desk, value: str) -> None:
    for filters in (
        {"type": value}, {"states": [value, "New"]}, {"assigned_to": f"{value}!"}, {"title": value}, {"tag": value},
        {"area": value}, {"iteration": value}, {"created_by": f"{value}!"},
    ):  # fmt: skip
        output = await desk.run("list_work_items", **HERE, **filters, changed_within_days=30)
        if "states" in filters:
            assert "#1 Wrong tide" in output.text
        else:
            assert output.text == "There are none."
    desk.world.add_item("Fog Bank", "Task", "bob", {"System.Title": f"It's {value}."})
    assert "#3 It's" in (await desk.run("list_work_items", **HERE, title=value)).text


async def test_filters_are_what_is_asked_for(desk: Desk) -> None:
    desk.world.projects["Other"] = type(desk.here)()
    desk.world.add_item("Other", "Bug", "ann", {"System.Title": "Elsewhere"})
    output = await desk.run("list_work_items", **HERE)
    assert [line[:5] for line in output.text.splitlines() if line.startswith("- [")] == ["- [#2", "- [#1"]
    assert "#1" in (await desk.run("list_work_items", **HERE, type="bug")).text
    assert "#2" in (await desk.run("list_work_items", **HERE, assigned_to="@me", tag="map")).text
    assert (await desk.run("list_work_items", who="bob", **HERE, assigned_to="@me")).text == "There are none."
    first = await desk.run("list_work_items", **HERE, per_page=1)
    assert "page=2" in first.text
    second = await desk.run("list_work_items", **HERE, per_page=1, page=2)
    assert "#1 Wrong tide" in second.text
    assert "There is more" not in second.text
    given = await desk.run("list_work_items", numbers=[3, 99, 1])
    assert [line[:5] for line in given.text.splitlines() if line.startswith("- [")] == ["- [#3", "- [#1"]


async def test_mine_are_those_that_are_left_to_do_in_all_projects(desk: Desk) -> None:
    desk.world.projects["Other"] = type(desk.here)()
    mine = {"System.AssignedTo": desk.world.person("ann")}
    desk.world.add_item("Other", "Bug", "bob", {"System.Title": "Done", "System.State": "Closed", **mine})
    desk.world.add_item("Other", "Bug", "bob", {"System.Title": "Open", **mine})
    text = (await desk.run("my_work_items")).text
    assert "#2 Chart the bay" in text
    assert "#4 Open" in text
    assert "#3" not in text
    assert "#3" in (await desk.run("my_work_items", with_closed=True)).text
    assert "There are more." in (await desk.run("my_work_items", limit=1)).text
    tools = await desk.tools()
    with pytest.raises(ValueError, match="50"):
        tools["ado_my_work_items"].parse({"limit": 51})


async def test_without_a_project_the_operators_is_meant_at_the_operators_address_alone(desk: Desk) -> None:
    with pytest.raises(ToolFailed, match="ado_list_projects"):
        await desk.run("list_work_items")
    desk.project = "Fog Bank"
    assert "#1" in (await desk.run("list_work_items")).text
    desk.azure.operators = "https://dev.azure.com/other"
    with pytest.raises(ToolFailed, match="Say in which project"):
        await desk.run("list_work_items")


def test_times_are_those_of_utc() -> None:
    time = datetime(2026, 11, 28, 1, 2, 3, tzinfo=UTC)
    assert wiql.since("System.CreatedDate", time).text == "[System.CreatedDate] >= '2026-11-28T01:02:03Z'"
    assert wiql.since_day("System.CreatedDate", time).text == "[System.CreatedDate] >= '2026-11-28'"
