"""What models and tools were used, as tables and for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from rich.console import Console
from rich.table import Table

from clara.budgets import day_of
from clara.llm.history import CHARACTERS_PER_TOKEN
from clara.settings import Settings
from gateway.inspection.budgets import opened
from store.turns import usage
from store.turns.usage import By, ToolUsed, Used


@dataclass(frozen=True)
class Usage:
    calls: Mapping[By, Sequence[Used]]
    tools: Sequence[ToolUsed]

    def as_json(self) -> dict[str, Any]:
        by: dict[str, Any] = {
            name: [{**asdict(each), "cost_usd": float(each.cost_usd)} for each in self.calls[name]]
            for name in self.calls
        }
        return {**by, "tool": [{**asdict(each), "tokens": _tokens(each)} for each in self.tools]}


async def read(settings: Settings, days: int, user_id: str | None) -> Usage:
    """Of so many days with today, as they are where Clara is at home."""
    zone = settings.runtime.timezone
    since = day_of(datetime.now(UTC) - timedelta(days=days - 1), zone).start
    async with opened(settings) as pool:
        kinds: tuple[By, ...] = get_args(By)
        calls = {by: await usage.used(pool, by, since, zone, user_id) for by in kinds}
        return Usage(calls, await usage.tools(pool, since, user_id))


def as_text(found: Usage, by: str, columns: int | None) -> str:
    rows = _tools(found.tools) if by == "tool" else _calls(by, next(found.calls[k] for k in found.calls if k == by))
    if len(rows) < 2:
        return "Nothing was used."
    table = Table(*rows[0], box=None, pad_edge=False, header_style="")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows[1:]:
        table.add_row(*row)
    console = Console(width=max(columns or 200, 40), color_system=None, soft_wrap=columns is None)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def _calls(by: str, found: Sequence[Used]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [(by.upper(), "CALLS", "READ", "CACHED", "WRITTEN", "COST", "PRICE UNKNOWN")]
    rows += [
        (
            each.of,
            f"{each.calls:,}",
            f"{each.input_tokens:,}",
            f"{each.cached_tokens:,}",
            f"{each.output_tokens:,}",
            f"${each.cost_usd:,.4f}",
            f"{each.unpriced:,}" if each.unpriced else "",
        )
        for each in found
    ]
    return rows


def _tools(found: Sequence[ToolUsed]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("TOOL", "CALLS", "FAILED", "TOKENS OF OUTPUT")]
    rows += [
        (each.tool, f"{each.calls:,}", f"{each.failed:,}" if each.failed else "", f"{_tokens(each):,}")
        for each in found
    ]
    return rows


def _tokens(each: ToolUsed) -> int:
    """About what the model read, each time it read it."""
    return int(each.characters / CHARACTERS_PER_TOKEN)
