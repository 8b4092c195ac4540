"""``make chaos``: a longer run, and the account of it. TURNS, KILLS, SEED and PROVIDER choose what."""

import asyncio
import logging
import os
import tempfile
from pathlib import Path
from statistics import median

from rich.console import Console

from temporal import client as temporal_client
from temporal.processes.leaving import leave
from tests.chaos.absence import Absence
from tests.chaos.run import Chaos
from tests.chaos.slow import SlowServices


async def main() -> int:
    turns, kills = int(os.environ.get("TURNS", "120")), int(os.environ.get("KILLS", "60"))
    seed = int(os.environ.get("SEED", "1"))
    console = Console()
    logging.getLogger().addHandler(logging.NullHandler())  # that connections break is what this is about
    temporal_client.quiet()
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
    failed = await slow_services(console, seed) or failed
    failed = await long_absences(console, seed) or failed
    return 1 if failed else 0


async def slow_services(console: Console, seed: int) -> bool:
    """Kills and stops in the middle of writes that take long; whether anything was wrong."""
    with tempfile.TemporaryDirectory(prefix="clara-chaos-") as folder:
        account = await SlowServices(Path(folder) / "home", seed).run()
    console.print(
        f"[bold]slow services[/], seed {seed}: {account.writes} writes, {account.kills} kills in their middle"
    )
    console.print(f"  {account.stops} stopped in the middle, after {median(account.stop_s):.2f} s at the median")
    for fault in account.faults:
        console.print(f"  [red]{fault}")
    if not account.faults:
        console.print("  0 writes repeated, 0 lost, every stopped one told and corrected")
    return bool(account.faults)


async def long_absences(console: Console, seed: int) -> bool:
    """Waiting turns, a weekend switched off, a database that is away; whether anything was wrong."""
    with tempfile.TemporaryDirectory(prefix="clara-chaos-") as folder:
        account = await Absence(Path(folder) / "home", seed).run()
    console.print(
        f"[bold]long absences[/], seed {seed}: {account.accepted} accepted, {account.waited} waited for somebody"
    )
    console.print(f"  {account.kills} kills; everything off for a weekend; the database away; limits scaled down")
    for fault in account.faults:
        console.print(f"  [red]{fault}")
    if not account.faults:
        console.print("  0 unanswered, 0 failed, 0 writes repeated")
    return bool(account.faults)


if __name__ == "__main__":
    leave(asyncio.run(main()))
