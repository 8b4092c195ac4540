"""How far a call is, as lines for its person."""

import time

from activities.plugins.running.calls import Show

SHOW_S = 0.5
"""Between two lines, however many a server sends."""

LINE_LIMIT = 200


class Progress:
    """Called by the SDK."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._at = -SHOW_S

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        if time.monotonic() - self._at < SHOW_S:
            return
        self._at = time.monotonic()
        await self._show(line(progress, total, message))


def line(progress: float, total: float | None, message: str | None) -> str:
    words = " ".join("".join(c if c.isprintable() else " " for c in message or "").split())[:LINE_LIMIT]
    share = f"{progress:g} of {total:g}" if total is not None and total > 0 else f"{progress:g}"
    if words and " of " not in share:
        return words
    return f"{words}, {share}" if words else share
