"""secrets new | rotate."""

import click

from clara.invocation import call


@click.group()
def secrets() -> None:
    """The key that tokens and passwords are encrypted with in the database."""


@secrets.command()
def new() -> None:
    """Print a new key, for CLARA_SECRET_KEY. It changes nothing."""
    from clara.sources.keyfile import new_key

    click.echo(new_key())


@secrets.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def rotate(as_json: bool) -> None:
    """Encrypt every secret with a new key.

    Where CLARA_SECRET_KEY is set, put a new key in front of the one there, with a comma between them, and restart Clara
    first; afterwards the former one can be removed. Otherwise a new key is made in CLARA_HOME, and nothing has to be
    restarted.
    """
    import asyncio
    import json
    from dataclasses import asdict

    from clara.settings import load
    from gateway.console.window import columns, wrapped
    from gateway.servers.reached import reached
    from gateway.servers.sealing import rotate as rotated

    with reached():
        done = asyncio.run(rotated(load()))
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    if done.by_setting and not done.former:
        key = (
            "the key of CLARA_SECRET_KEY, which is the only one there. To change it, put a new one in front of it, "
            f"with a comma between them ({call('secrets new')} makes one), restart Clara and repeat this."
        )
    elif done.by_setting:
        key = "the first key of CLARA_SECRET_KEY. The others can be removed from it."
    else:
        key = "a new key, which is in secret_key in CLARA_HOME. Keep a copy of it apart from the database."
    number = "1 secret is" if done.secrets == 1 else f"{done.secrets:,} secrets are"
    click.echo(wrapped(f"{number} encrypted with {key}", columns()))
