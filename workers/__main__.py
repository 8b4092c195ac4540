"""``python -m workers [ROLE …]``: run workflows and activities until SIGTERM; without a name, those of all roles."""

import asyncio
import sys
from collections.abc import Sequence

from clara.settings import Settings
from temporal.processes import process
from temporal.processes.leaving import leave


def main(names: Sequence[str]) -> int:
    async def serve(settings: Settings, ended: asyncio.Event) -> None:
        # Imported here, because it takes two seconds and a wrong setting should be told at once.
        from workers.serving import run

        await run(settings, ended, names)

    return process.serve(serve)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
