"""``make bench``, or ``python -m benchmarks [PART ...]`` for some of it."""

import asyncio
import json
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import click
from rich.console import Console

from benchmarks.figures import Figure
from benchmarks.parts import budgets, footprint, growth, offers, plugins, recovery, sandbox, streaming, throughput, turn
from benchmarks.rig.stack import Stack, model_server, running
from benchmarks.table import markdown, table
from temporal.processes.leaving import leave

Part = Callable[[Stack], Awaitable[list[Figure]]]
TWO_WORKERS = ("recovery",)
WIDTH = 170


def parts(rounds: int, length: int) -> dict[str, Part]:
    """All parts by name, in the order in which they run."""
    few = max(5, rounds // 4)
    return {
        "footprint": lambda stack: footprint.measure(stack, few),
        "turn": lambda stack: turn.measure(stack, rounds),
        "offers": lambda stack: offers.measure(stack, rounds),
        "budgets": lambda stack: budgets.measure(stack, rounds),
        "first-word": lambda stack: streaming.first_words(stack, few),
        "stop": lambda stack: streaming.stops(stack, few),
        "throughput": lambda stack: throughput.measure(stack, turns_each=4),
        "sandbox": lambda stack: sandbox.measure(stack, rounds),
        "plugins": lambda stack: plugins.measure(stack, rounds),
        "growth": lambda stack: growth.measure(stack, length),
        "recovery": lambda stack: recovery.measure(stack, max(5, few // 2)),
    }


NAMES = tuple(parts(0, 0))


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures to this file as well.")
@click.option("--markdown", "page", type=click.Path(path_type=Path), help="Write the table to this file as well.")
@click.option("--rounds", default=40, show_default=True, envvar="ROUNDS", help="Turns of each kind.")
@click.option("--growth", "length", default=1_000, show_default=True, envvar="GROWTH", help="Turns of the long one.")
def main(names: Sequence[str], file: Path | None, page: Path | None, rounds: int, length: int) -> None:
    """Measure Clara on real processes, beside a bare workflow on the same server."""
    # Told to end, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    figures = asyncio.run(run(names or NAMES, rounds, length))
    console.print(table(figures))
    if page is not None:
        page.write_text(markdown(figures))
    if file is not None:
        file.write_text(json.dumps([figure.as_json() for figure in figures], indent=2) + "\n")
    leave(0)


async def run(names: Sequence[str], rounds: int, length: int) -> list[Figure]:
    """The chosen parts, on one home: with one worker, then those that need two."""
    chosen = {name: part for name, part in parts(rounds, length).items() if name in names}
    alone = {name: part for name, part in chosen.items() if name not in TWO_WORKERS}
    together = {name: part for name, part in chosen.items() if name in TWO_WORKERS}
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="clara-bench-") as folder:
        async with model_server() as models:
            for workers, of_these in ((1, alone), (2, together)):
                if not of_these:
                    continue
                _tell(f"starting Clara with {workers} worker{'s' if workers > 1 else ''}")
                async with running(Path(folder) / "home", models, workers) as stack:
                    for name, part in of_these.items():
                        _tell(name)
                        figures += await part(stack)
                        models.log.clear()
    return figures


_BEGAN = time.monotonic()


def _tell(what: str) -> None:
    click.echo(f"{time.monotonic() - _BEGAN:6.0f} s  {what}", err=True)


if __name__ == "__main__":
    main()
