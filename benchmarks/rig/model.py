"""What the loopback model answers in these measurements."""

import re

from tests.loopback.models import Plan, Reply, Request, obey

PACED = re.compile(r"\[(\d+) words, (\d+) ms apart\]")

EVENTS_AROUND = 6
"""Events of a streamed answer beside its words; each is sent after the same pause."""


def answer(request: Request) -> Plan:
    """At once, as the words say; or paced, where they ask for it."""
    found = PACED.search(request.user_text)
    if found is None:
        return obey(request)
    return Reply(" ".join(["word"] * int(found[1])), pause_s=int(found[2]) / 1000)


def paced(words: int, pause_ms: int) -> str:
    """A message whose answer takes ``(words + EVENTS_AROUND) * pause_ms``."""
    return f"Please speak slowly: [{words} words, {pause_ms} ms apart]"
