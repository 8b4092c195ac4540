"""The audit, for people and for programs."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from adapters.cli.render.printable import one_line
from clara.errors import UserError
from clara.settings import Settings
from gateway.inspection.budgets import opened
from store import audit
from store.audit import Entry
from store.turns import inspection
from store.turns.inspection import short

_HASH = 12
"""Digits of a hash that are shown to people."""


def since(text: str, zone: str) -> datetime:
    """A date, or a time in ISO 8601, of ``zone`` where it names none. UserError if it is neither."""
    try:
        at = datetime.fromisoformat(text) if len(text) > 10 else datetime.combine(date.fromisoformat(text), time.min)
    except ValueError:
        raise UserError(f"{text!r} is no date. One looks like {datetime.now(UTC):%Y-%m-%d}.") from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


async def read(settings: Settings, limit: int, turn: str | None, user_id: str | None, begun: str | None) -> list[Entry]:
    """The newest entries that fit, oldest first; a turn is named as elsewhere."""
    at = since(begun, settings.runtime.timezone) if begun else None
    async with opened(settings) as pool:
        # One that is gone from the store, with its conversation, may still be here under its whole id.
        turn_id = (await inspection.find(pool, turn) or turn) if turn else None
        return await audit.entries(pool, limit, turn_id, user_id, at)


def as_json(found: Sequence[Entry]) -> list[dict[str, Any]]:
    return [{**asdict(each), "at": each.at.isoformat()} for each in found]


def as_text(found: Sequence[Entry]) -> str:
    return "\n".join(line for each in found for line in _lines(each)) or "Nothing is recorded."


def _lines(each: Entry) -> list[str]:
    what = each.tool if each.event == "tool" else f"{each.event} {each.tool}".rstrip()
    risk = f" ({each.risk})" if each.risk else ""
    where = f", turn {short(each.turn_id)}" if each.turn_id else ""
    place = f" step {each.step + 1}" if each.step is not None else ""
    yes = f", allowed by the {each.approver}" if each.approver else ""
    first = f"{each.at.astimezone():%Y-%m-%d %H:%M:%S}  {each.outcome:<8}{one_line(what, 100)}{risk}"
    lines = [f"{first}, for {each.user_id}{where}{place}{yes}"]
    if each.detail:
        lines.append(f"  {one_line(each.detail, 300)}")
    if each.arguments_sha256:
        size = f", {each.result_size:,} characters" if each.result_size is not None else ""
        result = f", result {each.result_sha256[:_HASH]}{size}" if each.result_sha256 else ""
        lines.append(f"  arguments {each.arguments_sha256[:_HASH]}{result}")
    return lines
