"""``python -m tests.activities.sandbox.mortal BACKEND FOLDER BOX SCRIPT``: a worker for a test to kill in mid-run."""

import asyncio
import sys
from pathlib import Path

from activities.sandbox.backend import Command
from tests.activities.sandbox.opened import OPENED


async def main(name: str, folder: str, box: str, script: str) -> None:
    async with OPENED[name](Path(folder)) as backend:
        await backend.start(box)
        process = await backend.spawn(box, Command(["sh", "-c", script]))
        async for _, data in process.output():
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
