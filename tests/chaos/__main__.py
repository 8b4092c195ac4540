"""``make chaos``: a longer run, and the account of it. TURNS, KILLS, SEED and PROVIDER choose what."""

import asyncio
import logging
import os
import tempfile
from pathlib import Path

from rich.console import Console

from temporal.leaving import leave
from tests.chaos.run import Chaos


async def main() -> int:
    turns, kills = int(os.environ.get("TURNS", "120")), int(os.environ.get("KILLS", "60"))
    seed = int(os.environ.get("SEED", "1"))
    console = Console()
    logging.getLogger().addHandler(logging.NullHandler())  # that connections break is what this is about
    failed = False
    for provider in os.environ.get("PROVIDER", "anthropic,openai").split(","):
        with tempfile.TemporaryDirectory(prefix="clara-chaos-") as folder:
            account = await Chaos(Path(folder) / "home", provider, turns, kills, seed, conversations=6).run()
        console.print(f"[bold]{provider}[/], seed {seed}: {account.accepted} accepted in {account.seconds:.0f} s")
        console.print(f"  killed {dict(account.kills)}, {account.kills_in_turns} of them while turns ran")
        console.print(f"  {account.doubtful} effects of unknown outcome, all told to the person")
        for fault in account.faults:
            failed = True
            console.print(f"  [red]{fault}")
        if not account.faults:
            console.print("  0 unanswered, 0 answered twice, 0 effects repeated, 0 out of order")
    return 1 if failed else 0


if __name__ == "__main__":
    leave(asyncio.run(main()))
