"""Spreadsheets: making, finding, reading and filling them. Text of others that begins with = stays text."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from activities.google import a1, cells, queries
from activities.google.asking import Asking
from activities.google.cells import Rows
from activities.google.ids import FileId
from activities.google.tools.drive.making import SETTLES, InFolder, create, place, reach, told, was_made
from activities.google.tools.drive.reading import PageToken, Words, page
from activities.google.traces import is_of, is_old, trace
from activities.tools.tool import Arguments, Context, Tool, ToolOutput, Verdict
from clara.errors import ToolFailed
from clara.memory.kinds import one_line
from clara.tools.material import between
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

SIZE = 16 * 2**20
"""Bytes of an answer with values."""

METADATA = "clara"
VIEWED = 20
"""Rows that a question to the person shows."""

Title = Annotated[str, Field(min_length=1, max_length=255)]
CurrentTitle = Annotated[
    str, Field(min_length=1, max_length=1_000, description="the title that it has, so that the person sees which it is")
]
Tab = Annotated[str, Field(min_length=1, max_length=200, description="its name; the first one if left out")]


class Create(InFolder):
    title: Title


class List(Arguments):
    spreadsheet: FileId | None = Field(None, description="id or address: list its tabs")
    title: Words | None = Field(None, description="words of the title")
    limit: Annotated[int, Field(ge=1, le=100)] = 30
    page_token: PageToken | None = None


class InTab(Arguments):
    spreadsheet: FileId
    tab: Tab | None = None

    @property
    def link(self) -> str:
        return f"https://docs.google.com/spreadsheets/d/{self.spreadsheet}"


class InCells(InTab):
    @model_validator(mode="before")
    @classmethod
    def _split(cls, given: Any) -> Any:
        """``'My tab'!A1:B2`` names the tab as well."""
        if not isinstance(given, dict) or not isinstance(given.get("range"), str) or len(given["range"]) > 500:
            return given
        tab, cells = a1.split(given["range"])
        if tab and given.get("tab") not in (None, tab):
            raise ValueError("tab and range name two different tabs")
        return {**given, "range": cells, **({"tab": tab} if tab else {})}


class Read(InCells):
    range: (
        Annotated[str, Field(max_length=500, description="cells like A1:D20, A:D or 2:10; all of the tab if left out")]
        | None
    ) = None
    formulas: bool = Field(False, description="show formulas instead of what they come to")


class Filling(Arguments):
    title: CurrentTitle
    rows: Rows
    typed: bool = Field(
        False,
        description="read cells as if a person typed them: =SUM(A1:A3) becomes a formula and 2026-11-28 a date. Only "
        "for what the person wants so, never for text that others wrote",
    )

    @model_validator(mode="after")
    def _fits(self) -> "Filling":
        if sum(map(len, self.rows)) > cells.MOST_CELLS:
            raise ValueError(f"one call may fill {cells.MOST_CELLS:,} cells")
        return self


class Write(Filling, InCells):
    range: Annotated[str, Field(max_length=500, description="the upper left cell, like B2, or all cells, like B2:D4")]


class Append(Filling, InTab):
    pass


class _Sheets:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def create(self, asked: Create, context: Context) -> str:
        body = {"name": asked.title, "mimeType": queries.SPREADSHEET, "parents": asked.parents}
        return told("Made the spreadsheet", await create(self._ask, context, body))

    async def list_sheets(self, asked: List, context: Context) -> ToolOutput:
        if asked.spreadsheet is None:
            query = queries.files(name=asked.title, kind="spreadsheet")
            order = "modifiedTime desc"
            return await page(self._ask, context, query, order, asked.limit, asked.page_token, "the spreadsheets")
        found = await self._about(context, asked.spreadsheet)
        where = f"the spreadsheet {asked.spreadsheet}"
        lines = [one_line(str(found["properties"]["title"])), *map(_tab_line, found.get("sheets", ()))]
        return ToolOutput(between("google", where, "\n".join(lines)), source=where)

    async def read(self, asked: Read, context: Context) -> ToolOutput:
        tab = asked.tab
        if tab is None and asked.range is None:
            tab = _tab(await self._about(context, asked.spreadsheet), None)["title"]
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

    async def write(self, asked: Write, context: Context) -> str:
        _named(await self._about(context, asked.spreadsheet), asked.title, asked.spreadsheet)
        made = await self._ask(
            context,
            "sheets",
            lambda sheets: sheets.spreadsheets().values().update(
                spreadsheetId=asked.spreadsheet, range=a1.join(asked.tab, asked.range),
                valueInputOption="USER_ENTERED" if asked.typed else "RAW",
                body={"majorDimension": "ROWS", "values": asked.rows}, fields="updatedCells",
            ),
        )  # fmt: skip
        return f"Wrote {made.get('updatedCells', 0):,} cells: {asked.link}"

    async def append(self, asked: Append, context: Context) -> str:
        found = await self._about(context, asked.spreadsheet)
        _named(found, asked.title, asked.spreadsheet)
        tab = _tab(found, asked.tab)
        rows = [{"values": [cells.stored(cell, asked.typed) for cell in row]} for row in asked.rows]
        # The format is named only where one is set: it would take away those that the column has.
        dated = any("userEnteredFormat" in cell for row in rows for cell in row["values"])
        fields = "userEnteredValue,userEnteredFormat.numberFormat" if dated else "userEnteredValue"
        left = {
            "metadataKey": METADATA, "metadataValue": trace(context.key, context.now), "visibility": "PROJECT",
            "location": {"spreadsheet": True},
        }  # fmt: skip
        requests = [
            *map(_deleted, _old(found, context)),
            {"appendCells": {"sheetId": tab["sheetId"], "rows": rows, "fields": fields}},
            {"createDeveloperMetadata": {"developerMetadata": left}},
        ]  # fmt: skip
        await self._ask(
            context,
            "sheets",
            lambda sheets: sheets.spreadsheets().batchUpdate(
                spreadsheetId=asked.spreadsheet, body={"requests": requests}, fields="spreadsheetId"
            ),
        )
        return _appended(asked)

    async def was_appended(self, asked: Append, context: Context) -> Verdict:
        found = await self._about(context, asked.spreadsheet)
        there = any(
            is_of(str(each.get("metadataValue", "")), context.key) for each in found.get("developerMetadata", ())
        )
        return Verdict("done", _appended(asked)) if there else Verdict("not_done")

    async def _about(self, context: Context, id: str) -> dict[str, Any]:
        """Its title, its tabs, and what Clara has left in it."""
        return await self._ask(
            context,
            "sheets",
            lambda sheets: sheets.spreadsheets().get(
                spreadsheetId=id,
                fields="properties.title,sheets.properties(sheetId,title,hidden,sheetType,gridProperties(rowCount,"
                "columnCount)),developerMetadata(metadataId,metadataKey,metadataValue)",
            ),
        )


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    sheets = _Sheets(ask)
    return (
        Tool(
            "google_sheets_create", "Make an empty spreadsheet in Google Sheets. google_sheets_write fills it.", Create,
            sheets.create, effect=Effect.WRITE, risk=Risk.OUTWARD, reaches=reach,
            verify=was_made(ask, "Made the spreadsheet"), settles_within=SETTLES,
            view=lambda asked: f"make the spreadsheet {asked.title}{place(asked)}",
        ),
        Tool(
            "google_sheets_list", "List the person's spreadsheets in Google Sheets, or the tabs of one.", List,
            sheets.list_sheets, provenance=Provenance.OTHERS,
            view=lambda asked: asked.spreadsheet or asked.title or "the latest spreadsheets",
        ),
        Tool(
            "google_sheets_read", "Read cells of a spreadsheet in Google Sheets, as a table with their names.", Read,
            sheets.read, provenance=Provenance.OTHERS,
            view=lambda asked: f"{asked.link} {a1.join(asked.tab, asked.range)}".strip(),
        ),
        Tool(
            "google_sheets_write",
            "Write cells of a spreadsheet in Google Sheets, over what is there. To add rows below, use "
            "google_sheets_append.",
            Write, sheets.write, effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD,
            view=lambda asked: f"write into {_which(asked, asked.range)}",
        ),
        Tool(
            "google_sheets_append",
            "Add rows to a tab of a spreadsheet in Google Sheets, from column A on, below the last row that holds "
            "anything.",
            Append, sheets.append, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=sheets.was_appended,
            view=lambda asked: f"append to {_which(asked, None)}",
        ),
    )  # fmt: skip


def _tab(found: Mapping[str, Any], wanted: str | None) -> dict[str, Any]:
    """The properties of a tab by its name; of the first one that is seen, where none is named."""
    tabs = [each["properties"] for each in found.get("sheets", ())]
    for tab in tabs:
        if tab["title"] == wanted or (wanted is None and not tab.get("hidden")):
            return dict(tab)
    raise ToolFailed(f"There is no tab {wanted!r}. google_sheets_list with the spreadsheet lists its tabs.")


def _tab_line(sheet: Mapping[str, Any]) -> str:
    tab = sheet["properties"]
    grid = tab.get("gridProperties", {})
    size = f"{grid['rowCount']:,} by {grid['columnCount']:,} cells" if grid else str(tab.get("sheetType", "")).lower()
    return f"- {one_line(str(tab['title']))} ({size}{', hidden' if tab.get('hidden') else ''})"


def _named(found: Mapping[str, Any], title: str, id: str) -> None:
    """The person has read which one it is, and no other is touched."""
    if one_line(str(found.get("properties", {}).get("title", ""))) != one_line(title):
        raise ToolFailed(
            f"The spreadsheet {id} is not called {title!r}. Look which one is meant, and call again with its title."
        )


def _old(found: Mapping[str, Any], context: Context) -> list[int]:
    left = [each for each in found.get("developerMetadata", ()) if each.get("metadataKey") == METADATA]
    return [each["metadataId"] for each in left if is_old(str(each.get("metadataValue", "")), context.now)]


def _deleted(id: int) -> dict[str, Any]:
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": id}}}}


def _which(asked: Write | Append, range: str | None) -> str:
    where = a1.join(asked.tab, range)
    rows = "; ".join(", ".join("" if cell is None else str(cell) for cell in row) for row in asked.rows[:VIEWED])
    more = f"; and {len(asked.rows) - VIEWED} more rows" if len(asked.rows) > VIEWED else ""
    typed = " (formulas are computed)" if asked.typed else ""
    return f"{one_line(asked.title)} ({asked.link}){f', {where}' if where else ''}{typed}: {rows}{more}"


def _appended(asked: Append) -> str:
    count = len(asked.rows)
    return f"Appended {count:,} {'row' if count == 1 else 'rows'}: {asked.link}"
