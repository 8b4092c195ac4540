"""Looking for what a call has made, by the mark that it carries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from activities.github.asking import Asking
from activities.github.client import PER_PAGE
from activities.tools.tool import Context, Verdict
from clara.tools.marks import mark

LOOKED_AT_PAGES = 3
MADE_WITHIN = timedelta(days=1)
"""A look for what was made goes so far back."""

CLOCKS = timedelta(minutes=5)
"""GitHub's clock and ours may differ by so much."""

NEWEST_FIRST = {"sort": "created", "direction": "desc"}

Told = Callable[[dict[str, Any]], str]


def begin(context: Context) -> str:
    """Before this nothing of a call was made; as GitHub writes times."""
    return (context.now - MADE_WITHIN).strftime("%Y-%m-%dT%H:%M:%SZ")


def just_before(context: Context) -> str:
    """As ``begin``, for what has no mark and is known by what it is: as little else as possible fits."""
    return (context.now - CLOCKS).strftime("%Y-%m-%dT%H:%M:%SZ")


async def by_mark(ask: Asking, context: Context, path: str, query: dict[str, Any], told: Told) -> Verdict:
    """Whether what has the mark of the call in its body is there. Unknown if there is more than a look reads."""
    for page in range(1, LOOKED_AT_PAGES + 1):
        answer = await ask(context, "GET", path, query={**query, "page": page, "per_page": PER_PAGE})
        for each in answer.data:
            if mark(context.key) in (each.get("body") or ""):
                return Verdict("done", told(each))
        newest_first = query.get("direction") == "desc"
        if not answer.more or (newest_first and answer.data and answer.data[-1]["created_at"] < begin(context)):
            return Verdict("not_done")
    return Verdict("unknown")
