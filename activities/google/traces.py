"""What an addition to a spreadsheet or a document leaves there, so that it is known to have been made.

Rows and paragraphs have no place for a mark, and the same ones may be there twice. So a trace goes along with them in
one request, of which Google does all or nothing: a line of metadata of a spreadsheet, which no other application sees,
and in a document the name of a range, which no page shows. Each addition takes old ones away again.
"""

from datetime import date, datetime, timedelta

from clara.tools.marks import digest

NAME = "clara"
KEPT = timedelta(days=7)
"""No call is looked for longer."""


def trace(key: str, now: datetime) -> str:
    return f"{NAME} {now:%Y-%m-%d} {digest(key)}"


def is_of(found: str, key: str) -> bool:
    return found.startswith(f"{NAME} ") and found.endswith(digest(key))


def is_old(found: str, now: datetime) -> bool:
    """Whether it is one of these that nobody looks for any more."""
    name, _, rest = found.partition(" ")
    try:
        return name == NAME and date.fromisoformat(rest.partition(" ")[0]) < (now - KEPT).date()
    except ValueError:
        return False
