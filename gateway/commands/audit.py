"""audit [--turn ID] [--person ID] [--since DATE] [-n NUMBER] [--json]."""

import click


@click.command()
@click.option("--turn", metavar="ID", help="Of this turn: its id, how its message's id begins, or last.")
@click.option("--person", metavar="ID", help="Of this person: a name at this terminal, or discord:1234.")
@click.option("--since", metavar="DATE", help="From this date on, such as 2026-11-28, or a time in ISO 8601.")
@click.option(
    "-n", "number", type=click.IntRange(1, 100_000), default=50, show_default=True, help="So many, the newest."
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def audit(turn: str | None, person: str | None, since: str | None, number: int, as_json: bool) -> None:
    """Show what ran: for whom, by whose yes, with which arguments (their hash), and what came of it; oldest first."""
    import asyncio

    from adapters.cli.render.printable import as_json as to_json
    from clara.settings import load
    from gateway.console.window import columns, wrapped
    from gateway.inspection import audit as inspection
    from gateway.inspection.people import whom
    from gateway.servers.reached import reached

    with reached():
        found = asyncio.run(inspection.read(load(), number, turn, whom(person) if person else None, since))
    click.echo(
        to_json(inspection.as_json(found), indent=2) if as_json else wrapped(inspection.as_text(found), columns())
    )
