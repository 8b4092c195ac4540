"""Values in cells: as a model gives them, as Sheets takes them, and as a table that a model reads."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from activities.google.tools.sheets import a1
from clara.tools.material import written

CELL_LIMIT = 50_000
"""Characters: Sheets' own limit."""

SHOWN = 1_000
"""Characters of a cell in a table."""

MOST_ROWS = 1_000
MOST_COLUMNS = 200
MOST_CELLS = 20_000

# Strict, so that "1" stays text and true is no 1.
Text = Annotated[str, Field(max_length=CELL_LIMIT, strict=True)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Cell = Text | Annotated[bool, Field(strict=True)] | int | Number | None
Row = Annotated[list[Cell], Field(max_length=MOST_COLUMNS)]
Rows = Annotated[
    list[Row],
    Field(
        min_length=1,
        max_length=MOST_ROWS,
        description='a list of rows, each a list of cells: [["Rent", 700], ["Food", 310.5]]; null leaves one as it is',
    ),
]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST_DAY = date(1899, 12, 30)
"""Of Sheets, which counts days from there."""


def table(where: str, rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table with the names of columns and rows, so that each cell can be named in a later call."""
    column, row = a1.origin(where)
    width = max(map(len, rows), default=0)
    head = [a1.letters(column + each) for each in range(width)]
    lines = [f"| | {' | '.join(head)} |", "|---" * (width + 1) + "|"]
    for number, cells in enumerate(rows, row + 1):
        shown = [_shown(cell) for cell in cells] + [""] * (width - len(cells))
        lines.append(f"| {number} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _shown(cell: Any) -> str:
    text = ("TRUE" if cell else "FALSE") if isinstance(cell, bool) else str("" if cell is None else cell)
    return written(text, SHOWN).replace("|", "\\|").replace("\r", "").replace("\n", "<br>")


def stored(cell: Cell, typed: bool) -> dict[str, Any]:
    """A cell as it is appended. Text stays text, unless it is to be read as if it was ``typed``: then what begins
    with = is a formula, and 2026-11-28 a date."""
    match cell:
        case None:
            return {}
        case bool():
            return {"userEnteredValue": {"boolValue": cell}}
        case int() | float():
            return {"userEnteredValue": {"numberValue": cell}}
    if typed and cell.startswith("="):
        return {"userEnteredValue": {"formulaValue": cell}}
    if typed and _DATE.fullmatch(cell) and (day := _day(cell)) is not None:
        shown = {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}
        return {"userEnteredValue": {"numberValue": day}, "userEnteredFormat": shown}
    return {"userEnteredValue": {"stringValue": cell}}


def _day(text: str) -> int | None:
    try:
        return (date.fromisoformat(text) - _FIRST_DAY).days
    except ValueError:
        return None
