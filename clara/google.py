"""What Clara may be allowed to do with an account at Google."""

from collections.abc import Iterable, Mapping

_AT = "https://www.googleapis.com/auth/"

CALENDAR = f"{_AT}calendar"
SHEETS = f"{_AT}spreadsheets"
DOCS = f"{_AT}documents"
DRIVE_READ = f"{_AT}drive.readonly"
DRIVE_OWN = f"{_AT}drive.file"
"""Files that were made with Clara, and no others."""

ALLOWS: Mapping[str, str] = {
    CALENDAR: "see and change your calendars",
    SHEETS: "see and change your spreadsheets",
    DOCS: "see and change your documents",
    DRIVE_READ: "see your files in Drive",
    DRIVE_OWN: "make files in Drive, and change those",
}
"""What is asked for, each as the rest of "I may". A person may untick any of it at Google."""

IDENTITY = ("openid", "email")
"""Whose account it is."""


def allowed(scopes: Iterable[str]) -> tuple[str, ...]:
    """What a person is told of the scopes that were granted."""
    granted = set(scopes)
    return tuple(words for scope, words in ALLOWS.items() if scope in granted)
