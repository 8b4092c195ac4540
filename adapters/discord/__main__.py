"""``python -m adapters.discord``: serve Discord until SIGTERM. Exit code 2: a setting has to be changed first."""

import asyncio

from clara.settings import Settings
from temporal.processes import process
from temporal.processes.leaving import leave


async def _serve(settings: Settings, ended: asyncio.Event) -> None:
    # Imported here, because it takes a second and a wrong setting should be told at once.
    from adapters.discord.process import run

    await run(settings, ended)


def main() -> int:
    return process.serve(_serve)


if __name__ == "__main__":
    leave(main())
