"""The one-shot service ``migrate`` of docker-compose.yml: both servers, made ready for these processes.

It does for servers that compose has started what ``clara start`` does for embedded ones, and changes
nothing where everything is up to date.
"""

import asyncio

import click

from clara.errors import ClaraError
from clara.settings import Settings, environment, load
from gateway.servers import namespace
from gateway.servers.reached import reached
from store import migrations
from temporal.client import connect
from temporal.processes.leaving import leave


async def _prepare(settings: Settings) -> None:
    client = await connect(environment(), settings.runtime.temporal_address)
    await namespace.prepare(client, own=True)


def main() -> int:
    try:
        settings = load()
        url = settings.runtime.database_url
        if url is None or settings.runtime.embedded_temporal:
            click.echo("DATABASE_URL and TEMPORAL_ADDRESS: must be set", err=True)
            return 2
        with reached():
            changed = migrations.upgrade(url)
            asyncio.run(_prepare(settings))
    except ClaraError as error:
        click.echo(str(error), err=True)
        return 1
    click.echo(f"The schema is at {migrations.head()}{'' if changed else ', as before'}; Temporal is prepared.")
    return 0


if __name__ == "__main__":
    leave(main())
