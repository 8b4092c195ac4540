"""The tokens and the cost of a person's messages."""

from datetime import UTC, datetime, timedelta

from adapters.commands.command import Arguments, Command, CommandResult, Request
from clara.budgets import Budget, amount, day_of
from store import budgets
from store.budgets import Terms
from store.turns import inspection, turns
from store.turns.turns import Totals


async def _usage(request: Request, _: Arguments) -> CommandResult:
    now = datetime.now(UTC).astimezone(request.zone)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    periods = (("Today", midnight), ("30 days", now - timedelta(days=30)))
    lines = [f"{name}: {await _used(request, since)}" for name, since in periods]
    return CommandResult("\n".join([*lines, *await _budgets(request)]))


async def _budgets(request: Request) -> list[str]:
    """What the person may use, and what is left. What others have used of a common budget is not told."""
    settings = request.settings
    day = day_of(datetime.now(UTC), settings.runtime.timezone)
    found = await request.door.store(budgets.standing, request.asker.id, Terms.of(settings.budgets, day))
    return [_budget(each, day.zone) for each in found]


def _budget(budget: Budget, zone: str) -> str:
    allowed, left = amount(budget.name, budget.allowed), amount(budget.name, budget.left)
    if not budget.renews:
        return f"Budget of one message: {allowed}"
    if budget.name.startswith("day-"):
        return f"Budget that all share today: {'there is some left' if budget.left else 'used up'}"
    return f"Your budget today: {left} of {allowed} left; it renews at 00:00 ({zone})"


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
