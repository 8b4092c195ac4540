"""Writes whose outcome was lost: what may be concluded about one, and how a person is told.

A look at the world that finds nothing proves nothing while the request may still be on its way, or
in the hands of a slow service. So "done" counts at any time, and "not done" only after the moment
until which the request may arrive and show.
"""

from datetime import timedelta
from typing import Literal

State = Literal["intended", "committed", "failed", "ambiguous"]
"""Of a write in the ledger. Only an ``intended`` one is still open."""

Seen = Literal["done", "not_done", "unknown", "unreachable"]
"""What a look brought: ``unknown`` is the service's last word, ``unreachable`` may pass."""

Conclusion = Literal["done", "not_done", "unknown", "wait"]

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=60)

LOOKS = 6
"""At a service that cannot be reached, while a person waits for the answer: over about a minute."""

RESULT_SHOWN = 200
"""Characters of a write's result in the reply of a turn that ended without an answer."""


def conclude(seen: Seen, remaining: timedelta, may_wait: bool, may_ask_again: bool) -> Conclusion:
    """What a look means that began ``remaining`` before the request can no longer arrive and show.

    ``may_wait`` is False at the last look, ``may_ask_again`` once a service was unreachable too often.
    "not_done" is the only conclusion after which the write may be tried again, and "wait" the only one
    that leaves it open.
    """
    early = remaining > timedelta()
    if seen == "done":
        return "done"
    if may_wait and (early or (seen == "unreachable" and may_ask_again)):
        return "wait"
    return "not_done" if seen == "not_done" and not early else "unknown"


def pause(elapsed: timedelta, remaining: timedelta, unanswered: int = 0) -> timedelta:
    """Until the next look at a write that was begun ``elapsed`` ago.

    While it may still arrive: as long as it has been under way, so that quick services are asked soon,
    but not past the moment from which "not done" counts. After that: twice as long after each of the
    looks that a service left ``unanswered``. Never longer than a minute.
    """
    if remaining > timedelta():
        return min(max(elapsed, FIRST_PAUSE), LONGEST_PAUSE, remaining)
    doubled: int = 2 ** min(unanswered, 10)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def account(name: str, state: State, result: str, will_look: bool) -> str:
    """One write of a turn that ended without an answer, for the person.

    ``name`` is the tool and what it was used on; with ``will_look`` a correction is to follow.
    """
    match state:
        case "committed":
            return f"✓ {name} had already been done{_line(result)}"
        case "failed":
            return f"✗ {name} was not done{_line(result)}"
        case "intended" if will_look:
            return f"⚠ I do not know yet whether {name} took effect. I will look and correct this message."
    return doubt(name)


def doubt(name: str) -> str:
    """The warning about a write whose outcome stays unknown."""
    return f"⚠ I do not know whether {name} took effect. I have not repeated it; please check."


def correction(name: str, state: State, result: str) -> str:
    """What became known of a write after the reply had said that it was not known yet."""
    match state:
        case "committed":
            return f"Correction: {name} was done{_line(result)}"
        case "failed":
            return f"Correction: {name} was not done and had no effect."
    return f"Correction: I could not find out whether {name} took effect. I have not repeated it; please check."


def _line(result: str) -> str:
    line = next((line.strip() for line in result.splitlines() if line.strip()), "")
    if not line:
        return "."
    return f": {line[:RESULT_SHOWN]}{'…' if len(line) > RESULT_SHOWN else ''}"
