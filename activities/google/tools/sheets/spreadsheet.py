"""A spreadsheet: its tabs, and which one is meant."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from activities.google.asking import Asking
from activities.google.ids import FileId
from activities.google.tools.sheets import a1
from activities.tools.tool import Arguments, Context
from clara.errors import ToolFailed
from clara.memory.kinds import one_line

Tab = Annotated[str, Field(min_length=1, max_length=200, description="its name; the first one if left out")]


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


async def about(ask: Asking, context: Context, id: str) -> dict[str, Any]:
    """Its title, its tabs, and what Clara has left in it."""
    return await ask(
        context,
        "sheets",
        lambda sheets: sheets.spreadsheets().get(
            spreadsheetId=id,
            fields="properties.title,sheets.properties(sheetId,title,hidden,sheetType,gridProperties(rowCount,"
            "columnCount)),developerMetadata(metadataId,metadataKey,metadataValue)",
        ),
    )


def tab_of(found: Mapping[str, Any], wanted: str | None) -> dict[str, Any]:
    """The properties of a tab by its name; of the first one that is seen, where none is named."""
    tabs = [each["properties"] for each in found.get("sheets", ())]
    for tab in tabs:
        if tab["title"] == wanted or (wanted is None and not tab.get("hidden")):
            return dict(tab)
    raise ToolFailed(f"There is no tab {wanted!r}. google_sheets_list with the spreadsheet lists its tabs.")


def named(found: Mapping[str, Any], title: str, id: str) -> None:
    """The person has read which one it is, and no other is touched."""
    if one_line(str(found.get("properties", {}).get("title", ""))) != one_line(title):
        raise ToolFailed(
            f"The spreadsheet {id} is not called {title!r}. Look which one is meant, and call again with its title."
        )
