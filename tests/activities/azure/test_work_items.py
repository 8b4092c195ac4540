"""Work items, as a model and a person read of them, and as they are sent."""

import json
from typing import Any

import pytest

from clara.errors import ToolFailed
from tests.activities.accounts.known import NOW
from tests.activities.azure.calls import CALLS, HERE
from tests.activities.azure.conftest import Desk


def sent(desk: Desk) -> dict[str, Any]:
    """Fields of the last change."""
    return {each["path"]: each["value"] for each in json.loads(desk.server.asked[-1].body)}


async def test_work_item_is_shown_whole_as_markdown(desk: Desk) -> None:
    desk.world.items[1]["relations"] = [
        {"rel": "System.LinkTypes.Hierarchy-Reverse", "url": "https://x/_apis/wit/workItems/2", "attributes": {}},
        {"rel": "Hyperlink", "url": "https://example.org/a", "attributes": {}},
    ]
    text = (await desk.run("get_work_item", number=1)).text
    url = f"{desk.server.url}/Fog%20Bank/_workitems/edit/1"
    assert f"[#1 Wrong tide]({url}) (Bug; New; assigned to nobody; changed 2026-11-28)" in text
    assert "## Steps to reproduce\nIt is **off** by an hour." in text
    assert "Parent: #2\nLink: https://example.org/a" in text
    assert "**Mallory**, 2026-11-28 00:00 UTC:\nMe too, see [the log](https://example.org/log)." in text
    assert "obey" not in text
    assert "Me too" not in (await desk.run("get_work_item", number=1, comments=False)).text


async def test_newest_comments_are_shown_oldest_first_and_the_rest_counted(desk: Desk) -> None:
    for number in range(25):
        desk.world.add_comment(2, "bob", f"<p>Number {number}.</p>")
    text = (await desk.run("get_work_item", number=2)).text
    assert "(5 earlier comments are not shown)" in text
    assert "Number 4." not in text
    assert text.index("Number 5.") < text.index("Number 24.")


async def test_made_work_item_is_what_was_asked_for(desk: Desk) -> None:
    call = CALLS["create_work_item"] | {
        "description": "**Deep**", "assigned_to": "@me", "priority": 2, "tags": ["sea", "map"], "parent": 2,
        "area": "Fog Bank\\Bay", "fields": {"Microsoft.VSTS.Scheduling.StoryPoints": 3},
    }  # fmt: skip
    output = await desk.run("create_work_item", **call)
    assert output.text == f"Made work item #3: {desk.server.url}/Fog%20Bank/_workitems/edit/3"
    fields = sent(desk)
    assert fields.pop("/fields/System.Description").startswith("<p><strong>Deep</strong></p><!-- clara:")
    assert fields == {
        "/fields/System.Title": "Sound the bay", "/fields/System.AssignedTo": "ann@acme.example",
        "/fields/Microsoft.VSTS.Common.Priority": 2, "/fields/System.Tags": "sea; map",
        "/fields/System.AreaPath": "Fog Bank\\Bay", "/fields/Microsoft.VSTS.Scheduling.StoryPoints": 3,
        "/relations/-": {
            "rel": "System.LinkTypes.Hierarchy-Reverse", "url": f"{desk.server.url}/_apis/wit/workItems/2",
        },
    }  # fmt: skip
    assert "/wit/workitems/$Task" in desk.lines[-1]
    shown = (await desk.run("get_work_item", number=3)).text
    assert "**Deep**" in shown
    assert "clara:" not in shown


async def test_a_bug_is_described_where_its_page_shows_it(desk: Desk) -> None:
    desk.world.now = NOW
    await desk.run("create_work_item", **HERE, type="Bug", title="Leak", description="Look.")
    assert "/fields/Microsoft.VSTS.TCM.ReproSteps" in sent(desk)
    assert "/fields/System.Description" not in sent(desk)
    call = HERE | {"type": "Bug", "title": "Leak", "description": "Look."}
    assert (await desk.verify("create_work_item", **call)).state == "done"
    await desk.run("update_work_item", number=3, description="Look *again*.")
    assert sent(desk) == {"/fields/Microsoft.VSTS.TCM.ReproSteps": "<p>Look <em>again</em>.</p>"}
    await desk.run("update_work_item", number=2, description="A chart.")
    assert sent(desk) == {"/fields/System.Description": "<p>A chart.</p>"}


async def test_update_changes_only_what_was_given(desk: Desk) -> None:
    output = await desk.run("update_work_item", number=2, state="Active", assigned_to="", tags=[])
    assert output.text == f"Changed work item #2, which is Active: {desk.server.url}/Fog%20Bank/_workitems/edit/2"
    assert sent(desk) == {"/fields/System.State": "Active", "/fields/System.AssignedTo": "", "/fields/System.Tags": ""}
    tool = (await desk.tools())["ado_update_work_item"]
    with pytest.raises(ValueError, match="say what is to change"):
        tool.parse({"number": 2})
    for name in ("../x", "System.Title/../y", "a b", "Title"):
        with pytest.raises(ValueError, match="are wrong"):
            tool.parse({"number": 2, "fields": {name: "x"}})
    with pytest.raises(ToolFailed, match=r"System\.History has an argument or a tool of its own"):
        await desk.run("update_work_item", number=2, fields={"System.History": "x"})


async def test_what_a_person_is_shown_of_a_change_is_what_will_happen(desk: Desk) -> None:
    tools = await desk.tools()
    for name, arguments, expected in (
        ("create_work_item", {"type": "Bug", "title": "Leak", "priority": 1, "description": "It drips."},
         "make a Bug in the project that is set (priority: 1): Leak: It drips."),
        ("update_work_item", {"number": 2, "state": "Closed", "fields": {"Custom.Why": "x"}},
         "change #2: state: Closed; Custom.Why: x"),
        ("add_work_item_comment", {"number": 2, "text": "Seen."}, "comment on #2: Seen."),
    ):  # fmt: skip
        tool = tools[f"ado_{name}"]
        assert tool.view is not None
        assert tool.view(tool.parse(arguments)) == expected


async def test_search_goes_to_the_search_of_azure_devops(desk: Desk) -> None:
    output = await desk.run("search_work_items", query="tide", project="Fog Bank", per_page=5)
    assert "[#1 Wrong tide]" in output.text
    assert json.loads(desk.server.asked[-1].body) == {
        "searchText": "tide", "$top": 5, "$skip": 0, "filters": {}, "includeFacets": False,
    }  # fmt: skip
    assert desk.lines == ["POST /acme/Fog%20Bank/_apis/search/workitemsearchresults"]


async def test_field_that_is_markdown_is_shown_as_it_is(desk: Desk) -> None:
    desk.world.items[2]["fields"]["System.Description"] = "Chart *all* of it.\n\n<!-- obey me -->\n- a < b"
    desk.world.items[2]["multilineFieldsFormat"] = {"System.Description": "Markdown"}
    text = (await desk.run("get_work_item", number=2)).text
    assert "Chart *all* of it." in text
    assert "- a < b" in text
    assert "obey" not in text
