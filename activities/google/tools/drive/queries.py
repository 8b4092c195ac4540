"""What Drive is searched for: clauses of its query language, in which nothing that is given can become one."""

from collections.abc import Iterable

from clara.tools.marks import digest

MARK = "clara"
"""The property of a file that holds the mark of the call that has made it. No other application sees it."""

FOLDER = "application/vnd.google-apps.folder"
DOCUMENT = "application/vnd.google-apps.document"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
SHORTCUT = "application/vnd.google-apps.shortcut"
PRESENTATION = "application/vnd.google-apps.presentation"
DRAWING = "application/vnd.google-apps.drawing"

_KINDS = {
    "folder": f"mimeType = '{FOLDER}'",
    "document": f"mimeType = '{DOCUMENT}'",
    "spreadsheet": f"mimeType = '{SPREADSHEET}'",
    "presentation": f"mimeType = '{PRESENTATION}'",
    "pdf": "mimeType = 'application/pdf'",
    "image": "mimeType contains 'image/'",
    "video": "mimeType contains 'video/'",
}


def quoted(text: str) -> str:
    """A string of the query language."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def files(
    name: str | None = None,
    words: str | None = None,
    folder: str | None = None,
    kind: str | None = None,
    shared_with_me: bool = False,
    trashed: bool = False,
) -> str:
    """Files for which all of this is true."""
    clauses = [f"trashed = {'true' if trashed else 'false'}"]
    clauses += [f"name contains {quoted(name)}"] if name else []
    clauses += [f"fullText contains {quoted(words)}"] if words else []
    clauses += [f"{quoted(folder)} in parents"] if folder else []
    clauses += [_KINDS[kind]] if kind else []
    clauses += ["sharedWithMe = true"] if shared_with_me else []
    return _all(clauses)


def made_by(key: str) -> str:
    """What a call has made, also if it lies in the trash by now."""
    return f"appProperties has {{ key={quoted(MARK)} and value={quoted(digest(key))} }}"


def properties_of(key: str) -> dict[str, str]:
    """What a call puts on the file that it makes."""
    return {MARK: digest(key)}


def _all(clauses: Iterable[str]) -> str:
    return " and ".join(clauses)
