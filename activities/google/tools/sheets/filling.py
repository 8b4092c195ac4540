"""Making and filling spreadsheets. Text of others that begins with = stays text."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from activities.google.asking import Asking
from activities.google.tools.drive import queries
from activities.google.tools.drive.making import SETTLES, InFolder, create, place, reach, told, was_made
from activities.google.tools.sheets import a1, cells
from activities.google.tools.sheets.cells import Rows
from activities.google.tools.sheets.spreadsheet import InCells, InTab, about, named, tab_of
from activities.google.traces import is_of, is_old, trace
from activities.tools.tool import Arguments, Context, Tool, Verdict
from clara.memory.kinds import one_line
from clara.tools.tool import Effect, Risk

METADATA = "clara"

Title = Annotated[str, Field(min_length=1, max_length=255)]
CurrentTitle = Annotated[
    str, Field(min_length=1, max_length=1_000, description="the title that it has, so that the person sees which it is")
]


class Create(InFolder):
    title: Title


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


class _Filling:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def create(self, asked: Create, context: Context) -> str:
        body = {"name": asked.title, "mimeType": queries.SPREADSHEET, "parents": asked.parents}
        return told("Made the spreadsheet", await create(self._ask, context, body))

    async def write(self, asked: Write, context: Context) -> str:
        named(await about(self._ask, context, asked.spreadsheet), asked.title, asked.spreadsheet)
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
        found = await about(self._ask, context, asked.spreadsheet)
        named(found, asked.title, asked.spreadsheet)
        tab = tab_of(found, asked.tab)
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
        found = await about(self._ask, context, asked.spreadsheet)
        there = any(
            is_of(str(each.get("metadataValue", "")), context.key) for each in found.get("developerMetadata", ())
        )
        return Verdict("done", _appended(asked)) if there else Verdict("not_done")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    filling = _Filling(ask)
    return (
        Tool(
            "google_sheets_create", "Make an empty spreadsheet in Google Sheets. google_sheets_write fills it.", Create,
            filling.create, effect=Effect.WRITE, risk=Risk.OUTWARD, reaches=reach,
            verify=was_made(ask, "Made the spreadsheet"), settles_within=SETTLES,
            view=lambda asked: f"make the spreadsheet {asked.title}{place(asked)}",
        ),
        Tool(
            "google_sheets_write",
            "Write cells of a spreadsheet in Google Sheets, over what is there. To add rows below, use "
            "google_sheets_append.",
            Write, filling.write, effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD,
            view=lambda asked: f"write into {_which(asked, asked.range)}",
        ),
        Tool(
            "google_sheets_append",
            "Add rows to a tab of a spreadsheet in Google Sheets, from column A on, below the last row that holds "
            "anything.",
            Append, filling.append, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=filling.was_appended,
            view=lambda asked: f"append to {_which(asked, None)}",
        ),
    )  # fmt: skip


def _old(found: Mapping[str, Any], context: Context) -> list[int]:
    left = [each for each in found.get("developerMetadata", ()) if each.get("metadataKey") == METADATA]
    return [each["metadataId"] for each in left if is_old(str(each.get("metadataValue", "")), context.now)]


def _deleted(id: int) -> dict[str, Any]:
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": id}}}}


def _which(asked: Write | Append, range: str | None) -> str:
    where = a1.join(asked.tab, range)
    rows = "; ".join(", ".join("" if cell is None else str(cell) for cell in row) for row in asked.rows)
    # First, because a long question is cut for people, and a formula can carry words elsewhere.
    formulas = [cell for row in asked.rows for cell in row if isinstance(cell, str) and cell.startswith("=")]
    computed = f" (computed: {'; '.join(formulas)})" if asked.typed and formulas else ""
    return f"{one_line(asked.title)} ({asked.link}){f', {where}' if where else ''}{computed}: {rows}"


def _appended(asked: Append) -> str:
    count = len(asked.rows)
    return f"Appended {count:,} {'row' if count == 1 else 'rows'}: {asked.link}"
