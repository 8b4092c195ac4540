"""``make chaos LONG=1``: 10,000 messages under 2,000 kills, in legs with a seed each; takes a night.

Prints a row of docs/guarantees.md after each leg, and their sum at the end. LEGS and SEED choose a part.
"""

import asyncio
import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from temporal import client as temporal_client
from temporal.processes.leaving import leave
from tests.chaos.run import Account, Chaos

LEGS = 20
TURNS, KILLS = 500, 100
CONVERSATIONS = 3
"""At once: few, so that several legs can run side by side and each kill still hits a turn."""

PROVIDERS = ("anthropic", "openai")
HEAD = "| seed | provider | messages | kills | lost | answered twice | writes repeated | outcomes unknown, told |"


async def main() -> int:
    first, legs = int(os.environ.get("SEED", "1")), int(os.environ.get("LEGS", LEGS))
    logging.getLogger().addHandler(logging.NullHandler())  # that connections break is what this is about
    temporal_client.quiet()
    console = Console(soft_wrap=True)
    console.print(HEAD, "|---" * 8 + "|", sep="\n", markup=False)
    accounts: list[Account] = []
    for seed in range(first, first + legs):
        provider = PROVIDERS[seed % len(PROVIDERS)]
        with tempfile.TemporaryDirectory(prefix="clara-chaos-") as folder:
            account = await Chaos(
                Path(folder) / "home", provider, TURNS, KILLS, seed, conversations=CONVERSATIONS
            ).run()
        accounts.append(account)
        console.print(row(str(seed), provider, [account]), markup=False)
        for fault in account.faults:
            console.print(fault, markup=False)
    console.print(row("all", "both", accounts), markup=False)
    return 1 if any(account.faults for account in accounts) else 0


def row(seed: str, provider: str, accounts: Sequence[Account]) -> str:
    """One line of the table; what was not told counts against the last column."""
    lost = sum(len(a.unanswered) + len(a.wrong) + len(a.missing) for a in accounts)
    messages, kills = sum(a.accepted for a in accounts), sum(a.kills.total() for a in accounts)
    doubtful, untold = sum(a.doubtful for a in accounts), sum(len(a.untold) for a in accounts)
    cells = (
        *(seed, provider, f"{messages:,}", f"{kills:,}"),
        *(lost, sum(len(a.answered_twice) for a in accounts), sum(len(a.repeated) for a in accounts)),
        f"{doubtful}, {doubtful - untold}",
    )
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    leave(asyncio.run(main()))
