"""The tokens and the cost of a person's messages."""

from datetime import UTC, datetime, timedelta

from adapters.commands.command import Arguments, Command, CommandResult, Request
from store.turns import inspection, turns
from store.turns.turns import Totals


async def _usage(request: Request, _: Arguments) -> CommandResult:
    now = datetime.now(UTC).astimezone(request.zone)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    periods = (("Today", midnight), ("30 days", now - timedelta(days=30)))
    return CommandResult("\n".join([f"{name}: {await _used(request, since)}" for name, since in periods]))


async def _used(request: Request, since: datetime) -> str:
    totals = await request.door.store(turns.usage, request.asker.id, since)
    ends = await request.door.store(inspection.ends, request.asker.id, since)
    count = sum(ends.values())
    if not count and not totals.turns:
        return "nothing"
    without_answer = ", ".join(f"{ends[end]:,} {end}" for end in ("stopped", "failed") if end in ends)
    return (
        f"{count:,} {'message' if count == 1 else 'messages'}{f' ({without_answer})' if without_answer else ''}, "
        f"{totals.input_tokens:,} tokens read ({totals.cached_tokens:,} from the cache), "
        f"{totals.output_tokens:,} written, {_cost(totals)}"
    )


def _cost(totals: Totals) -> str:
    if not totals.steps:
        return "no model was asked"
    return "the cost is not known" if totals.cost_usd is None else f"${totals.cost_usd:,.4f}"


USAGE = Command("usage", "Show the tokens and the cost of your messages", _usage)
