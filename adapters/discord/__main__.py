"""``python -m adapters.discord``: serve Discord until SIGTERM. Exit code 2: a setting has to be changed first."""

import asyncio
import logging
import signal
import sys

from clara.errors import Misconfigured
from clara.settings import Settings, load


async def _serve(settings: Settings) -> None:
    # Imported here, because it takes a second and a wrong setting should be told at once.
    from adapters.discord.process import run

    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await run(settings, ended)


def main() -> int:
    try:
        settings = load()
        logging.basicConfig(
            level=settings.runtime.log_level,
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
            stream=sys.stderr,
        )
        asyncio.run(_serve(settings))
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
