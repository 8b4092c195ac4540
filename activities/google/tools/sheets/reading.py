"""Finding and reading spreadsheets."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from activities.google.asking import Asking
from activities.google.ids import FileId
from activities.google.tools.drive import queries
from activities.google.tools.drive.reading import PageToken, Words, page
from activities.google.tools.sheets import a1, cells
from activities.google.tools.sheets.spreadsheet import InCells, about, tab_of
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.memory.kinds import one_line
from clara.tools.material import between
from clara.tools.provenance import Provenance

SIZE = 16 * 2**20
"""Bytes of an answer with values."""


class List(Arguments):
    spreadsheet: FileId | None = Field(None, description="id or address: list its tabs")
    title: Words | None = Field(None, description="words of the title")
    limit: Annotated[int, Field(ge=1, le=100)] = 30
    page_token: PageToken | None = None


class Read(InCells):
    range: (
        Annotated[str, Field(max_length=500, description="cells like A1:D20, A:D or 2:10; all of the tab if left out")]
        | None
    ) = None
    formulas: bool = Field(False, description="show formulas instead of what they come to")


class _Reading:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_sheets(self, asked: List, context: Context) -> ToolOutput:
        if asked.spreadsheet is None:
            query = queries.files(name=asked.title, kind="spreadsheet")
            order = "modifiedTime desc"
            return await page(self._ask, context, query, order, asked.limit, asked.page_token, "the spreadsheets")
        found = await about(self._ask, context, asked.spreadsheet)
        where = f"the spreadsheet {asked.spreadsheet}"
        lines = [one_line(str(found["properties"]["title"])), *map(_tab_line, found.get("sheets", ()))]
        return ToolOutput(between("google", where, "\n".join(lines)), source=where)

    async def read(self, asked: Read, context: Context) -> ToolOutput:
        tab = asked.tab
        if tab is None and asked.range is None:
            tab = tab_of(await about(self._ask, context, asked.spreadsheet), None)["title"]
        found = await self._ask(
            context,
            "sheets",
            lambda sheets: sheets.spreadsheets().values().get(
                spreadsheetId=asked.spreadsheet, range=a1.join(tab, asked.range),
                valueRenderOption="FORMULA" if asked.formulas else "FORMATTED_VALUE", fields="range,values",
            ),
            size=SIZE,
        )  # fmt: skip
        if not found.get("values"):
            return ToolOutput("These cells are empty.", provenance=Provenance.CLARA)
        where = f"the spreadsheet {asked.spreadsheet}"
        shown = f"{one_line(str(found['range']))} of {asked.link}\n\n{cells.table(found['range'], found['values'])}"
        return ToolOutput(between("google", where, shown), source=where)


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    reading = _Reading(ask)
    return (
        Tool(
            "google_sheets_list", "List the person's spreadsheets in Google Sheets, or the tabs of one.", List,
            reading.list_sheets, provenance=Provenance.OTHERS,
            view=lambda asked: asked.spreadsheet or asked.title or "the latest spreadsheets",
        ),
        Tool(
            "google_sheets_read", "Read cells of a spreadsheet in Google Sheets, as a table with their names.", Read,
            reading.read, provenance=Provenance.OTHERS,
            view=lambda asked: f"{asked.link} {a1.join(asked.tab, asked.range)}".strip(),
        ),
    )  # fmt: skip


def _tab_line(sheet: Mapping[str, Any]) -> str:
    tab = sheet["properties"]
    grid = tab.get("gridProperties", {})
    size = f"{grid['rowCount']:,} by {grid['columnCount']:,} cells" if grid else str(tab.get("sheetType", "")).lower()
    return f"- {one_line(str(tab['title']))} ({size}{', hidden' if tab.get('hidden') else ''})"
