"""Cells of a spreadsheet by their names, in the A1 notation that Sheets and people use."""

import re

_CELLS = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,6})?(?::\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,6})?)?")
_LETTERS = 26


def split(given: str) -> tuple[str | None, str]:
    """The tab, if it is named, and the cells, of ``'My tab'!A1:B2``; ValueError in words for a model."""
    tab, bang, cells = given.strip().rpartition("!")
    if bang and len(tab) >= 2 and tab[0] == tab[-1] == "'":
        tab = tab[1:-1].replace("''", "'")
    found = _CELLS.fullmatch(cells)
    ends = (
        [(found[1], found[2]), (found[3], found[4])]
        if found and ":" in cells
        else [(found[1], found[2])]
        if found
        else []
    )
    if not ends or not all(column or row for column, row in ends) or (len(ends) == 1 and not all(ends[0])):
        raise ValueError("give cells as A1, A1:D20, A:D or 2:10")
    return (tab or None) if bang else None, cells.replace("$", "").upper()


def join(tab: str | None, cells: str | None) -> str:
    """A range as Sheets takes it. One of the two is given."""
    named = "'" + tab.replace("'", "''") + "'" if tab else ""
    return "!".join(part for part in (named, cells) if part)


def letters(column: int) -> str:
    """The name of a column, the first being 0."""
    name, left = "", column + 1
    while left:
        left, digit = divmod(left - 1, _LETTERS)
        name = chr(ord("A") + digit) + name
    return name


def origin(given: str) -> tuple[int, int]:
    """Column and row of the upper left cell of a range that Sheets has answered, from 0."""
    found = re.search(r"!([A-Z]{0,3})(\d{0,7})(?::[A-Z]*\d*)?$", given)
    column = 0
    for letter in found[1] if found else "":
        column = column * _LETTERS + ord(letter) - ord("A") + 1
    row = int(found[2]) if found and found[2] else 1
    return max(column - 1, 0), max(row - 1, 0)
