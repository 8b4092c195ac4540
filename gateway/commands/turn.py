"""turn show ID [--json]."""

import click


@click.group()
def turn() -> None:
    """Look at single turns."""


@turn.command()
@click.argument("turn_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(turn_id: str, as_json: bool) -> None:
    """Show what was asked and answered, in which steps, and what is still being tried."""
    import asyncio
    import json

    from clara.settings import load
    from gateway import turn
    from gateway.reached import reached

    with reached():
        found = asyncio.run(turn.inspect(load(), turn_id))
    click.echo(json.dumps(turn.as_json(found), indent=2) if as_json else turn.as_text(found))
