"""Spreadsheets: tabs, cells and what they were given as, and changes of which all or none are made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.loopback.google.described import Json
from tests.loopback.google.drive import APPS, Drive
from tests.loopback.google.fields import chosen
from tests.loopback.google.server import Call, Handler, refusal
from tests.loopback.http import Respond

SPREADSHEET = f"{APPS}spreadsheet"
_CELL = re.compile(r"([A-Z]*)(\d*)")


@dataclass
class Tab:
    id: int
    title: str
    rows: list[list[Any]] = field(default_factory=list)
    """Formulas as strings that begin with U+0000, so that text that begins with = is told apart."""
    hidden: bool = False

    def end(self) -> int:
        """Rows up to the last one that holds anything."""
        return max((number for number, row in enumerate(self.rows, 1) if any(cell != "" for cell in row)), default=0)

    def put(self, row: int, column: int, value: Any) -> None:
        self.rows += [[] for _ in range(row + 1 - len(self.rows))]
        self.rows[row] += [""] * (column + 1 - len(self.rows[row]))
        self.rows[row][column] = value


@dataclass
class Sheets:
    drive: Drive
    tabs: dict[str, list[Tab]] = field(default_factory=dict)
    left: dict[str, list[Json]] = field(default_factory=dict)
    """Metadata of applications."""
    made: int = 0

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "sheets.spreadsheets.get": self._get,
            "sheets.spreadsheets.batchUpdate": self._change,
            "sheets.spreadsheets.values.get": self._read,
            "sheets.spreadsheets.values.update": self._write,
        }

    def add(self, who: str, title: str, *rows: list[Any], id: str = "sheet1") -> str:
        self.drive.add(who, title, SPREADSHEET, b"", id=id)
        self.tabs[id] = [Tab(0, "Sheet1", [list(row) for row in rows])]
        return id

    def _of(self, call: Call) -> list[Tab] | None:
        """The tabs of a spreadsheet that the person sees; one that Drive has made has an empty one."""
        id = call.path["spreadsheetId"]
        file = self.drive.seen(call.who, id)
        if file is None or file["mimeType"] != SPREADSHEET:
            return None
        return self.tabs.setdefault(id, [Tab(0, "Sheet1")])

    def _get(self, call: Call) -> Json | Respond:
        tabs, id = self._of(call), call.path["spreadsheetId"]
        if tabs is None:
            return _NOT_FOUND
        sheets = [
            {
                "properties": {
                    "sheetId": tab.id, "title": tab.title, "index": index, "sheetType": "GRID",
                    "gridProperties": {"rowCount": 1000, "columnCount": 26}, **({"hidden": True} if tab.hidden else {}),
                }
            }
            for index, tab in enumerate(tabs)
        ]  # fmt: skip
        found: Json = {
            "spreadsheetId": id, "properties": {"title": self.drive.files[id]["name"], "timeZone": "Europe/Berlin"},
            "sheets": sheets, "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{id}/edit",
        }  # fmt: skip
        found |= {"developerMetadata": self.left[id]} if self.left.get(id) else {}
        shown = chosen(found, call.query.get("fields", "*"))
        assert isinstance(shown, dict)
        return shown

    def _read(self, call: Call) -> Json | Respond:
        place = self._place(call)
        if not isinstance(place, tuple):
            return place
        tab, (left, top, right, bottom) = place
        option = call.query.get("valueRenderOption", "FORMATTED_VALUE")
        rows = [[_shown(cell, option) for cell in row[left : right + 1]] for row in tab.rows[top : bottom + 1]]
        for row in rows:
            while row and row[-1] == "":
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        quoted = f"'{tab.title}'" if re.search(r"\W", tab.title) else tab.title
        answer: Json = {"range": f"{quoted}!{_name(left, top)}:{_name(min(right, 25), min(bottom, 999))}"}
        answer |= {"majorDimension": "ROWS"} | ({"values": rows} if rows else {})
        shown = chosen(answer, call.query.get("fields", "*"))
        assert isinstance(shown, dict)
        return shown

    def _write(self, call: Call) -> Json | Respond:
        place = self._place(call)
        if not isinstance(place, tuple):
            return place
        if not self._may_change(call):
            return _FORBIDDEN
        tab, (left, top, right, bottom) = place
        is_cell = (left, top) == (right, bottom)
        values, count = call.body["values"], 0
        for down, row in enumerate(values):
            for across, value in enumerate(row):
                if not is_cell and (top + down > bottom or left + across > right):
                    return refusal(
                        "400 Bad Request", "badRequest", "Requested writing within range, but tried writing to another"
                    )
                if value is not None:
                    entered = value if call.query["valueInputOption"] == "RAW" else _typed(value)
                    tab.put(top + down, left + across, entered)
                    count += 1
        shown = chosen(
            {"spreadsheetId": call.path["spreadsheetId"], "updatedCells": count}, call.query.get("fields", "*")
        )
        assert isinstance(shown, dict)
        return shown

    def _change(self, call: Call) -> Json | Respond:
        tabs, id = self._of(call), call.path["spreadsheetId"]
        if tabs is None:
            return _NOT_FOUND
        if not self._may_change(call):
            return _FORBIDDEN
        left = self.left.setdefault(id, [])
        requests = call.body["requests"]
        for number, request in enumerate(requests):  # all of them are looked at before one is carried out
            ((kind, what),) = request.items()
            known = {each["metadataId"] for each in left}
            if (
                kind not in ("appendCells", "createDeveloperMetadata", "deleteDeveloperMetadata")
                or (kind == "appendCells" and what["sheetId"] not in {tab.id for tab in tabs})
                or (kind == "deleteDeveloperMetadata" and _looked_up(what) not in known)
            ):
                return refusal("400 Bad Request", "badRequest", f"Invalid requests[{number}].{kind}")
        for request in requests:
            ((kind, what),) = request.items()
            if kind == "appendCells":
                tab = next(tab for tab in tabs if tab.id == what["sheetId"])
                begin = tab.end()
                for down, row in enumerate(what["rows"]):
                    for across, cell in enumerate(row["values"]):
                        tab.put(begin + down, across, _entered(cell, what["fields"]))
            elif kind == "createDeveloperMetadata":
                self.made += 1
                left.append({"metadataId": self.made, **what["developerMetadata"]})
            else:
                left[:] = [each for each in left if each["metadataId"] != _looked_up(what)]
        return {"spreadsheetId": id}

    def _may_change(self, call: Call) -> bool:
        return self.drive.people[call.path["spreadsheetId"]][f"p-{call.who}"]["role"] in ("owner", "writer")

    def _place(self, call: Call) -> tuple[Tab, tuple[int, int, int, int]] | Respond:
        """The tab and the first and last columns and rows of a range."""
        tabs = self._of(call)
        if tabs is None:
            return _NOT_FOUND
        given = call.path["range"]
        unreadable = refusal("400 Bad Request", "badRequest", f"Unable to parse range: {given}")
        name, bang, cells = given.rpartition("!")
        if not bang and (given.startswith("'") or not re.fullmatch(r"[A-Z]*\d*(:[A-Z]*\d*)?", given)):
            name, cells = given, ""
        if name.startswith("'"):
            if not re.fullmatch(r"'(?:[^']|'')*'", name):
                return unreadable
            name = name[1:-1].replace("''", "'")
        tab = next((tab for tab in tabs if tab.title == name), None) if name else next(t for t in tabs if not t.hidden)
        if tab is None:
            return unreadable
        ends = [_CELL.fullmatch(part) for part in cells.split(":")] if cells else []
        if not all(ends):
            return unreadable
        begin, end = (ends[0], ends[-1]) if ends else (None, None)
        left, top = (_column(begin[1], 0), int(begin[2] or 1) - 1) if begin else (0, 0)
        right, bottom = (_column(end[1], 10**4), int(end[2] or 10**6) - 1) if end else (10**4, 10**6)
        return tab, (left, top, right, bottom)


_NOT_FOUND = refusal("404 Not Found", "notFound", "Requested entity was not found.")
_FORBIDDEN = refusal("403 Forbidden", "forbidden", "The caller does not have permission")


def _column(letters: str, otherwise: int) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1 if letters else otherwise


def _name(column: int, row: int) -> str:
    return f"{chr(65 + column)}{row + 1}"


def _looked_up(what: Json) -> Any:
    return what["dataFilter"]["developerMetadataLookup"]["metadataId"]


def _typed(value: Any) -> Any:
    """As if a person had typed it."""
    return f"\0{value}" if isinstance(value, str) and value.startswith("=") else value


def _entered(cell: Json, fields: str) -> Any:
    assert not ("userEnteredFormat" in cell and "userEnteredFormat" not in fields)
    value = cell.get("userEnteredValue", {})
    assert len(value) <= 1
    if "formulaValue" in value:
        return f"\0{value['formulaValue']}"
    if cell.get("userEnteredFormat", {}).get("numberFormat", {}).get("type") == "DATE":
        return f"date {value['numberValue']}"
    return next(iter(value.values()), "")


def _shown(cell: Any, option: str) -> Any:
    if isinstance(cell, str) and cell.startswith("\0"):
        return cell[1:] if option == "FORMULA" else "42"
    return str(cell).upper() if isinstance(cell, bool) else str(cell) if option == "FORMATTED_VALUE" else cell
