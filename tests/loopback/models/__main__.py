"""``python -m tests.loopback.models --port P [--script MODULE:NAME] [--key KEY]``"""

import importlib

import click

from tests.loopback.models.plan import Script
from tests.loopback.models.server import KEY, run


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--key", default=KEY, help="the key that is accepted", show_default=True)
@click.option("--script", "where", help="MODULE:NAME of a function from a request to a plan")
def main(port: int, key: str, where: str | None) -> None:
    """Serve both APIs on 127.0.0.1 until interrupted; GET /_log tells what happened."""
    script: Script | None = None
    if where:
        module, _, name = where.partition(":")
        script = getattr(importlib.import_module(module), name)
    run(script, key, port)


main()
